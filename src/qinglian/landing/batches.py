"""Batches: a landed file's way from `landed` to `loaded`, each step one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from psycopg import Connection

from qinglian.ahead import ahead
from qinglian.contracts import Contract
from qinglian.landing import backdated, ledger
from qinglian.landing.spool import MACHINERY
from qinglian.landing.verdicts import write_verdict
from qinglian.warehouse.transaction import Transaction, as_json, transaction

#: Facts of a batch that are fixed when its file is closed, and therefore chained in the ledger.
LANDED_FACTS = (
    "batch_id",
    "run_id",
    "source_id",
    "table_name",
    "part",
    "parts",
    "cursor_kind",
    "window_start",
    "window_end",
    "extracted_at",
    "extracted",
    "unchanged",
    "duplicates",
    "vanished",
    "control_total",
    "business_date_min",
    "business_date_max",
    "distinct_keys",
    "latest_at",
    "source_measured",
    "source_rows",
    "source_control_total",
    "source_date_min",
    "source_date_max",
    "source_keys",
    "source_exact",
    "control_column",
    "typed_total",
    "uncounted_rows",
    "extracted_total",
    "extra_columns",
    "ordinary_from",
    "contract_version",
    "mapping_sha256",
    "file_path",
    "file_sha256",
    "file_bytes",
    "source_files",
)


#: Rows of a file that COPY is given at once.
_ROWS_AT_ONCE = 10_000
#: Columns of a landed file that `land` does not have, and those of them that are not even read.
_NOT_LOADED = frozenset(MACHINERY) - {"_row_hash", "src_is_deleted"}
_LEFT_OUT = _NOT_LOADED - {"_duplicate"}


class LoadError(RuntimeError):
    """Rows did not arrive in `land`; the message names the batch and the remedy."""


@dataclass(frozen=True)
class Copied:
    """Extracted rows that a load brought into `land`, and the sum of their control total."""

    rows: int
    control_total: Decimal | None


NOTHING = Copied(0, None)


@dataclass(frozen=True)
class LandedBatch:
    """A landed file that waits to be gated and loaded."""

    batch_id: int
    run_id: int
    source_id: str
    table_name: str
    extracted_at: datetime
    file_path: str | None
    window_end: datetime | None
    #: Rows of the file: what was extracted and not known yet, repeats and tombstones included.
    file_rows: int
    #: Sum of the contract's control total over all rows of the file; None where all are empty.
    control_total: Decimal | None
    #: Latest value so far of the contract's freshness column.
    latest_at: datetime | None
    #: Whether this source ever gave a row of this table.
    has_rows: bool
    #: Columns that the source gave beyond the contract, with their types; None without any.
    extra_columns: str | None = None
    #: Where an ordinary run would have begun to read; None where this was one.
    ordinary_from: datetime | None = None


def new_batch_id(connection: Connection) -> int:
    """The number of the next batch; numbers that a crash leaves unused stay unused."""
    row = connection.execute(
        "select nextval(pg_get_serial_sequence('ops.batch', 'batch_id'))"
    ).fetchone()
    assert row is not None  # noqa: S101 - nextval always gives a row
    return int(row[0])


def enter(url: str, facts: Mapping[str, Any]) -> None:
    """Enter a closed file in the ledger: from here on it counts and may not change."""
    with transaction(url) as tx:
        enter_in(tx, facts)


def enter_in(tx: Transaction, facts: Mapping[str, Any]) -> None:
    """`enter` within the caller's transaction."""
    insert_landed(tx, facts)
    ledger.append(tx, int(facts["batch_id"]), "landed", facts)


def insert_landed(tx: Transaction, facts: Mapping[str, Any]) -> None:
    """The row of `ops.batch` of a landed file."""
    columns = ", ".join(LANDED_FACTS)
    tx.execute(
        f"insert into ops.batch ({columns}, state) overriding system value"
        f" select {columns}, 'landed'"
        " from jsonb_populate_record(null::ops.batch, cast(cast($1 as text) as jsonb))",
        as_json(facts),
    )


def waiting(connection: Connection, source_id: str, table: str) -> list[LandedBatch]:
    """Batches that were landed and not loaded, oldest first: a crash lies behind each of them."""
    rows = connection.execute(
        """
        select batch_id, run_id, source_id, table_name, extracted_at, file_path, window_end,
            extracted - unchanged + vanished, control_total, latest_at,
            exists (
                select 1 from ops.batch as any_batch
                where any_batch.source_id = batch.source_id
                    and any_batch.table_name = batch.table_name and any_batch.extracted > 0
            ),
            extra_columns, ordinary_from
        from ops.batch
        where source_id = %s and table_name = %s and state = 'landed'
        order by batch_id
        """,
        (source_id, table),
    ).fetchall()
    return [LandedBatch(*row) for row in rows]


