"""Copies the parts of a window while later ones are still written and judged.

All of it is one transaction, which commits when the whole window is landed: until then nothing of
it counts, and what a crash leaves is landed and not loaded.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import TypeAlias

from qinglian.contracts import Contract
from qinglian.landing.batches import Gated, LandedBatch, Loaded, close, copy
from qinglian.warehouse.transaction import transaction

#: Waits for the gate and gives the row numbers that it holds back; None where a batch stops there.
RowsHeldBack: TypeAlias = Callable[[], frozenset[int] | None]


@dataclass(frozen=True)
class _Landed:
    batch: LandedBatch
    file: Path
    held_back: RowsHeldBack


class _AbandonedError(Exception):
    """The window could not be landed whole: what was copied of it is rolled back."""


#: The window is landed whole; and: it never will be.
_WHOLE, _ABANDONED = "whole", "abandoned"


class WindowLoad:
    """The load of one window; the thread that copies begins with the first part."""

    def __init__(self, url: str, contract: Contract, landing_dir: Path) -> None:
        """`url` is that of the loader; verdicts are kept in `landing_dir`."""
        self._url = url
        self._contract = contract
        self._landing_dir = landing_dir
        self._coming: SimpleQueue[_Landed | str] = SimpleQueue()
        self._worker = ThreadPoolExecutor(1, "load")
        self._loading: Future[list[Loaded]] | None = None

    def __enter__(self) -> "WindowLoad":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._coming.put(_ABANDONED)  # read by nobody after `finish`
        self._worker.shutdown()

    def add(self, batch: LandedBatch, file: Path, held_back: RowsHeldBack) -> None:
        """Copy a landed part as soon as the gate has judged it and those before are copied."""
        self._coming.put(_Landed(batch, file, held_back))
        if self._loading is None:
            self._loading = self._worker.submit(self._load)

    def finish(self) -> list[Loaded]:
        """Load what was added, when the whole window is landed; returns what was loaded.

        The first part that stops at the gate, and all parts after it, are left as they are. An
        error of the load leaves all of them.
        """
        if self._loading is None:
            return []
        self._coming.put(_WHOLE)
        return self._loading.result()

    def _load(self) -> list[Loaded]:
        with transaction(self._url) as tx:
            copied = [copy(tx, gated, self._contract) for gated in self._gated()]
            return close(tx, [loaded for loaded in copied if loaded], self._landing_dir)

    def _gated(self) -> Iterator[Gated]:
        """Parts as they come from the gate, until the window is whole."""
        stopped = False
        while (landed := self._coming.get()) != _WHOLE:
            if isinstance(landed, str):
                raise _AbandonedError
            held_back = None if stopped else landed.held_back()
            stopped = held_back is None
            if held_back is not None:
                yield Gated(landed.batch, landed.file, held_back)
