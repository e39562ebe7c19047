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

from qinglian import pipeline, run_record
from qinglian.backfill import BackfillError, BackfillPlan, backfill
from qinglian.deep_reload import deep_reload
from qinglian.extract.reader import read_batches
from qinglian.gate.checkpoint import Gate
from qinglian.ingest import TableIngest
from qinglian.landing import batches
from qinglian.landing.journal import Journal
from qinglian.landing.window_load import WindowLoad
from qinglian.quarantine.decisions import Author, DecisionError
from qinglian.quarantine.release import release_rows
from qinglian.quarantine.rows import Filters
from qinglian.settings import Settings
from qinglian.transform import BUILD, run_dbt
from qinglian.warehouse.server import Server

#: Children are forked from a process that has imported what an ingest needs. It finds installed
#: packages only, so this module is not among them.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["great_expectations", "pandas", "qinglian.pipeline", "qinglian.quarantine.release"]
)

ASKED_BY = "two tasks of a DAG"
AUTHOR = Author("李敏", "与医院财务科核对单据")
BACKFILL_FROM = date(2024, 11, 20)
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
    run_record.begin_run.__code__: "ledger",
    run_record.end_run.__code__: "ledger",
    run_record._close_killed_runs.__code__: "ledger",
    Journal.catch_up.__code__: "ledger",
    TableIngest._remove_orphans.__code__: "ledger",
}
STEPS_OF_AN_INGEST = frozenset(_STEPS.values())


#: What a child that shall be killed says: its delay begins, or it came to its end before the kill.
_REACHED, _ENDED = "reached", "ended"


@dataclass(frozen=True)
class Kill:
    """SIGKILL at the `call`-th call of a function of ours within `step`, `delay` seconds later.

    Without a delay the process dies right at the call; with one it dies wherever it is by then,
    which may be within a statement of the database.
    """

    step: str
    call: int
    delay: float = 0.0


#: By step, how many seconds passed from each call until the next event of its thread.
Calls = dict[str, list[float]]


class CallCounter:
    """Notes the calls of this package's functions by step, in all threads, and when they came."""

    def __init__(self, outermost: str, kill: Kill | None, channel: Connection) -> None:
        """`outermost` is the step of what no function of `_STEPS` is running for."""
        self.calls: Calls = defaultdict(list)
        self._kill = kill
        self._channel = channel
        self._steps = _STEPS if outermost in _INGESTS else {}
        self._stacks: dict[int, list[str]] = defaultdict(lambda: [outermost])
        #: The last call of each thread: its step, its number there, and when it came.
        self._latest: dict[int, tuple[str, int, float]] = {}

    def __call__(self, frame: FrameType, event: str, _: Any) -> "CallCounter | None":
        """A trace function: called at every call, and at the return of our functions alone."""
        if _PACKAGE not in frame.f_code.co_filename:
            return None
        if event == "call":
            frame.f_trace_lines = False
            self._called(frame.f_code)
        elif event == "return" and frame.f_code in self._steps:
            thread = threading.get_ident()
            self._stacks[thread].pop()
            self._time_passed(thread)
        return self

    def _called(self, code: CodeType) -> None:
        thread = threading.get_ident()
        stack = self._stacks[thread]
        if begun := self._steps.get(code):
            stack.append(begun)
        step = stack[-1]
        calls = self.calls[step]
        calls.append(0.0)
        kill = self._kill
        if kill and (kill.step, kill.call) == (step, len(calls)):
            self.die()
        self._latest[thread] = (step, len(calls) - 1, self._time_passed(thread))

    def _time_passed(self, thread: int) -> float:
        """Note how long the last call of a thread was the last; returns the time."""
        now = time.perf_counter()
        if latest := self._latest.pop(thread, None):
            step, number, came = latest
            self.calls[step][number] = now - came
        return now

    def die(self) -> None:
        """Be killed now, or by the parent when the delay is over."""
        assert self._kill is not None
        if not self._kill.delay:
            os.kill(os.getpid(), signal.SIGKILL)
        self._channel.send(_REACHED)

    def __enter__(self) -> "CallCounter":
        threading.settrace(self)
        sys.settrace(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)


