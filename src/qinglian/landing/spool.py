"""Compares what a source sent with what is known, on disk and in constant memory.

DuckDB types the rows of one table's window batch by batch and hashes them; they then lie in a file.
DuckDB keeps only what it takes to compare them: keys, hashes and the columns that are summed up.
Duplicates and the comparison with known rows are SQL over these, which spills to disk.
"""

import re
import shutil
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qinglian.contracts import Column, Contract
from qinglian.extract.drift import ColumnDriftError, columns_problem
from qinglian.landing.misfits import FIRST_MOMENT, LAST_MOMENT, misfitting_columns
from qinglian.landing.row_file import RowFile

#: Columns of a landed file beyond the contract's.
MACHINERY = (
    "_row_key",
    "_row_hash",
    "src_is_deleted",
    "_cast_errors",
    "_duplicate",
    "_key_conflict",
)

#: Rows of a landed file that are written, and read, at once.
_ROWS_OF_A_GROUP = 20_000
#: Rows that are typed at once.
_TYPED_AT_ONCE = 10_000

Rows: TypeAlias = pa.Table | pa.RecordBatchReader


@dataclass(frozen=True)
class Comparison:
    """What a window holds against what was known of it."""

    extracted: int
    unchanged: int
    duplicates: int
    vanished: int
    known: int
    to_land: int
    batch_rows: int

    @property
    def parts(self) -> int:
        """Files that hold what is to be landed and the tombstones of what vanished."""
        return -(-(self.to_land + self.vanished) // self.batch_rows)


class Spool:
    """The rows of one table's window while they are compared and cut into batches."""

    def __init__(
        self, folder: Path, contract: Contract, memory_mb: int, extra: Collection[str] = ()
    ) -> None:
        """`extra` are columns beyond the contract whose values are kept, in `_extra`."""
        self._extra = extra
        #: Columns beyond the contract that came, with their types.
        self.unknown: dict[str, str] = {}
        self._folder = folder
        self._contract = contract
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._rows = RowFile(folder / "rows.arrow")
        self._tombstones = RowFile(folder / "tombstones.arrow")
        self._db = duckdb.connect(
            config={
                "threads": 1,
                "memory_limit": f"{memory_mb}MB",
                "temp_directory": str(folder / "tmp"),
                "preserve_insertion_order": False,
            },
        )
        self._db.execute("set enable_progress_bar = false")
        self._db.execute("set allocator_flush_threshold = '1MB'")
        # What the comparison took is given back when its tables go, not kept beside the parts.
        self._db.execute("set allocator_bulk_deallocation_flush_threshold = '1MB'")

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()
        self._rows.close()
        self._tombstones.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def fill(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Take in the source's rows, typed as the contract says, with key and hash.

        A value that does not fit its type becomes null and is kept as text in `_cast_errors`: the
        gate sends such a row to quarantine. Columns beyond the contract are left out but for those
        that are kept in `_extra`. Raises ColumnDriftError naming the columns that the
        mapping SQL does not return.
        """
        self._create_extracted()
        fitted = self._fitted(batches)
        for (schema, misfits), group in groupby(fitted, key=lambda b: (b.schema, _misfits(b))):
            for typed in self._typed(schema, misfits, group):
                self._rows.write(typed)
                self._keep_compared(typed)
        self._rows.finish()
        # Grouped by their hashes, keys that come twice are few; those are told apart by themselves.
        self._db.execute(
            "create table key_counts as select _key_no, count(*) as row_count,"
            " bool_or(_has_key) as has_key from extracted group by _key_no"
        )

    def _fitted(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            self._check_columns(batch.schema)
            yield _fit_decimals(batch, self._columns)

    def _typed(
        self, schema: pa.Schema, misfits: frozenset[str], batches: Iterator[pa.RecordBatch]
    ) -> Iterator[pa.RecordBatch]:
        """The batches with types, errors, key and hash; planned once, since planning is slow.

        Columns that have their type already are not passed through DuckDB.
        """
        ready = {
            c.name
            for c in self._columns
            if c.name not in misfits and _is_typed(schema.field(c.name).type, c)
        }
        numbered = schema.append(pa.field(_NUMBER, pa.int64()))
        arriving = Arriving(batches)
        waiting = Waiting(arriving, ready)
        reading = self._db.cursor()
        reading.register("incoming", pa.RecordBatchReader.from_batches(numbered, waiting))
        try:
            query = self._typed_select(schema, misfits, ready)
            for typed in reading.execute(query).to_arrow_reader(_TYPED_AT_ONCE):
                yield self._in_order(waiting.beside(typed))
        except Exception:
            arriving.raise_error()
            raise
        finally:
            reading.close()

    def _in_order(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        names = [c.name for c in self._columns]
        return rows.select([*names, "_extra", "_cast_errors", "_row_key", "_row_hash"])

    def _keep_compared(self, typed: pa.RecordBatch) -> None:
        compared = typed.select(self._compared_columns())
        has_key = self._has_key(typed)
        self._db.register("typed_rows", compared.append_column("_has_key", has_key))
        self._db.execute(f"insert into extracted {self._compared_select()}")
        self._db.unregister("typed_rows")

    def taken_in(self) -> list[tuple[str, str, str | None]]:
        """Key, hash and misfits (JSON) of the rows, in the order in which they were taken in."""
        return self._db.execute(
            "select _row_key, _row_hash, _cast_errors from extracted order by rowid"
        ).fetchall()

    def compare(
        self, known: Rows, quarantined: Rows, find_vanished: bool, batch_rows: int
    ) -> Comparison:
        """Sort extracted rows into new or changed, unchanged, repeated; find those that vanished.

        `known` has `_row_key`, `_row_hash`, `src_is_deleted` of the latest versions; `quarantined`
        has `_row_key`, `_row_hash` of rows that wait there. Rows to land are cut into parts of at
        most `batch_rows`.
        """
        self._take("known", known, "_row_key, _row_hash, src_is_deleted")
        self._take("quarantined", quarantined, "_row_key, _row_hash")
        self._db.execute(_COMPARE)
        self._db.execute(
            "create table vanished as select known._row_key from known"
            " where not known.src_is_deleted"
            " and not exists (select 1 from extracted e where e._row_key = known._row_key)"
            if find_vanished
            else "create table vanished (_row_key varchar)"
        )
        (extracted,) = self._one("select count(*) from extracted")
        unchanged, duplicates = self._one(
            f"select count(*) filter (where fate = {_UNCHANGED}),"
            f" count(*) filter (where fate = {_DUPLICATE}) from fates"
        )
        (vanished,) = self._one("select count(*) from vanished")
        (known_count,) = self._one("select count(*) from known where not src_is_deleted")
        self._batch_rows = batch_rows
        self._groups: Iterator[pa.Table] = self._groups_to_land()
        self._left: pa.Table | None = None
        to_land = extracted - unchanged
        return Comparison(
            extracted, unchanged, duplicates, vanished, known_count, to_land, batch_rows
        )

    def typed(self) -> "TypedTotals":
        """What was taken in, counted after its types were applied."""
        contract, total = self._contract, self._contract.control_total
        misfit = f"json_extract_string(_cast_errors, '$.{total}') is not null"
        key_misfits = " or ".join(
            f"json_extract_string(_cast_errors, '$.{name}') is not null" for name in contract.key
        )
        amount, uncounted = (
            (f'sum("{total}")', f"count(*) filter (where _cast_errors is not null and {misfit})")
            if total
            else ("null", "0")
        )
        control_total, uncounted_rows, lost_keys = self._one(
            f"""
            select {amount}, {uncounted},
                coalesce(bool_or(_cast_errors is not null and ({key_misfits})), false)
            from extracted
            """
        )
        (keys,) = self._one("select count(*) from key_counts where has_key")
        return TypedTotals(control_total, uncounted_rows, None if lost_keys else keys)

    def unchanged_total(self) -> Decimal | None:
        """Sum of the control total over the rows that are not landed again."""
        total = self._contract.control_total
        if total is None:
            return None
        (amount,) = self._one(
            f'select sum("{total}") from extracted'
            f" join fates on fates._row = extracted.rowid where fate = {_UNCHANGED}"
        )
        return Decimal(amount or 0)

    def latest(self, column: str, before: datetime) -> datetime | None:
        """Latest value of the freshness column that lies before `before`, unchanged rows included.

        Later values are mistakes of typing (the year 9999) and say nothing about the source.
        """
        (latest,) = self._one(
            f'select max(cast("{column}" as timestamp)) from extracted'
            f" where \"{column}\" < timestamp '{before}'"
        )
        return latest if latest is None else datetime.fromisoformat(str(latest))

    def vanished_keys(self) -> list[str]:
        """Keys of rows that were known in the window and are no longer at the source."""
        return [key for (key,) in self._db.execute("select _row_key from vanished").fetchall()]

    def add_tombstones(self, rows: pa.Table) -> None:
        """Take in the last known version of the vanished rows, to be landed as deleted."""
        self._db.register("tombstone_rows", rows)
        typed = ", ".join(
            f'cast("{c.name}" as {duckdb_type(c.physical_type)}) as "{c.name}"'
            for c in self._columns
        )
        self._tombstones.write(
            self._db.execute(
                f"select {typed}, cast(null as varchar) as _extra,"
                " cast(null as varchar) as _cast_errors, _row_key,"
                " cast(_row_hash as varchar) as _row_hash from tombstone_rows"
            ).to_arrow_table()
        )
        self._tombstones.finish()

    def write_part(self, path: Path, metadata: Mapping[str, str]) -> "PartTotals":
        """Write the next part as one Parquet file and return its totals.

        Parts and their rows follow the order in which the rows came, those of repeated keys first.
        There are as many as `compare` said. What was compared is let go by that.
        """
        counted: list[pa.Table] = []
        with ExitStack() as open_file:
            writer: pq.ParquetWriter | None = None
            for rows in self._next_part():
                if writer is None:
                    writer = open_file.enter_context(_writer(path, rows, metadata))
                writer.write_table(rows.cast(writer.schema))
                counted.append(rows.select(self._counted_columns()))
        return self._totals(pa.concat_tables(counted))

    def _next_part(self) -> Iterator[pa.Table]:
        """Groups of rows of the next part: `batch_rows` in all, or what is left."""
        missing = self._batch_rows
        while missing and (rows := self._left or next(self._groups, None)) is not None:
            self._left = rows.slice(missing) if rows.num_rows > missing else None
            taken = rows.slice(0, missing)
            missing -= taken.num_rows
            yield taken

    def _groups_to_land(self) -> Iterator[pa.Table]:
        """What is to be landed, in tables of some `_ROWS_OF_A_GROUP` rows."""
        # From here on only what became of each row counts: the memory is for parts.
        for name in ("extracted", "key_counts", "known", "quarantined"):
            self._db.execute(f"drop table {name}")
        waiting: list[pa.Table] = []
        for rows in self._rows_to_land():
            waiting.append(rows)
            if sum(table.num_rows for table in waiting) >= _ROWS_OF_A_GROUP:
                yield pa.concat_tables(waiting)
                waiting.clear()
        if waiting:
            yield pa.concat_tables(waiting)

    def _rows_to_land(self) -> Iterator[pa.Table]:
        """What is new or changed or comes twice, and then the tombstones.

        Rows whose key comes twice lead, so that they lie in one part: a crash between two parts
        would otherwise make a repeat of a loaded row count as unchanged.
        """
        (repeated,) = self._one(f"select count(*) from fates where fate <> {_UNCHANGED}")
        if repeated:
            yield from self._rows_of((_FIRST, _DUPLICATE, _CONFLICT))
        yield from self._rows_of((_NEW,))
        for rows in self._tombstones.read():
            no = pa.array([False] * rows.num_rows, pa.bool_())
            yield _as_landed(rows, is_deleted=True, duplicate=no, conflict=no)

    def _rows_of(self, wanted: Sequence[int]) -> Iterator[pa.Table]:
        """Rows with one of these fates, as they came."""
        first = 0
        for spooled in self._rows.read():
            rows, fates = spooled, self._fates(first, spooled.num_rows)
            first += spooled.num_rows
            is_wanted = pc.is_in(fates, pa.array(wanted, pa.uint8()))
            if not pc.all(is_wanted).as_py():
                rows, fates = rows.filter(is_wanted), fates.filter(is_wanted)
            if rows.num_rows:
                yield _as_landed(
                    rows,
                    is_deleted=False,
                    duplicate=pc.equal(fates, _DUPLICATE),
                    conflict=pc.equal(fates, _CONFLICT),
                )

    def _fates(self, first: int, rows: int) -> pa.Array:
        """Fates of consecutive rows as numbers, in their order."""
        found = self._db.execute(
            f"select _row - {first} as place, fate from fates"
            f" where _row >= {first} and _row < {first + rows}"
        ).fetchnumpy()
        fates = np.full(rows, _NEW, np.uint8)
        fates[found["place"]] = found["fate"]
        return pa.array(fates)

    def _counted_columns(self) -> list[str]:
        """Columns that the totals of a part need."""
        contract = self._contract
        wanted = {contract.control_total, contract.cursor.business_column}
        names = [c.name for c in self._columns if c.name in wanted]
        return [*names, "_row_key", "src_is_deleted", "_duplicate"]

    def _totals(self, part: pa.Table) -> "PartTotals":
        contract = self._contract
        total = f'sum("{contract.control_total}")' if contract.control_total else "null"
        present = f"{total} filter (where not src_is_deleted)" if contract.control_total else "null"
        date = contract.cursor.business_column
        span = (
            f'cast(min("{date}") as timestamp), cast(max("{date}") as timestamp)'
            if date
            else "null, null"
        )
        self._db.register("part", part)
        row = self._one(
            f"""
            select count(*), count(*) filter (where src_is_deleted),
                   count(*) filter (where _duplicate),
                   count(distinct _row_key), cast({total} as decimal(24, 2)),
                   {present}, {span}
            from part
            """
        )
        self._db.unregister("part")
        return PartTotals(*row)

    def _take(self, name: str, rows: Rows, columns: str) -> None:
        """Keep rows that come as a stream: they are needed more than once."""
        self._db.register("given", rows)
        self._db.execute(f"create table {name} as select {columns} from given")
        self._db.unregister("given")

    def _compared_columns(self) -> list[str]:
        """Columns that the comparison and the totals of a window need; the others lie in a file."""
        contract = self._contract
        freshness = contract.freshness.column if contract.freshness else None
        names = [c.name for c in self._columns if c.name in (contract.control_total, freshness)]
        return [*names, "_row_key", "_row_hash", "_cast_errors"]

    def _compared_select(self) -> str:
        names = ", ".join(f'"{name}"' for name in self._compared_columns())
        return f"select {names}, hash(_row_key) as _key_no, _has_key from typed_rows"

    def _has_key(self, typed: pa.RecordBatch) -> pa.Array:
        """Whether a row has all parts of its key, row by row."""
        return reduce(pc.and_, [pc.is_valid(typed[name]) for name in self._contract.key])

    def _create_extracted(self) -> None:
        kinds = {c.name: duckdb_type(c.physical_type) for c in self._columns}
        columns = ", ".join(
            f'"{name}" {kinds.get(name, "varchar")}' for name in self._compared_columns()
        )
        self._db.execute(f"create table extracted ({columns}, _key_no ubigint, _has_key boolean)")

    @property
    def _columns(self) -> tuple[Column, ...]:
        return self._contract.landed_columns

    def _check_columns(self, schema: pa.Schema) -> None:
        wanted = [c.name for c in self._columns]
        if problem := columns_problem(wanted, schema.names):
            raise ColumnDriftError(problem)
        self.unknown = {f.name: str(f.type) for f in schema if f.name not in wanted}

    def _typed_select(
        self, incoming: pa.Schema, misfits: frozenset[str], ready: Collection[str]
    ) -> str:
        """Rows of `incoming` with types, errors, key and hash; `misfits` are columns to look at.

        Of `ready` columns no value changes by its type: they are left out of the result.
        Most rows lose no value to a cast: only for those that do, the list of errors is built.
        """
        columns = self._columns
        fallible = [
            c for c in columns if c.name in misfits or not _fits(incoming.field(c.name).type, c)
        ]
        given = "".join(f', "{c.name}" as "{_GIVEN}{c.name}"' for c in fallible)
        typed = ",\n".join(
            f'{_cast(c) if c in fallible else _safe_cast(c)} as "{c.name}"' for c in columns
        )
        names = ", ".join(f'"{c.name}"' for c in columns)
        key = ", ".join(f"coalesce(cast(\"{name}\" as varchar), '')" for name in self._contract.key)
        hashed = ", ".join(
            f'coalesce(cast("{c.name}" as varchar), chr(30))'
            for c in columns
            if c.name != "src_updated_at"
        )
        kept = sorted(set(self._extra) & set(self.unknown))
        result = ", ".join([_NUMBER, *(f'"{c.name}"' for c in columns if c.name not in ready)])
        # A null is left out of the hash: rows without kept columns have the hash that they had.
        return f"""
            with typed as (
                select {_NUMBER}, {typed}{given}, {_extra_json(kept)} as _extra from incoming
            ),
            judged as (
                select {_NUMBER}, {names}, _extra, {_errors_json(fallible)} as _cast_errors
                from typed
            )
            select {result}, _extra, _cast_errors,
                concat_ws('|', {key}) as _row_key,
                sha256(concat_ws(chr(31), {hashed}, coalesce(_cast_errors, ''), _extra))
                    as _row_hash
            from judged
            """

    def _one(self, sql: str) -> tuple[Any, ...]:
        row = self._db.execute(sql).fetchone()
        assert row is not None  # noqa: S101 - an aggregate always gives one row
        return row


_LENGTH = re.compile(r"\((\d+)\)")
_DECIMAL = re.compile(r"numeric\((\d+),\s*(\d+)\)")


@dataclass(frozen=True)
class PartTotals:
    """Control totals of one landed file."""

    rows: int
    vanished: int
    duplicates: int
    distinct_keys: int
    #: Over all rows of the file, and without its tombstones; None where all are empty.
    control_total: Decimal | None
    extracted_total: Decimal | None
    business_date_min: datetime | None
    business_date_max: datetime | None


@dataclass(frozen=True)
class TypedTotals:
    """What a window holds once its values have the contract's types.

    `distinct_keys` is None where a key lost a part of it to its type.
    """

    control_total: Decimal | None
    uncounted_rows: int
    distinct_keys: int | None


#: Fates of a row; the first of several alike is landed as new ones are.
_NEW, _UNCHANGED, _FIRST, _DUPLICATE, _CONFLICT = range(5)

#: A row is unchanged when its key and content are known, however often it comes; new content that
#: comes twice in one extract is a duplicate; one key with different contents is a conflict, which
#: nobody here can decide. Few keys come twice: only their rows are ranked. A row's number and fate
#: are written down where it is not simply new.
_COMPARE = f"""
create table fates as
with ranked as (
    select rowid as _row,
        row_number() over (partition by _row_key, _row_hash order by rowid) as repeat_no,
        min(_row_hash) over (partition by _row_key) <> max(_row_hash) over (partition by _row_key)
            as has_conflict
    from extracted
    where _key_no in (select _key_no from key_counts where row_count > 1)
),
unchanged_keys as (
    select _row_key, _row_hash from known where not src_is_deleted
    union all
    select _row_key, _row_hash from quarantined
),
unchanged as (
    select e.rowid as _row from extracted e
    semi join unchanged_keys u on u._row_key = e._row_key and u._row_hash = e._row_hash
)
select _row, cast({_UNCHANGED} as utinyint) as fate from unchanged
union all
select _row,
    case
        when repeat_no > 1 then {_DUPLICATE} when has_conflict then {_CONFLICT} else {_FIRST}
    end as fate
from ranked anti join unchanged using (_row)
"""


def duckdb_type(physical_type: str) -> str:
    """DuckDB's name of a contract's PostgreSQL type, e.g. ``char(64)`` -> ``varchar``."""
    name = physical_type.split("(", maxsplit=1)[0].strip().lower()
    if name == "numeric":
        return physical_type.lower().replace("numeric", "decimal")
    return {
        "text": "varchar",
        "varchar": "varchar",
        "char": "varchar",
        "timestamp": "timestamp",
        "date": "date",
        "boolean": "boolean",
        "smallint": "smallint",
        "int": "integer",
        "integer": "integer",
        "bigint": "bigint",
    }[name]


def _misfits(batch: pa.RecordBatch) -> frozenset[str]:
    return frozenset(misfitting_columns(batch))


class Arriving:
    """Batches on their way through DuckDB, which tells no more of an error than its text."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._error: BaseException | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._batches
        except BaseException as error:
            self._error = error
            raise

    def raise_error(self) -> None:
        """Raise what stopped the batches, if anything did."""
        if self._error is not None:
            raise self._error


class Waiting:
    """Batches on their way into DuckDB; their `ready` columns wait here for what it makes of them.

    The rows carry numbers through it, which show that they come out in the order in which they
    went in. DuckDB may fetch the next batch in a thread of its own while the last one is put
    together here.
    """

    def __init__(self, batches: Iterable[pa.RecordBatch], ready: Collection[str]) -> None:
        self._batches = batches
        self._ready = ready
        self._waiting: list[pa.Table] = []
        self._lock = threading.Lock()
        self._went_in = 0
        self._came_out = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            names = [name for name in batch.schema.names if name in self._ready]
            with self._lock:
                self._waiting.append(pa.Table.from_batches([batch.select(names)]))
            numbers = np.arange(self._went_in, self._went_in + batch.num_rows)
            self._went_in += batch.num_rows
            yield batch.append_column(_NUMBER, pa.array(numbers))

    def beside(self, typed: pa.RecordBatch) -> pa.RecordBatch:
        """What DuckDB made of the next rows, with their ready columns."""
        size = typed.num_rows
        expected = np.arange(self._came_out, self._came_out + size)
        if not np.array_equal(typed[_NUMBER].to_numpy(), expected):
            raise RuntimeError("DuckDB gave the rows in another order than it was given them")
        self._came_out += size
        with self._lock:
            rows = pa.concat_tables(self._waiting)
            rest = rows.slice(size)
            self._waiting = [rest] if rest.num_rows else []
        columns = [c.combine_chunks() for c in rows.slice(0, size).columns]
        return pa.record_batch(
            [*columns, *typed.columns], names=[*rows.column_names, *typed.schema.names]
        )


def _writer(path: Path, rows: pa.Table, metadata: Mapping[str, str]) -> pq.ParquetWriter:
    """Opens a landed file, of which `rows` are the first.

    Statistics are written where they have no value: the load leaves out what these call empty.
    """
    return pq.ParquetWriter(
        path,
        rows.schema.with_metadata(dict(metadata)),
        compression="zstd",
        use_dictionary=False,
        store_decimal_as_integer=True,
        write_statistics=[
            name for name in rows.column_names if rows[name].null_count == rows.num_rows
        ],
    )


def _as_landed(
    rows: pa.Table, *, is_deleted: bool, duplicate: pa.Array, conflict: pa.Array
) -> pa.Table:
    """Spooled rows with the columns of a landed file, in its order."""
    contract_columns = rows.drop_columns(["_cast_errors", "_row_key", "_row_hash"])
    deleted = pa.array([is_deleted] * rows.num_rows, pa.bool_())
    return (
        contract_columns.append_column("_row_key", rows["_row_key"])
        .append_column("_row_hash", rows["_row_hash"])
        .append_column("src_is_deleted", deleted)
        .append_column("_cast_errors", rows["_cast_errors"])
        .append_column("_duplicate", duplicate)
        .append_column("_key_conflict", conflict)
    )


#: Prefix of a value as it was given, beside its typed column.
_GIVEN = "_given_"
#: Number of a row on its way through DuckDB.
_NUMBER = "_number"


def _fit_decimals(batch: pa.RecordBatch, columns: Sequence[Column]) -> pa.RecordBatch:
    """The batch with decimals as narrow as the contract's, where no value loses a digit by it.

    Drivers hand decimals over in their widest form, which DuckDB casts ten times slower. Columns
    with a value that does not fit stay as they are: the cast in SQL finds the row.
    """
    for column in columns:
        index = batch.schema.get_field_index(column.name)
        wanted = _arrow_decimal(column)
        if wanted is not None and pa.types.is_decimal(batch.schema.field(index).type):
            try:
                fitted = pc.cast(batch.column(index), wanted)
            except pa.ArrowInvalid:
                continue
            batch = batch.set_column(index, column.name, fitted)
    return batch


def _arrow_decimal(column: Column) -> pa.Decimal128Type | None:
    digits = _DECIMAL.fullmatch(column.physical_type)
    return pa.decimal128(int(digits[1]), int(digits[2])) if digits else None


def _fits(given: pa.DataType, column: Column) -> bool:
    """Whether each value of a type that came is one of the contract's type too."""
    if pa.types.is_decimal(given):
        return bool(given == _arrow_decimal(column))
    kind = duckdb_type(column.physical_type)
    if kind == "varchar":
        return _LENGTH.search(column.physical_type) is None
    return (kind == "timestamp" and pa.types.is_timestamp(given)) or (
        kind == "date" and pa.types.is_date(given)
    )


def _is_typed(given: pa.DataType, column: Column) -> bool:
    """Whether a type that came is the very one that DuckDB would give."""
    kind = duckdb_type(column.physical_type)
    same = {"varchar": pa.string(), "timestamp": pa.timestamp("us"), "date": pa.date32()}
    return _fits(given, column) and given == (_arrow_decimal(column) or same.get(kind))


def _errors_json(fallible: Sequence[Column]) -> str:
    """SQL of the values that their cast lost, as JSON; null for a row that lost none."""
    if not fallible:
        return "cast(null as varchar)"
    lost = " or ".join(f'("{c.name}" is null and "{_GIVEN}{c.name}" is not null)' for c in fallible)
    values = ",\n".join(
        f"{{'k': '{c.name}', 'v': case when \"{c.name}\" is null and"
        f" trim(cast(\"{_GIVEN}{c.name}\" as varchar)) <> ''"
        f' then cast("{_GIVEN}{c.name}" as varchar) end}}'
        for c in fallible
    )
    errors = f"list_filter([{values}], lambda e: e.v is not null)"
    # Few rows lose a value: the list over all columns is built for these alone.
    return (
        f"case when {lost}"
        f" then nullif(cast(to_json(map_from_entries({errors})) as varchar), '{{}}') end"
    )


def _extra_json(names: Sequence[str]) -> str:
    """SQL of columns beyond the contract as JSON, each value as text; null where all are empty."""
    if not names:
        return "cast(null as varchar)"
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
    filled = " or ".join(f"{column} is not null" for column in quoted.values())
    fields = ", ".join(
        "'" + name.replace("'", "''") + f"': cast({column} as varchar)"
        for name, column in quoted.items()
    )
    # jsonb cannot hold a zero character.
    text = f"replace(cast(to_json({{{fields}}}) as varchar), '\\u0000', '\\ufffd')"
    return f"case when {filled} then {text} end"


def _safe_cast(column: Column) -> str:
    """A cast of values that all fit."""
    return f'cast("{column.name}" as {duckdb_type(column.physical_type)})'


def _cast(column: Column) -> str:
    """A cast that gives null where the value does not fit, and never rounds money."""
    kind = duckdb_type(column.physical_type)
    name = f'"{column.name}"'
    if kind == "varchar":
        length = _LENGTH.search(column.physical_type)
        text = f"cast({name} as varchar)"
        within = f" and length({text}) <= {length[1]}" if length else ""
        return f"case when not contains({text}, chr(0)){within} then {text} end"
    if kind.startswith("decimal"):
        exact = f"try_cast({name} as decimal(38, 10))"
        fitted = f"try_cast({name} as {kind})"
        return f"case when {exact} = {fitted} then {fitted} end"
    typed = f"try_cast({name} as {kind})"
    if kind in ("date", "timestamp"):
        return f"case when {typed} between '{FIRST_MOMENT}' and '{LAST_MOMENT}' then {typed} end"
    return typed
