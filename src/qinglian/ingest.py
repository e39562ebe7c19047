"""One table of one source from the hospital to `land`: extract, compare, land, gate, load."""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np
import psycopg
import pyarrow as pa

from qinglian.ahead import ahead
from qinglian.arrow_memory import return_free_memory
from qinglian.contracts import Contract, Cursor
from qinglian.extract import drift
from qinglian.extract.delivered import (
    DeliveredFile,
    delivered_files,
    facts_of,
    refuse_changed,
)
from qinglian.extract.drift import ColumnDriftError
from qinglian.extract.errors import SourceError
from qinglian.extract.pseudonym import Pseudonymiser
from qinglian.extract.reader import bind, read_batches
from qinglian.extract.slots import source_slot
from qinglian.extract.sources import Source
from qinglian.extract.totals import SourceControl
from qinglian.extract.window import Window, next_window
from qinglian.file_hash import sha256_of
from qinglian.gate.checkpoint import ExpectedTotals, Gate
from qinglian.landing import batches, known
from qinglian.landing.journal import Journal
from qinglian.landing.spool import Comparison, Spool
from qinglian.landing.window_load import WindowLoad
from qinglian.scratch import scratch_folder
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

log = logging.getLogger(__name__)

#: A source that suddenly lacks more than this share of its known rows has lost them, or its query
#: has: the batch stops instead of marking them all as deleted.
LARGEST_VANISHED_SHARE = 0.5
_SMALL_TABLE_ROWS = 100


