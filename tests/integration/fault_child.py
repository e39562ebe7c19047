"""A step in a process of its own, which can be killed at a chosen point or kept from writing."""

import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection, wait
from types import CodeType, FrameType
from typing import Any

from qinglian import pipeline
from qinglian.extract.reader import read_batches
from qinglian.gate.checkpoint import Gate
from qinglian.ingest import TableIngest
from qinglian.landing import batches
from qinglian.landing.window_load import WindowLoad
from qinglian.quarantine.decisions import Author, DecisionError
from qinglian.quarantine.release import release_rows
from qinglian.quarantine.rows import Filters
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

#: Children are forked from a process that has imported what an ingest needs. It finds installed
#: packages only, so this module is not among them.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["great_expectations", "pandas", "qinglian.pipeline", "qinglian.quarantine.release"]
)

AUTHOR = Author("李敏", "与医院财务科核对单据")
SETTLEMENTS = Filters(table="his_settle")
_PACKAGE = f"{os.sep}qinglian{os.sep}"

#: Function -> the step of an ingest that lasts as long as it runs.
_STEPS: Mapping[CodeType, str] = {
    TableIngest._fill.__code__: "extract",
    read_batches.__code__: "extract",
    TableIngest._land.__code__: "land",
    TableIngest._write_parts.__code__: "land",
    Gate.check.__code__: "gate",
    Gate.check_silent.__code__: "gate",
    batches.load.__code__: "load",
    WindowLoad._load.__code__: "load",
    batches.reject.__code__: "load",
}
STEPS_OF_AN_INGEST = frozenset(_STEPS.values())


@dataclass(frozen=True)
class Kill:
    """SIGKILL at the `call`-th call of a function of ours within `step`, `delay` seconds later.

    Without a delay the process dies right at the call; with one it dies wherever it is by then,
    which may be within a statement of the database.
    """

    step: str
    call: int
    delay: float = 0.0


class CallCounter:
    """Counts the calls of this package's functions by step, in all threads."""

    def __init__(self, outermost: str, kill: Kill | None, channel: Connection) -> None:
        """`outermost` is the step of what no function of `_STEPS` is running for."""
        self.calls: dict[str, int] = defaultdict(int)
        self.reached = False
        self._kill = kill
        self._channel = channel
        self._steps = {} if outermost == "release" else _STEPS
        self._stacks: dict[int, list[str]] = defaultdict(lambda: [outermost])

    def __call__(self, frame: FrameType, event: str, _: Any) -> "CallCounter | None":
        """A trace function: called at every call, and at the return of our functions alone."""
        if _PACKAGE not in frame.f_code.co_filename:
            return None
        if event == "call":
            frame.f_trace_lines = False
            self._called(frame.f_code)
        elif event == "return" and frame.f_code in self._steps:
            self._stacks[threading.get_ident()].pop()
        return self

    def _called(self, code: CodeType) -> None:
        stack = self._stacks[threading.get_ident()]
        if step := self._steps.get(code):
            stack.append(step)
        self.calls[stack[-1]] += 1
        kill = self._kill
        if kill and (kill.step, kill.call) == (stack[-1], self.calls[stack[-1]]):
            self.die()

    def die(self) -> None:
        """Be killed now, or by the parent when the delay is over."""
        assert self._kill is not None
        if not self._kill.delay:
            os.kill(os.getpid(), signal.SIGKILL)
        self._channel.send("reached")
        self.reached = True

    def __enter__(self) -> "CallCounter":
        threading.settrace(self)
        sys.settrace(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)


def _ingest(settings: Settings, server: Server, as_of: date) -> None:
    pipeline.ingest(settings, server, "his_test", as_of)


def _release(settings: Settings, server: Server, _: date) -> None:
    release_rows(settings, server, SETTLEMENTS, AUTHOR)


def _detect(settings: Settings, _server: Server, as_of: date) -> None:
    os.environ["QINGLIAN_HOME"] = str(settings.home)
    pipeline.detect(as_of)


#: Name of a piece of work -> what does it.
_WORK: Mapping[str, Callable[[Settings, Server, date], None]] = {
    "ingest": _ingest,
    "release": _release,
    "detect": _detect,
}


def _run(
    work: str,
    settings: Settings,
    server: Server,
    as_of: date,
    kill: Kill | None,
    counts: bool,
    largest_file: int | None,
    channel: Connection,
) -> None:
    """Do the work and answer with calls by step and the error; a kill may come before."""
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    error = None
    counter = CallCounter(work, kill, channel)
    try:
        if kill and work == "detect":  # by the clock alone: dbt makes millions of calls
            channel.send("reached")
        with counter if counts else nullcontext():
            _WORK[work](settings, server, as_of)
    except (pipeline.IngestError, DecisionError) as failure:
        error = str(failure)
    if kill:  # it ended before the kill, which then comes at its very end
        if not counter.reached and work != "detect":
            channel.send("reached")
        signal.pause()
    channel.send((dict(counter.calls), error))


class Child:
    """A step in a process of its own."""

    def __init__(
        self,
        work: str,
        settings: Settings,
        server: Server,
        as_of: date,
        kill: Kill | None = None,
        *,
        counts: bool = False,
        largest_file: int | None = None,
    ) -> None:
        """Start it; `work` is a key of `_WORK`, `largest_file` a limit in bytes.

        It `counts` its calls only when asked to or to be killed at one: that takes time.
        """
        counts = counts or (kill is not None and work != "detect")
        self._kill = kill
        self._channel, theirs = PROCESSES.Pipe()
        self._process = PROCESSES.Process(
            target=_run,
            args=(work, settings, server, as_of, kill, counts, largest_file, theirs),
            daemon=True,
        )
        self._process.start()
        theirs.close()

    def result(self) -> tuple[dict[str, int], str | None]:
        """Calls by step and the error, when it has ended."""
        answer: tuple[dict[str, int], str | None] | None = self._received()
        self._process.join()
        assert answer is not None, f"it died with exit code {self._process.exitcode}"
        return answer

    def wait_for_kill(self) -> None:
        """Return when the process was killed where its `kill` says."""
        assert self._kill is not None
        if self._received() == "reached":
            time.sleep(self._kill.delay)
            self._process.kill()
        self._process.join()
        assert self._process.exitcode == -signal.SIGKILL, self._process.exitcode

    def _received(self) -> Any:
        """What the process sends next; None when it ends without a word."""
        wait([self._channel, self._process.sentinel])
        try:
            return self._channel.recv() if self._channel.poll() else None
        except EOFError:
            return None
