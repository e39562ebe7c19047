"""`qinglian backfill`: any window of any hospital again, within the limits that protect it.

A backfill is a run of its own, read month by month and table by table. What a window holds is
compared with what is known of that window alone, so nothing else is touched, and the nightly cursor
stays where it is. One that was ended goes on under the same run, for three days: its loaded windows
are skipped. Later, the source may have changed what it gave, and all windows are read again.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from itertools import chain, zip_longest
from typing import Any

import pyarrow as pa
from psycopg import Connection

from qinglian.contracts import CursorKind
from qinglian.extract.errors import SourceConfigurationError, SourceError, own_remedy_for
from qinglian.extract.sources import Source, SourceCatalog
from qinglian.extract.window import Window
from qinglian.ingest import TableIngest
from qinglian.landing.journal import Journal, JournalError
from qinglian.pipeline import table_ingests
from qinglian.run_record import end_run, enter_run, new_run
from qinglian.scratch import remove_abandoned
from qinglian.settings import Settings
from qinglian.warehouse.server import Server
from qinglian.warehouse.transaction import transaction

log = logging.getLogger(__name__)


_RESUMED_FOR = "3 days"


class BackfillError(Exception):
    """Windows are missing; the message names source, table, what went wrong and what to do."""


class HoursOverError(BackfillError):
    """A source's hours ended while a window was read; nothing of the window was landed."""


@dataclass
class TableBackfill:
    """What a backfill did with one table. `whole` tables are read whole by every ingest."""

    source_id: str
    table: str
    windows: int
    skipped: int = 0
    loaded: int = 0
    quarantined: int = 0
    vanished: int = 0
    whole: bool = False
    error: str | None = None


@dataclass(frozen=True)
class BackfillPlan:
    """First and last business date, and how to go about it.

    `parallel` tables are read at once over all sources, and of each source no more than it allows.
    Outside a source's hours it is waited for where `wait` says so, and refused otherwise.
    """

    first: date
    last: date
    tables: frozenset[str] | None = None
    parallel: int = 2
    wait: bool = False

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise SourceConfigurationError(f"a backfill from {self.first} to {self.last} is empty")


def backfill(
    settings: Settings, server: Server, source_ids: Sequence[str], plan: BackfillPlan
) -> list[TableBackfill]:
    """Read the plan's windows of these sources again.

    Raises BackfillError after all other tables are done when any failed or its source's hours were
    over; a second call does what is missing.
    """
    catalog = SourceCatalog(settings)
    chosen = [(catalog.source(source_id), plan) for source_id in source_ids]
    if len(chosen) > 1 and plan.tables:  # of several sources, those that have these tables
        offered = [(s, plan.tables & set(catalog.mapping_sql(s))) for s, _ in chosen]
        chosen = [(s, replace(plan, tables=tables)) for s, tables in offered if tables]
    # One that was killed after its last window was loaded left rows, and has no more to read.
    remove_abandoned(settings.spool_dir)
    jobs = [_SourceJob.open(settings, server, source, part) for source, part in chosen]
    # Side by side over the sources: no thread waits for one hospital while another is idle.
    order = chain.from_iterable(zip_longest(*(job.tables for job in jobs)))
    with ThreadPoolExecutor(plan.parallel) as pool:
        list(pool.map(_TableJob.run, [table for table in order if table is not None]))
    for job in jobs:
        job.close(settings, server)
    reports = [table.report for job in jobs for table in job.tables]
    failures = [report.error for report in reports if report.error]
    if failures:
        raise BackfillError("\n".join(failures))
    return reports


def months(first: date, last: date) -> list[Window]:
    """The days from `first` to `last` (both included), cut at the ends of months."""
    windows = []
    start = first
    while start <= last:
        next_month = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(next_month, last + timedelta(days=1))
        windows.append(
            Window(
                datetime.combine(start, datetime.min.time()),
                datetime.combine(end, datetime.min.time()),
            )
        )
        start = end
    return windows


@dataclass
class _SourceJob:
    """One source's part of a backfill: a row of ops.run and a job a table."""

    run_id: int
    tables: "list[_TableJob]"

    @classmethod
    def open(
        cls, settings: Settings, server: Server, source: Source, plan: BackfillPlan
    ) -> "_SourceJob":
        with server.connect("loader", autocommit=True) as connection:
            try:
                Journal(settings.landing_dir).must_continue(connection)
            except JournalError as error:
                raise BackfillError(f"来源 {source.source_id}: {error}") from error
        run_id = _run_of(server, source.source_id, plan)
        allowed = min(
            source.tables_in_parallel, source.limits.connections or source.tables_in_parallel
        )
        semaphore = threading.BoundedSemaphore(allowed)
        ingests = table_ingests(settings, server, source.source_id, run_id, plan.last, plan.tables)
        return cls(run_id, [_TableJob(ingest, plan, semaphore) for ingest in ingests])

    def close(self, settings: Settings, server: Server) -> None:
        errors = [t.report.error for t in self.tables if t.report.error]
        status, message = "failed" if errors else "success", "\n".join(errors)[:4000] or None
        end_run(settings, server, self.run_id, status, message)