@dataclass
class TableReport:
    """What one run did with one table; rows add up as the ledger says.

    `not_read` says why a table was not read where that is no error.
    """

    table: str
    extracted: int = 0
    unchanged: int = 0
    duplicates: int = 0
    quarantined: int = 0
    loaded: int = 0
    vanished: int = 0
    not_read: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What the gate says of a landed file: a reason to reject it, or the rows to hold back."""

    rejected_reason: str | None
    #: Row numbers; as an array, since a window's verdicts wait for its last part.
    quarantined: np.ndarray[Any, np.dtype[np.int64]]

    @property
    def quarantined_rows(self) -> frozenset[int]:
        return frozenset(self.quarantined.tolist())


@dataclass
class TableIngest:
    """Everything that the ingest of one table needs."""

    settings: Settings
    server: Server
    source: Source
    contract: Contract
    cursor: Cursor
    mapping_sql: str
    run_id: int
    as_of: date
    gate: Gate
    waived_rules: Mapping[str, str] = field(default_factory=dict)
    #: Columns beyond the contract whose values may be kept.
    kept_columns: frozenset[str] = frozenset()
    report: TableReport = field(init=False)
    delivered: tuple[DeliveredFile, ...] | None = field(init=False, default=None)
    _judging: ThreadPoolExecutor | None = field(init=False, default=None)
    _loading: WindowLoad | None = field(init=False, default=None)
    #: Verdicts on this run's batches, or what will give them.
    _judged: dict[int, Future[Verdict]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.report = TableReport(self.contract.table)

    def run(self) -> TableReport:
        """Finish what a crash left, then read, land, gate and load the next window.

        Raises SourceError or GateError with source, table and remedy; what was loaded before stays.
        """
        with self._only_one() as connection:
            self.journal.catch_up(connection)
            self._remove_orphans(connection)
            self._load_waiting(connection)
            window = self._window(connection)
            with self._working_ahead() as loading:
                self._get_gate_ready(connection)
                self._land(connection, window)
                self._take_in(connection, loading.finish())
                self._load_waiting(connection)
        return self.report

    @property
    def _finds_vanished(self) -> bool:
        """Whether a window shows all that the source has in it, so that what lacks is deleted."""
        return self.cursor.kind in ("window_reload", "full_reload")

    @property
    def journal(self) -> Journal:
        return Journal(self.settings.landing_dir)

    @contextmanager
    def _only_one(self) -> Iterator[psycopg.Connection]:
        """Two runs of one table at once wait for each other instead of reading rows twice."""
        with self.server.connect("loader", autocommit=True) as connection:
            lock = f"{self.source.source_id}/{self.contract.table}"
            connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", (lock,))
            yield connection

    def _window(self, connection: psycopg.Connection) -> Window | None:
        until = None
        if self.source.connection.drop is None:  # what is delivered may be of any day
            until = batches.covered_until(connection, self.source.source_id, self.contract.table)
        window = next_window(self.cursor, self.as_of, self.source.history_start, until)
        if window is None or until is None or self.cursor.open_until is None:
            return window
        since = known.open_since(
            self.server.url("loader"), self.source, self.contract, self.cursor, window.end
        )
        return next_window(self.cursor, self.as_of, self.source.history_start, until, since)

    def _land(self, connection: psycopg.Connection, window: Window | None) -> None:
        sql = bind(self.mapping_sql, self.source, window)
        extracted_at = self.settings.now()
        url = self.server.url("loader")
        memory_mb = self.settings.duckdb_memory_mb
        with (
            scratch_folder(self.settings.spool_dir) as folder,
            Spool(folder / "rows", self.contract, memory_mb, self.kept_columns) as spool,
        ):
            self.delivered = delivered_files(self.source, sql, self.server.secrets)
            source_facts = self._fill(connection, spool, sql)
            refuse_changed(self.source, self.contract.table, self.delivered)
            return_free_memory()
            with (
                known.latest_rows(url, self.source, self.contract, self.cursor, window) as latest,
                known.quarantined_rows(url, self.source, self.contract) as in_quarantine,
            ):
                comparison = spool.compare(
                    latest,
                    in_quarantine,
                    find_vanished=self._finds_vanished,
                    batch_rows=self.settings.batch_rows,
                )
            self._refuse_mass_deletion(comparison)
            if comparison.vanished:
                keys = spool.vanished_keys()
                gone = known.full_rows(url, self.source, self.contract, self.cursor, window, keys)
                spool.add_tombstones(gone)
                comparison = replace(comparison, vanished=gone.num_rows)
            landed = self._write_parts(
                connection, spool, comparison, window, sql, extracted_at, source_facts
            )
            # All are landed before the first is loaded: what a crash leaves then counts as before.
            for _ in landed:
                self._work_ahead(connection)
                return_free_memory()

    def _fill(self, connection: psycopg.Connection, spool: Spool, sql: str) -> Mapping[str, Any]:
        """Read the rows of a bound mapping SQL; returns what the source counted of them.

        Raises SourceError when not all that it counted arrived.
        """
        control = SourceControl(self.contract)
        pseudonymiser = Pseudonymiser(self.server.secrets.get("PSEUDONYM_KEY"))
        kinds = {c.name: c.pseudonym for c in self.contract.columns if c.pseudonym}
        read = read_batches(
            self.source,
            self.contract.table,
            sql,
            self.server.secrets,
            f"{self.server.host}:{self.server.port}",
            control,
        )
        try:
            # Closed here: the source's transaction must not outlive an error in what reads it.
            with (
                source_slot(self.server, self.source),
                closing(read),
                ahead(self.source.limits.hold(read)) as arriving,
            ):
                rows = self._same_types(connection, arriving)
                spool.fill(pseudonymiser.replace(batch, kinds) for batch in rows)
        except ColumnDriftError as error:
            raise SourceError(
                self.source.source_id,
                self.contract.table,
                str(error),
                f"correct sources/{self.source.vendor}/{self.contract.table}.sql, or the contract",
            ) from error
        typed = spool.typed()
        problem = control.difference(typed.distinct_keys) or control.typing_difference(
            typed.control_total, typed.uncounted_rows
        )
        if problem:
            raise SourceError(
                self.source.source_id,
                self.contract.table,
                f"not all that the source counted arrived ({problem}); nothing was landed",
                "run the task again. If it happens again, look for a function in the mapping SQL"
                " that gives other rows each time (random, now), and for a proxy or pooler between"
                " here and the source",
            )
        return control.facts() | {
            "uncounted_rows": max(control.uncounted_rows, typed.uncounted_rows),
            "extra_columns": self._tell_unknown(spool.unknown),
        }

    def _same_types(
        self, connection: psycopg.Connection, read: Iterator[pa.RecordBatch]
    ) -> Iterator[pa.RecordBatch]:
        """The batches. Raises ColumnDriftError when a column has another type than it used to."""
        mapping = hashlib.sha256(self.mapping_sql.encode()).hexdigest()
        of = (self.source.source_id, self.contract.table, mapping)
        known = drift.known_families(connection, *of)
        for batch in read:
            given = drift.families_of(batch.schema)
            if problem := drift.types_problem(known, given):
                raise ColumnDriftError(
                    f"{problem}; where that is right, say so in a comment of the mapping SQL: a"
                    " changed mapping is learnt anew"
                )
            if new := {name: f for name, f in given.items() if name not in known}:
                drift.remember(self.server.url("loader"), *of, new)
                known |= new
            yield batch

    def _tell_unknown(self, unknown: Mapping[str, str]) -> str | None:
        """Columns beyond the contract as the ledger has them, and a warning about them."""
        if not unknown:
            return None
        kept = self.kept_columns
        told = ", ".join(
            f"{name} {kind} {'landed' if name in kept else 'not landed'}"
            for name, kind in sorted(unknown.items())
        )
        log.warning(
            "来源 %s 表 %s: columns beyond the contract: %s | 处理办法 remedy: write them into the"
            " contract, or into extra_columns of sources/%s/vendor.yaml where they identify nobody",
            *(self.source.source_id, self.contract.table, told, self.source.vendor),
        )
        return told

    def _refuse_mass_deletion(self, comparison: Comparison) -> None:
        if comparison.known < _SMALL_TABLE_ROWS:
            return
        share = comparison.vanished / comparison.known
        if share > LARGEST_VANISHED_SHARE:
            raise SourceError(
                self.source.source_id,
                self.contract.table,
                f"{comparison.vanished} of {comparison.known} known rows are no longer there",
                "ask the source whether it moved or emptied the table; nothing was marked deleted",
            )

    def _write_parts(
        self,
        connection: psycopg.Connection,
        spool: Spool,
        comparison: Comparison,
        window: Window | None,
        sql: str,
        extracted_at: datetime,
        source_facts: Mapping[str, Any] = MappingProxyType({}),
    ) -> Iterator[int]:
        """Write the window's files and enter them one by one; yields the number of each part.

        Facts of the whole window go with the first.
        """
        parts = max(1, comparison.parts)
        of_window = {
            **source_facts,
            "typed_total": spool.typed().control_total,
            "extracted_total": spool.unchanged_total(),
        }
        control_column = self.contract.control_total
        latest_at = self._latest_at(connection, spool, window)
        for part in range(parts):
            batch_id = batches.new_batch_id(connection)
            facts: dict[str, Any] = {
                "batch_id": batch_id,
                "run_id": self.run_id,
                "source_id": self.source.source_id,
                "table_name": self.contract.table,
                "part": part,
                "parts": parts,
                "cursor_kind": self.cursor.kind,
                "window_start": window.start if window else None,
                "window_end": window.end if window else None,
                "extracted_at": extracted_at,
                "unchanged": comparison.unchanged if part == 0 else 0,
                "latest_at": latest_at,
                "control_column": control_column,
                "extracted_total": Decimal(0) if control_column else None,
                "extra_columns": source_facts.get("extra_columns"),
                "contract_version": self.contract.version,
                "source_files": facts_of(self.delivered),
                "mapping_sha256": hashlib.sha256(sql.encode()).hexdigest(),
            }
            facts |= of_window if part == 0 else {}
            facts |= self._write_file(spool, facts) if comparison.parts else _no_file(facts)
            self._enter(facts)
            self.journal.catch_up(connection)
            self._count(facts)
            yield part

    def _enter(self, facts: dict[str, Any]) -> None:
        batches.enter(self.server.url("loader"), facts)

    def _latest_at(
        self, connection: psycopg.Connection, spool: Spool, window: Window | None
    ) -> datetime | None:
        """The freshest that the table is known to be: quiet nights keep what was seen before."""
        if window is None or self.contract.freshness is None:
            return None
        now = spool.latest(self.contract.freshness.column, window.end)
        before = batches.latest_at(connection, self.source.source_id, self.contract.table)
        return max((t for t in (now, before) if t is not None), default=None)

    def _write_file(self, spool: Spool, facts: dict[str, Any]) -> dict[str, Any]:
        """Write one part; the file gets its name only when it is whole."""
        folder = self._folder()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{facts['batch_id']:012d}.parquet"
        growing = path.with_suffix(".writing")
        metadata = {
            k: str(facts[k]) for k in ("batch_id", "source_id", "table_name", "part", "parts")
        }
        totals = spool.write_part(growing, metadata)
        growing.chmod(0o440)
        growing.rename(path)
        digest = sha256_of(path)
        return {
            "extracted": totals.rows - totals.vanished + facts["unchanged"],
            "duplicates": totals.duplicates,
            "vanished": totals.vanished,
            "control_total": totals.control_total,
            "extracted_total": _sum(facts["extracted_total"], totals.extracted_total),
            "business_date_min": totals.business_date_min,
            "business_date_max": totals.business_date_max,
            "distinct_keys": totals.distinct_keys,
            "file_path": str(path.relative_to(self.settings.landing_dir)),
            "file_sha256": digest,
            "file_bytes": path.stat().st_size,
        }

    def _folder(self) -> Path:
        return self.settings.landing_dir / self.source.source_id / self.contract.table

    @contextmanager
    def _working_ahead(self) -> Iterator[WindowLoad]:
        """Within it, landed parts are judged and copied while the next ones are written."""
        url, landing_dir = self.server.url("loader"), self.settings.landing_dir
        with WindowLoad(url, self.contract, landing_dir) as loading:
            judging = self._judging = ThreadPoolExecutor(1, "gate")
            self._loading = loading
            try:
                yield loading
            finally:
                judging.shutdown(cancel_futures=True)
                self._judging = self._loading = None
                self._judged.clear()

    def _get_gate_ready(self, connection: psycopg.Connection) -> None:
        """Load GX while a first window is read; most later ones of a quiet night need no gate."""
        of = (self.source.source_id, self.contract.table)
        if self._judging is not None and not batches.has_rows(connection, *of):
            self._judging.submit(self.gate.get_ready)

    def _work_ahead(self, connection: psycopg.Connection) -> None:
        """Let the part that was landed last be judged and copied; it counts when all are landed."""
        latest = batches.waiting(connection, self.source.source_id, self.contract.table)[-1]
        if self._judging is None or self._loading is None or latest.file_path is None:
            return
        judged = self._judging.submit(self._judge, latest)
        self._judged[latest.batch_id] = judged
        file = self.settings.landing_dir / latest.file_path
        self._loading.add(latest, file, partial(_held_back, judged))

    def _judge(self, batch: batches.LandedBatch) -> Verdict:
        assert batch.file_path is not None  # noqa: S101 - a batch without one has nothing to judge
        file = self.settings.landing_dir / batch.file_path
        result = self.gate.check(
            self.contract, self.source, batch, file, self._expected(batch), self.waived_rules
        )
        rows = np.array(sorted(result.quarantined_rows), np.int64)
        verdict = Verdict(result.rejected_reason, rows)
        del result
        return_free_memory()
        return verdict

    def _load_waiting(self, connection: psycopg.Connection) -> None:
        for batch in batches.waiting(connection, self.source.source_id, self.contract.table):
            file = self.settings.landing_dir / batch.file_path if batch.file_path else None
            quarantined: frozenset[int] = frozenset()
            if file is None:
                self.gate.check_silent(self.contract, self.source, batch, self._expected(batch))
            else:
                judged = self._judged.pop(batch.batch_id, None)
                verdict = judged.result() if judged else self._judge(batch)
                if verdict.rejected_reason:
                    self._reject(connection, batch, verdict.rejected_reason)
                quarantined = verdict.quarantined_rows
            gated = batches.Gated(batch, file, quarantined)
            url, landing_dir = self.server.url("loader"), self.settings.landing_dir
            self._take_in(connection, batches.load(url, gated, self.contract, landing_dir))

    def _take_in(self, connection: psycopg.Connection, loaded: list[batches.Loaded]) -> None:
        """Count what was loaded, and bring its entries into the journal."""
        if loaded:
            self.journal.catch_up(connection)
        for each in loaded:
            self.report.loaded += each.copied.rows
            self.report.quarantined += each.quarantined

    def _reject(
        self, connection: psycopg.Connection, batch: batches.LandedBatch, reason: str
    ) -> NoReturn:
        batches.reject(self.server.url("loader"), batch, reason, self.settings.landing_dir)
        self.journal.catch_up(connection)
        raise SourceError(
            self.source.source_id,
            self.contract.table,
            f"batch {batch.batch_id} stopped at the gate: {reason}",
            "see the batch's page in the data docs; correct the source or the rule",
        )

    def _expected(self, batch: batches.LandedBatch) -> ExpectedTotals:
        """What the ledger says of a batch; its file holds repeats and tombstones too."""
        total = batch.control_total or Decimal(0)
        return ExpectedTotals(
            rows=batch.file_rows,
            control_total=total if self.contract.control_total else None,
            window_end=batch.window_end,
            latest_at=batch.latest_at,
            has_rows=batch.has_rows,
            extra_columns=batch.extra_columns,
        )

    def _remove_orphans(self, connection: psycopg.Connection) -> None:
        """Drop files that a crash left before they were entered: they are evidence of nothing."""
        folder = self._folder()
        entered = {
            name
            for (name,) in connection.execute(
                "select file_path from ops.batch where source_id = %s and table_name = %s",
                (self.source.source_id, self.contract.table),
            )
        }
        for path in folder.glob("*") if folder.is_dir() else ():
            if str(path.relative_to(self.settings.landing_dir)) not in entered:
                log.warning("removing %s: it was never entered in the ledger", path)
                path.unlink()

    def _count(self, facts: dict[str, Any]) -> None:
        for name in ("extracted", "unchanged", "duplicates", "vanished"):
            setattr(self.report, name, getattr(self.report, name) + facts[name])


def _held_back(judged: Future[Verdict]) -> frozenset[int] | None:
    """Rows that the gate holds back, once it has spoken; None where the batch stops there.

    An error of the gate is told when the batch's turn comes.
    """
    if judged.exception() is not None:
        return None
    verdict = judged.result()
    return None if verdict.rejected_reason else verdict.quarantined_rows


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None else one + (other or Decimal(0))


def _no_file(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts of a batch in which nothing changed."""
    return {
        "extracted": facts["unchanged"],
        "duplicates": 0,
        "vanished": 0,
        "control_total": None,
        "business_date_min": None,
        "business_date_max": None,
        "distinct_keys": 0,
        "file_path": None,
        "file_sha256": None,
        "file_bytes": None,
    }
