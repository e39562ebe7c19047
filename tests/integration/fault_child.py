"""An ingest in a process of its own that is killed at a chosen call of a function of ours."""

import multiprocessing
import os
import signal
import sys
import threading
from datetime import date
from types import FrameType
from typing import Any

from qinglian.pipeline import IngestError, ingest
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

#: Children are forked from a process that has imported what an ingest needs.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["fault_child", "great_expectations", "pandas"])

_PACKAGE = f"{os.sep}qinglian{os.sep}"


class CallCounter:
    """Counts the calls of this package's functions, in all threads; kills at number `fatal`."""

    def __init__(self, fatal: int | None) -> None:
        self.calls = 0
        self._fatal = fatal

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and _PACKAGE in frame.f_code.co_filename:
            self.calls += 1
            if self.calls == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    def __enter__(self) -> "CallCounter":
        threading.setprofile(self)
        sys.setprofile(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)


def ingest_counting(
    settings: Settings, server: Server, source_id: str, as_of: date, fatal: int | None, answer: Any
) -> None:
    """Ingest and answer with the number of calls and the error, unless killed before."""
    with CallCounter(fatal) as counter:
        error = None
        try:
            ingest(settings, server, source_id, as_of)
        except IngestError as failure:
            error = str(failure)
    answer.put((counter.calls, error))


class Child:
    """An ingest in a process of its own."""

    def __init__(
        self,
        settings: Settings,
        server: Server,
        source_id: str,
        as_of: date,
        fatal: int | None = None,
    ) -> None:
        """Start it; `fatal` is the number of the call at which it is killed."""
        self._answer = PROCESSES.Queue()
        self._process = PROCESSES.Process(
            target=ingest_counting,
            args=(settings, server, source_id, as_of, fatal, self._answer),
        )
        self._process.start()

    def result(self) -> tuple[int, str | None] | None:
        """Calls made and error, when it has ended; None where it was killed."""
        self._process.join()
        if self._process.exitcode == -signal.SIGKILL:
            return None
        assert self._process.exitcode == 0, f"died with exit code {self._process.exitcode}"
        answer: tuple[int, str | None] = self._answer.get()
        return answer