def covered_until(connection: Connection, source_id: str, table: str) -> datetime | None:
    """End of the latest window whose parts were all loaded.

    Windows that a person asked for again say nothing about how far the nightly runs have come.
    """
    row = connection.execute(
        "select max(window_end) from ("
        "  select window_end from ops.batch where source_id = %s and table_name = %s"
        "    and cursor_kind not in ('backfill', 'deep', 'release')"
        "  group by run_id, window_end, parts"
        "  having count(*) filter (where state = 'loaded') = parts"
        ") as whole",
        (source_id, table),
    ).fetchone()
    return row[0] if row else None


def latest_at(connection: Connection, source_id: str, table: str) -> datetime | None:
    """Latest value of the freshness column that was ever extracted; None if none was."""
    row = connection.execute(
        "select max(latest_at) from ops.batch where source_id = %s and table_name = %s",
        (source_id, table),
    ).fetchone()
    return row[0] if row else None


@dataclass(frozen=True)
class Gated:
    """A landed batch that may be loaded, but for some row numbers of its file."""

    batch: LandedBatch
    #: None where the batch brought nothing.
    file: Path | None
    quarantined: frozenset[int]


@dataclass(frozen=True)
class Loaded:
    """A batch of which all rows were copied."""

    batch: LandedBatch
    copied: Copied
    quarantined: int


def has_rows(connection: Connection, source_id: str, table: str) -> bool:
    """Whether this source ever gave a row of this table."""
    row = connection.execute(
        "select exists (select 1 from ops.batch"
        " where source_id = %s and table_name = %s and extracted > 0)",
        (source_id, table),
    ).fetchone()
    return bool(row and row[0])


def load(url: str, gated: Gated, contract: Contract, landing_dir: Path) -> list[Loaded]:
    """Copy a gated batch into `land` and close it, in one transaction; returns what was loaded.

    The gate's verdict is kept in `landing_dir`. Loading a batch that is loaded already changes
    nothing.
    """
    with transaction(url) as tx:
        copied = copy(tx, gated, contract)
        return close(tx, [copied] if copied else [], landing_dir)


def copy(tx: Transaction, gated: Gated, contract: Contract) -> Loaded | None:
    """Copy the rows of a gated batch into `land`; None where it is loaded already.

    Tombstones are copied too and not counted, since they were not extracted.
    """
    batch, file, quarantined = gated.batch, gated.file, gated.quarantined
    state = tx.one(f"select state from ops.batch where batch_id = {batch.batch_id} for update")
    if state is None or state[0] != "landed":
        return None
    copied = copy_rows(tx, batch, contract, file, quarantined) if file else NOTHING
    return Loaded(batch, copied, len(quarantined))


def close(tx: Transaction, loaded: Sequence[Loaded], landing_dir: Path) -> list[Loaded]:
    """Enter batches that were copied in this transaction as loaded; returns them."""
    # Others wait for the ledger from its first entry on: what takes time comes before.
    verdicts = [_verdict(tx, landing_dir, each.batch) for each in loaded]
    for each, verdict in zip(loaded, verdicts, strict=True):
        _close(tx, each.batch, each.copied, each.quarantined, verdict)
    return list(loaded)


def copy_rows(
    tx: Transaction,
    batch: LandedBatch,
    contract: Contract,
    file: Path,
    quarantined_rows: frozenset[int],
) -> Copied:
    """Copy the rows of a landed file into `land`; of a deep batch, enter what was back-dated.

    Raises LoadError where not all arrived."""
    rows = _RowsToLoad(file, batch, contract.control_total, quarantined_rows)
    with rows.reader() as reader:
        arrived = tx.copy("land", contract.table, reader)
    if arrived != rows.sent:
        raise LoadError(
            f"batch {batch.batch_id}: {rows.sent} rows were copied to land.{contract.table} and"
            f" {arrived} arrived; nothing of it was loaded. Remedy: run the task again; look for a"
            " trigger or rule on that table, which must have none"
        )
    if batch.ordinary_from is not None:
        backdated.record(tx, batch.batch_id, contract)
    return Copied(rows.extracted, rows.total)


def reject(url: str, batch: LandedBatch, reason: str, landing_dir: Path) -> None:
    """Close a batch that broke a batch rule: its file stays, nothing of it is loaded."""
    with transaction(url) as tx:
        tx.execute(
            "update ops.batch set state = 'rejected', rejected_reason = $1"
            f" where batch_id = {batch.batch_id}",
            reason,
        )
        verdict = _verdict(tx, landing_dir, batch)
        ledger.append(tx, batch.batch_id, "rejected", {"reason": reason, **verdict})


def _verdict(tx: Transaction, landing_dir: Path, batch: LandedBatch) -> dict[str, str]:
    return write_verdict(tx, landing_dir, batch.batch_id, batch.source_id, batch.table_name)