@dataclass
class _TableJob:
    """The windows of one table, one after the other."""

    ingest: TableIngest
    plan: BackfillPlan
    semaphore: threading.BoundedSemaphore
    report: TableBackfill = field(init=False)

    def __post_init__(self) -> None:
        whole = self.ingest.cursor.kind == CursorKind.FULL_RELOAD
        count = 0 if whole else len(months(self.plan.first, self.plan.last))
        self.report = TableBackfill(
            self.ingest.source.source_id, self.ingest.contract.table, count, whole=whole
        )

    def run(self) -> None:
        """Read all windows; an error ends this table and is kept in its report."""
        if self.report.whole:
            return
        with self.semaphore:
            try:
                for window in months(self.plan.first, self.plan.last):
                    self._read(window)
            except (SourceError, BackfillError) as error:
                log.error("%s", error)
                self.report.error = str(error)
            except Exception as error:
                log.exception("%s %s", self.report.source_id, self.report.table)
                self.report.error = (
                    f"来源 {self.report.source_id} 表 {self.report.table}: {error} | 处理办法"
                    f" remedy: {own_remedy_for(str(error))}"
                )

    def _read(self, window: Window) -> None:
        """Read one window; one that the end of the hours cut off gets their whole length once."""
        try:
            self._read_within_hours(window)
        except HoursOverError:
            if not self.plan.wait:
                raise
            self._read_within_hours(window)

    def _read_within_hours(self, window: Window) -> None:
        if not self._has(window):  # waited for before the table is locked: the night must pass by
            self._await_hours()
        inherited = {f.name: getattr(self.ingest, f.name) for f in fields(self.ingest) if f.init}
        reading = _WindowIngest(**inherited, window=window)
        done = reading.run()
        self.report.skipped += reading.is_known
        self.report.loaded += done.loaded
        self.report.quarantined += done.quarantined
        self.report.vanished += done.vanished

    def _has(self, window: Window) -> bool:
        with self.ingest.server.connect("loader", autocommit=True) as connection:
            return _is_loaded(connection, self.ingest.run_id, self.report.table, window)

    def _await_hours(self) -> None:
        limits, settings = self.ingest.source.limits, self.ingest.settings
        while (left := limits.wait(settings.now())) > timedelta(0):
            if not self.plan.wait:
                raise BackfillError(
                    f"来源 {self.report.source_id} 表 {self.report.table}: it is"
                    f" {settings.now():%H:%M} and backfills may read {limits.hours} | 处理办法"
                    " remedy: start the same backfill again then, what was loaded is skipped; or"
                    " add --wait"
                )
            log.info("%s: waiting %s for its hours %s", self.report.source_id, left, limits.hours)
            time.sleep(min(left.total_seconds(), 60))


@dataclass
class _WindowIngest(TableIngest):
    """The ingest of a given window, unless its run has loaded it already."""

    window: Window = field(kw_only=True)
    is_known: bool = field(init=False, default=False)

    def _window(self, connection: Connection) -> Window:
        return self.window

    def _same_types(
        self, connection: Connection, read: Iterator[pa.RecordBatch]
    ) -> Iterator[pa.RecordBatch]:
        """The batches. Raises HoursOverError with the first that comes outside of the hours."""
        limits = self.source.limits
        for batch in super()._same_types(connection, read):
            if not limits.allows(self.settings.now()):
                raise HoursOverError(
                    f"来源 {self.source.source_id} 表 {self.contract.table}: its hours"
                    f" {limits.hours} ended while {self.window.start:%Y-%m-%d} to"
                    f" {self.window.end:%Y-%m-%d} was read, of which nothing was landed | 处理办法"
                    " remedy: start the same backfill again then, what was loaded is skipped; where"
                    " a month takes longer than the hours, fewer days at a time by --from and --to"
                )
            yield batch

    def _land(self, connection: Connection, window: Window | None) -> None:
        self.is_known = _is_loaded(connection, self.run_id, self.contract.table, self.window)
        if not self.is_known:
            super()._land(connection, window)

    def _enter(self, facts: dict[str, Any]) -> None:
        facts["cursor_kind"] = "backfill"
        super()._enter(facts)


def _run_of(server: Server, source_id: str, plan: BackfillPlan) -> int:
    """The run of the same backfill that lately did not end well, else a new one."""
    first, last = str(plan.first), str(plan.last)
    with transaction(server.url("loader")) as tx:
        row = tx.one(
            "select max(run_id) from ops.run where kind = 'backfill' and source_id = $1"
            " and from_date = cast($2 as date) and as_of = cast($3 as date)"
            f" and status <> 'success' and started_at > localtimestamp - interval '{_RESUMED_FOR}'",
            *(source_id, first, last),
        )
        if row is not None and row[0] is not None:
            run_id = int(row[0])
            tx.execute(
                "update ops.run set status = 'running', finished_at = null, message = null"
                f" where run_id = {run_id}"
            )
            enter_run(tx, run_id)
            return run_id
    facts = {"kind": "backfill", "source_id": source_id, "from_date": first, "as_of": last}
    return new_run(server, facts)


def _is_loaded(connection: Connection, run_id: int, table: str, window: Window) -> bool:
    row = connection.execute(
        "select 1 from ops.batch where run_id = %s and table_name = %s"
        " and window_start = %s and window_end = %s and cursor_kind = 'backfill'"
        " group by parts having count(distinct part) filter (where state = 'loaded') = parts",
        (run_id, table, window.start, window.end),
    ).fetchone()
    return row is not None