def _ingest(settings: Settings, server: Server, as_of: date) -> None:
    pipeline.ingest(settings, server, "his_test", as_of)


def _collect(settings: Settings, server: Server, as_of: date) -> None:
    pipeline.collect(settings, server, "his_test", as_of)


def _deep_reload(settings: Settings, server: Server, as_of: date) -> None:
    deep_reload(settings, server, "his_test", as_of, days=365)


def _backfill(settings: Settings, server: Server, as_of: date) -> None:
    backfill(settings, server, ["his_test"], BackfillPlan(BACKFILL_FROM, as_of))


def _release(settings: Settings, server: Server, _: date) -> None:
    release_rows(settings, server, SETTLEMENTS, AUTHOR)


def _detect(settings: Settings, _server: Server, as_of: date) -> None:
    os.environ["QINGLIAN_HOME"] = str(settings.home)
    pipeline.detect(as_of)


def _build(settings: Settings, server: Server, as_of: date) -> None:
    """The first tasks of the DAG `detect`: all up to the marts."""
    os.environ["QINGLIAN_HOME"] = str(settings.home)
    pipeline.identify_suppliers(as_of)
    pipeline.look_for_news(as_of, ASKED_BY)
    run_dbt(server, BUILD, as_of)


def _record(settings: Settings, _server: Server, as_of: date) -> None:
    """Its last task: the leads come into the ledger, and the marts are checked."""
    os.environ["QINGLIAN_HOME"] = str(settings.home)
    pipeline.check_marts(as_of, ASKED_BY)


#: Name of a piece of work -> what does it.
WORK: Mapping[str, Callable[[Settings, Server, date], None]] = {
    "ingest": _ingest,
    "collect": _collect,
    "deep_reload": _deep_reload,
    "backfill": _backfill,
    "release": _release,
    "detect": _detect,
    "build": _build,
    "record": _record,
}
#: Work that goes through the steps of an ingest.
_INGESTS = ("ingest", "collect", "deep_reload", "backfill")
#: Killed by the clock alone: dbt makes millions of calls.
_NOT_COUNTED = ("detect", "build")


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
        if kill and work in _NOT_COUNTED:
            channel.send(_REACHED)
        with counter if counts else nullcontext():
            WORK[work](settings, server, as_of)
    except (pipeline.IngestError, BackfillError, DecisionError) as failure:
        error = str(failure)
    if kill:
        channel.send(_ENDED)
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
        """Start it; `work` is a key of `WORK`, `largest_file` a limit in bytes.

        It `counts` its calls only when asked to or to be killed at one: that takes time.
        """
        counts = counts or (kill is not None and work not in _NOT_COUNTED)
        self._kill = kill
        self._channel, theirs = PROCESSES.Pipe()
        self._process = PROCESSES.Process(
            target=_run,
            args=(work, settings, server, as_of, kill, counts, largest_file, theirs),
            daemon=True,
        )
        self._process.start()
        theirs.close()

    def result(self) -> tuple[Calls, str | None]:
        """Calls by step and the error, when it has ended."""
        answer: tuple[Calls, str | None] | None = self._received()
        self._process.join()
        assert answer is not None, f"it died with exit code {self._process.exitcode}"
        return answer

    def was_killed(self) -> bool:
        """Whether it was killed where its `kill` says, and not after all its work was done."""
        assert self._kill is not None
        said = self._received()
        if said == _REACHED:
            self._process.join(self._kill.delay)
            self._process.kill()
            said = self._received()
        self._process.kill()
        self._process.join()
        assert self._process.exitcode == -signal.SIGKILL, self._process.exitcode
        return said != _ENDED

    def _received(self) -> Any:
        """What the process sends next; None when it ends without a word."""
        wait([self._channel, self._process.sentinel])
        try:
            return self._channel.recv() if self._channel.poll() else None
        except EOFError:
            return None
