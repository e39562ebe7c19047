"""Let quarantined rows on: a batch of their own through the landing zone and the same gate.

The source knows nothing of a correction and goes on sending the row as it was. That it is the same
row is known from its key and hash in quarantine (`landing.known`), until the source sends another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pyarrow as pa
from psycopg import Connection, sql

from qinglian.contracts import Contract, Cursor
from qinglian.extract.errors import own_failures_named
from qinglian.gate.checkpoint import check_batch
from qinglian.gate.landed import LandedFile
from qinglian.ingest import TableIngest
from qinglian.landing import batches
from qinglian.landing.spool import Spool
from qinglian.pipeline import table_ingests
from qinglian.quarantine.decisions import Author, Decision, DecisionError, record
from qinglian.quarantine.fix import spooled
from qinglian.quarantine.rows import Filters, QuarantinedRow, find_rows, rule_names
from qinglian.run_record import recorded_run
from qinglian.scratch import scratch_folder
from qinglian.settings import Settings
from qinglian.warehouse.server import Server
from qinglian.warehouse.transaction import transaction


@dataclass(frozen=True)
class ReleaseReport:
    """Which rows went on, in which batches, and which stay (row -> what refuses it)."""

    released: int
    batch_ids: tuple[int, ...]
    refused: dict[str, str]


def release_rows(
    settings: Settings, server: Server, filters: Filters, author: Author
) -> ReleaseReport:
    """Release the open rows of a filter, table by table.

    A row that still breaks a rule stays open, and its decision `refuse` says which rule. A row of
    which the source has sent a newer version since stays too. Raises DecisionError when a rule of
    the whole batch refuses it, or a disk is full: what was entered by then is loaded by the
    next ingest of the table.
    """
    with server.connect("steward", autocommit=True) as connection:
        rows = [row for row in find_rows(connection, filters) if row.status == "open"]
    released, made = 0, list[int]()
    refused = dict[str, str]()
    for source_id, table in sorted({(r.source_id, r.table) for r in rows}):
        chosen = [r for r in rows if (r.source_id, r.table) == (source_id, table)]
        today = settings.now().date()
        where = f"来源 {source_id} 表 {table}"
        with (
            own_failures_named(where, DecisionError),
            recorded_run(settings, server, "release", source_id, today) as run,
        ):
            for start in range(0, len(chosen), settings.batch_rows):
                (ingest,) = table_ingests(
                    settings, server, source_id, run.run_id, today, frozenset([table])
                )
                inherited = {f.name: getattr(ingest, f.name) for f in fields(ingest) if f.init}
                part = tuple(chosen[start : start + settings.batch_rows])
                release = _Release(**inherited, author=author, rows=part)
                release.run()
                refused |= release.refused
                released += sum(d.action == "release" for d in release.decisions)
                made += release.batch_ids
    return ReleaseReport(released, tuple(made), refused)


@dataclass
class _Release(TableIngest):
    """The ingest of rows that come from quarantine instead of from their source."""

    author: Author = field(kw_only=True)
    rows: tuple[QuarantinedRow, ...] = field(kw_only=True)
    refused: dict[str, str] = field(init=False, default_factory=dict)
    decisions: list[Decision] = field(init=False, default_factory=list)
    batch_ids: list[int] = field(init=False, default_factory=list)

    def _window(self, connection: Connection) -> None:
        return None

    def _land(self, connection: Connection, window: object) -> None:
        newest = [row for row in self.rows if self._is_newest(connection, row)]
        passing = self._pass(newest) if newest else []
        self._record_refusals(connection)
        if not passing:
            return
        with spooled(self.settings, self.contract, passing) as spool:
            keys = [key for key, _, _ in spool.taken_in()]
            comparison = _compare_with_nothing(spool, len(passing))
            self.decisions = [
                Decision(
                    row.batch_id,
                    row.row_number,
                    "release",
                    released_row_key=key,
                    moved=bool(row.changed_columns & _places(self.contract, self.cursor)),
                )
                for row, key in zip(passing, keys, strict=True)
            ]
            now = self.settings.now()
            for _ in self._write_parts(connection, spool, comparison, None, "release", now):
                self._load_waiting(connection)

    def _enter(self, facts: dict[str, Any]) -> None:
        """The batch and the decisions behind it, in one transaction."""
        facts["cursor_kind"] = "release"
        batch_id = int(facts["batch_id"])
        self.batch_ids.append(batch_id)
        self.decisions = [
            Decision(**{**vars(decision), "released_batch_id": batch_id})
            for decision in self.decisions
        ]
        with transaction(self.server.url("steward")) as tx:
            batches.enter_in(tx, facts)
            record(tx, batch_id, self.decisions, self.author, facts["extracted_at"])

    def _is_newest(self, connection: Connection, row: QuarantinedRow) -> bool:
        """Whether `land` has no version of the row's key that came after the row."""
        keys = self.contract.key
        landed = [None if k in row.misfits else row.landed.get(k) for k in keys]
        newer = _newer_version(connection, self.contract, landed, row.batch_id)
        if newer is None and row.changed_columns & set(keys):
            corrected = [row.corrected.get(k) for k in keys]
            newer = _newer_version(connection, self.contract, corrected, 0)
        if newer is None:
            return True
        self.refused[row.name] = (
            f"batch {newer} loaded a newer row with this key, which would be overwritten;"
            " discard this one"
        )
        return False

    def _pass(self, rows: list[QuarantinedRow]) -> list[QuarantinedRow]:
        """The rows that the gate would let through; the others are noted with their rules."""
        broken = self._broken_rules(rows)
        passing = []
        for row, rules in zip(rows, broken, strict=True):
            if rules:
                self.refused[row.name] = "; ".join(rule_names(self.contract, rules))
            else:
                passing.append(row)
        return passing

    def _broken_rules(self, rows: list[QuarantinedRow]) -> list[tuple[str, ...]]:
        """What the gate says of each row, asked before anything is landed."""
        with (
            spooled(self.settings, self.contract, rows) as spool,
            scratch_folder(self.settings.spool_dir) as folder,
        ):
            identities = [(key, digest) for key, digest, _ in spool.taken_in()]
            _compare_with_nothing(spool, len(rows))
            path = folder / "release.parquet"
            spool.write_part(path, {"purpose": "release"})
            return self._verdicts(path, identities)

    def _verdicts(self, path: Path, identities: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
        result = check_batch(
            self.contract,
            self.source.source_id,
            0,
            path,
            memory_mb=self.settings.duckdb_memory_mb,
            waived=self.waived_rules,
        )
        if result.rejected_reason:
            raise DecisionError(
                f"{self.source.source_id} {self.contract.table}: the gate refuses the rows as a"
                f" whole: {result.rejected_reason}"
            )
        with LandedFile(self.contract, path, self.settings.duckdb_memory_mb) as landed:
            numbered = landed.fetch("select _row_no, _row_key, _row_hash from landed")
        of_number = {f.row_number: f.rule_ids for f in result.failures}
        broken = {(key, digest): of_number[n] for n, key, digest in numbered if n in of_number}
        return [broken.get(identity, ()) for identity in identities]

    def _record_refusals(self, connection: Connection) -> None:
        refusals = [
            Decision(row.batch_id, row.row_number, "refuse", message=self.refused[row.name])
            for row in self.rows
            if row.name in self.refused
        ]
        with transaction(self.server.url("steward")) as tx:
            for batch_id in sorted({d.batch_id for d in refusals}):
                chosen = [d for d in refusals if d.batch_id == batch_id]
                record(tx, batch_id, chosen, self.author, self.settings.now())
        self.journal.catch_up(connection)


def _compare_with_nothing(spool: Spool, rows: int) -> Any:
    nothing = pa.table(
        {
            "_row_key": pa.array([], pa.string()),
            "_row_hash": pa.array([], pa.string()),
            "src_is_deleted": pa.array([], pa.bool_()),
        }
    )
    return spool.compare(nothing, nothing, find_vanished=False, batch_rows=rows)


def _places(contract: Contract, cursor: Cursor) -> frozenset[str]:
    """Columns that say under which key and in which window the source gives a row."""
    return frozenset(contract.key) | {
        name for name in (cursor.own_column, cursor.parent_key) if name is not None
    }


def _newer_version(
    connection: Connection, contract: Contract, key: Sequence[str | None], batch_id: int
) -> int | None:
    """The latest batch after `batch_id` with a version of this key; None where there is none."""
    types = {c.name: c.physical_type for c in contract.landed_columns}
    same = sql.SQL(" and ").join(
        sql.SQL("{} = cast(%s as {})").format(sql.Identifier(k), sql.SQL(types[k]))
        for k in contract.key
    )
    row = connection.execute(
        sql.SQL("select max(_batch_id) from land.{} where {} and _batch_id > %s").format(
            sql.Identifier(contract.table), same
        ),
        [*key, batch_id],
    ).fetchone()
    return row[0] if row else None