class _RowsToLoad:
    """The rows of a file that are loaded, read and counted as COPY takes them."""

    def __init__(
        self,
        file: Path,
        batch: LandedBatch,
        control_total: str | None,
        quarantined_rows: frozenset[int],
    ) -> None:
        self._file = pq.ParquetFile(file)
        self._batch = batch
        self._control_total = control_total
        self._quarantined = np.array(sorted(quarantined_rows), np.int64)
        self.sent = 0
        #: Rows without tombstones, and the sum of their control total; None where all are empty.
        self.extracted = 0
        self.total: Decimal | None = None

    @contextmanager
    def reader(self) -> Iterator[pa.RecordBatchReader]:
        """The rows as `land` has them, read while those before are copied.

        Columns without any value are left out: COPY then writes what they are, null.
        """
        empty = _columns_without_values(self._file.metadata) - {*MACHINERY, self._control_total}
        names = [n for n in self._file.schema_arrow.names if n not in _LEFT_OUT | empty]
        fields = [self._file.schema_arrow.field(name) for name in names]
        nothing = pa.RecordBatch.from_pylist([], pa.schema(fields))
        schema = _with_machinery(nothing, self._batch).schema
        with self._file, ahead(self._batches(names)) as batches:
            yield pa.RecordBatchReader.from_batches(schema, batches)

    def _batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        first = 0
        for batch in self._file.iter_batches(_ROWS_AT_ONCE, columns=names, use_threads=False):
            rows = self._kept(batch, first)
            first += batch.num_rows
            self._count(rows)
            yield _with_machinery(rows, self._batch)

    def _kept(self, rows: pa.RecordBatch, first: int) -> pa.RecordBatch:
        """The rows that are loaded, of which `first` is the number of the first in the file."""
        lost = rows["_duplicate"].to_numpy(zero_copy_only=False).copy()
        within = slice(*np.searchsorted(self._quarantined, (first, first + rows.num_rows)))
        lost[self._quarantined[within] - first] = True
        return rows.filter(pa.array(~lost)) if lost.any() else rows

    def _count(self, rows: pa.RecordBatch) -> None:
        self.sent += rows.num_rows
        deleted = pc.sum(rows["src_is_deleted"]).as_py() or 0
        self.extracted += rows.num_rows - deleted
        if self._control_total is not None:
            amounts = rows[self._control_total]
            if deleted:
                amounts = amounts.filter(pc.invert(rows["src_is_deleted"]))
            total = pc.sum(amounts).as_py()
            self.total = total if self.total is None else self.total + (total or 0)


def _columns_without_values(file: pq.FileMetaData) -> set[str]:
    """Columns that are null in all rows, as the file's own statistics say."""
    groups = [file.row_group(number) for number in range(file.num_row_groups)]
    return {
        file.schema.column(index).name
        for index in range(file.num_columns)
        if groups and all(_has_no_value(group.column(index)) for group in groups)
    }


def _has_no_value(chunk: pq.ColumnChunkMetaData) -> bool:
    said = chunk.statistics
    return bool(said and said.has_null_count and said.null_count == chunk.num_values)


def _with_machinery(rows: pa.RecordBatch, batch: LandedBatch) -> pa.RecordBatch:
    kept = rows.drop_columns([c for c in rows.schema.names if c in _NOT_LOADED])
    kept = kept.replace_schema_metadata()
    if "_extra" in kept.schema.names:
        # PostgreSQL's binary form of jsonb is its version and the text.
        binary = pc.binary_join_element_wise("\x01", pc.cast(kept["_extra"], pa.string()), "")
        kept = kept.set_column(kept.schema.get_field_index("_extra"), "_extra", binary)
    for name, value in (
        ("_src_system", pa.scalar(batch.source_id, pa.string())),
        ("_batch_id", pa.scalar(batch.batch_id, pa.int64())),
        ("_extracted_at", pa.scalar(batch.extracted_at, pa.timestamp("us"))),
    ):
        kept = kept.append_column(name, pa.repeat(value, rows.num_rows))
    return kept


def _close(
    tx: Transaction,
    batch: LandedBatch,
    copied: Copied,
    quarantined: int,
    verdict: Mapping[str, str],
) -> None:
    facts = {
        "loaded": copied.rows,
        "loaded_total": copied.control_total,
        "quarantined": quarantined,
        **verdict,
    }
    close_loaded(tx, batch.batch_id, facts, "localtimestamp")
    ledger.append(tx, batch.batch_id, "loaded", facts)


def close_loaded(tx: Transaction, batch_id: int, facts: Mapping[str, Any], at: str) -> None:
    """Mark a batch as loaded, as the ledger's entry says; `at` is the SQL of the time."""
    tx.execute(
        "update ops.batch set state = 'loaded', loaded = said.loaded,"
        " loaded_total = said.loaded_total, quarantined = said.quarantined,"
        f" loaded_at = {at} from jsonb_to_record(cast(cast($1 as text) as jsonb))"
        " as said(loaded bigint, loaded_total numeric, quarantined bigint)"
        f" where batch_id = {batch_id}",
        as_json(facts),
    )
