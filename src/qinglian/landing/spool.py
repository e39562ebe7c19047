"""Compares what a source sent with what is known, on disk and in constant memory.

DuckDB holds the rows of one table's window in a temporary database that spills to disk. Casting,
row hashes, duplicates and the comparison with known rows are SQL over it.
"""

import re
import shutil
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from qinglian.contracts import Column, Contract
from qinglian.extract.drift import ColumnDriftError, columns_problem
from qinglian.landing.misfits import FIRST_MOMENT, LAST_MOMENT, misfitting_columns

#: Columns of a landed file beyond the contract's.
MACHINERY = (
    "_row_key",
    "_row_hash",
    "src_is_deleted",
    "_cast_errors",
    "_duplicate",
    "_key_conflict",
)


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
        self._db = duckdb.connect(
            str(folder / "spool.duckdb"),
            config={
                "threads": 1,
                "memory_limit": f"{memory_mb}MB",
                "temp_directory": str(folder / "tmp"),
                "preserve_insertion_order": False,
            },
        )
        # The file is removed when it is closed: writing it out once more would be for nothing.
        self._db.execute("pragma disable_checkpoint_on_shutdown")
        self._db.execute("set enable_progress_bar = false")

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def fill(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Take in the source's rows, typed as the contract says, with key and hash.

        A value that does not fit its type becomes null and is kept as text in `_cast_errors`: the
        gate sends such a row to quarantine. Columns beyond the contract are left out but for those
        that are kept in `_extra`. Raises ColumnDriftError naming the columns that the
        mapping SQL does not return.
        """
        created = False
        for batch in batches:
            self._check_columns(batch.schema)
            fitted = _fit_decimals(batch, self._columns)
            self._db.register("incoming", fitted)
            verb = "insert into extracted" if created else "create table extracted as"
            misfits = frozenset(misfitting_columns(fitted))
            self._db.execute(f"{verb} {self._typed_select(fitted.schema, misfits)}")
            self._db.unregister("incoming")
            created = True
        if not created:
            empty = ", ".join(
                f'cast(null as {duckdb_type(c.physical_type)}) as "{c.name}"' for c in self._columns
            )
            self._db.execute(
                f"create table extracted as select {empty}, cast(null as varchar) as _extra,"
                " '' as _row_key, '' as _row_hash,"
                " cast(null as varchar) as _cast_errors where false"
            )

    def taken_in(self) -> list[tuple[str, str, str | None]]:
        """Key, hash and misfits (JSON) of the rows, in the order in which they were taken in."""
        return self._db.execute(
            "select _row_key, _row_hash, _cast_errors from extracted order by rowid"
        ).fetchall()

    def compare(
        self, known: pa.Table, quarantined: pa.Table, find_vanished: bool, batch_rows: int
    ) -> Comparison:
        """Sort extracted rows into new or changed, unchanged, repeated; find those that vanished.

        `known` has `_row_key`, `_row_hash`, `src_is_deleted` of the latest versions; `quarantined`
        has `_row_key`, `_row_hash` of rows that wait there. Rows to land are numbered into parts of
        at most `batch_rows`.
        """
        self._db.register("known_rows", known)
        self._db.register("quarantined_rows", quarantined)
        self._db.execute(
            """
            create table known as
            select _row_key, _row_hash, src_is_deleted from known_rows
            """
        )
        self._db.execute(
            """
            create table unchanged_keys as
            select _row_key, _row_hash from known where not src_is_deleted
            union
            select _row_key, _row_hash from quarantined_rows
            """
        )
        self._db.execute(_COMPARE)
        self._db.execute(
            """
            create table vanished as
            select known._row_key from known
            where not known.src_is_deleted and cast(? as boolean)
              and not exists (select 1 from extracted e where e._row_key = known._row_key)
            """,
            [find_vanished],
        )
        extracted, unchanged, duplicates, to_land = self._one(
            """
            select count(*), count(*) filter (where fate = 'unchanged'),
                   count(*) filter (where fate = 'duplicate'),
                   count(*) filter (where fate <> 'unchanged')
            from fates
            """
        )
        (vanished,) = self._one("select count(*) from vanished")
        (known_count,) = self._one("select count(*) from known where not src_is_deleted")
        self._batch_rows = batch_rows
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
        known = " and ".join(f'"{name}" is not null' for name in contract.key)
        amount, uncounted = (
            (f'sum("{total}")', f"count(*) filter (where _cast_errors is not null and {misfit})")
            if total
            else ("null", "0")
        )
        row = self._one(
            f"""
            select {amount}, {uncounted},
                count(distinct hash(_row_key)) filter (where {known}),
                coalesce(bool_or(_cast_errors is not null and ({key_misfits})), false)
            from extracted
            """
        )
        return TypedTotals(row[0], row[1], None if row[3] else row[2])

    def unchanged_total(self) -> Decimal | None:
        """Sum of the control total over the rows that are not landed again."""
        total = self._contract.control_total
        if total is None:
            return None
        (amount,) = self._one(
            f'select sum("{total}") from extracted'
            " join fates on fates._row = extracted.rowid where fate = 'unchanged'"
        )
        return Decimal(amount or 0)

    def latest(self, column: str, before: datetime) -> datetime | None:
        """Latest value of a time column that lies before `before`, unchanged rows included.

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
        self._db.execute(
            f"create table tombstones as select {typed}, _row_key, _row_hash from tombstone_rows"
        )

    def write_part(self, part: int, path: Path, metadata: dict[str, str]) -> "PartTotals":
        """Write part number `part` (from 0) as one Parquet file and return its totals."""
        names = ", ".join(f'"{c.name}"' for c in self._columns)
        if part == 0:
            self._number_rows(names)
        first, last = part * self._batch_rows, (part + 1) * self._batch_rows
        pairs = ", ".join(f"{k}: '{v}'" for k, v in metadata.items())
        self._db.execute(
            f"""
            copy (select * exclude (_row_no) from numbered
                  where _row_no >= {first} and _row_no < {last} order by _row_no)
            to '{path}' (format parquet, compression zstd, kv_metadata {{{pairs}}})
            """
        )
        return self._totals(first, last)

    def _number_rows(self, names: str) -> None:
        tombstones = (
            f"union all select {names}, null, _row_key, _row_hash, true, null, false, false"
            " from tombstones"
            if self._has_table("tombstones")
            else ""
        )
        self._db.execute(
            f"""
            create table numbered as
            with to_land as (
                select {names}, _extra, _row_key, _row_hash, false as src_is_deleted, _cast_errors,
                       fate = 'duplicate' as _duplicate, fate = 'conflict' as _key_conflict
                from extracted join fates on fates._row = extracted.rowid
                where fate <> 'unchanged'
                {tombstones}
            )
            select *, row_number() over (order by _row_key, _row_hash, _duplicate) - 1 as _row_no
            from to_land
            """
        )

    def _totals(self, first: int, last: int) -> "PartTotals":
        contract = self._contract
        total = f'sum("{contract.control_total}")' if contract.control_total else "null"
        present = f"{total} filter (where not src_is_deleted)" if contract.control_total else "null"
        date = contract.cursor.business_column
        span = (
            f'cast(min("{date}") as timestamp), cast(max("{date}") as timestamp)'
            if date
            else "null, null"
        )
        row = self._one(
            f"""
            select count(*), count(*) filter (where src_is_deleted),
                   count(*) filter (where _duplicate),
                   count(distinct _row_key), cast({total} as decimal(24, 2)),
                   {present}, {span}
            from numbered where _row_no >= {first} and _row_no < {last}
            """
        )
        return PartTotals(*row)

    @property
    def _columns(self) -> tuple[Column, ...]:
        return self._contract.landed_columns

    def _check_columns(self, schema: pa.Schema) -> None:
        wanted = [c.name for c in self._columns]
        if problem := columns_problem(wanted, schema.names):
            raise ColumnDriftError(problem)
        self.unknown = {f.name: str(f.type) for f in schema if f.name not in wanted}

    def _typed_select(self, incoming: pa.Schema, misfits: frozenset[str]) -> str:
        """Rows of `incoming` with types, errors, key and hash; `misfits` are columns to look at.

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
        # A null is left out of the hash: rows without kept columns have the hash that they had.
        return f"""
            with typed as (
                select {typed}{given}, {_extra_json(kept)} as _extra from incoming
            ),
            judged as (
                select {names}, _extra, {_errors_json(fallible)} as _cast_errors from typed
            )
            select *,
                concat_ws('|', {key}) as _row_key,
                sha256(concat_ws(chr(31), {hashed}, coalesce(_cast_errors, ''), _extra))
                    as _row_hash
            from judged
            """

    def _has_table(self, name: str) -> bool:
        return bool(
            self._db.execute(
                "select 1 from duckdb_tables() where table_name = ?", [name]
            ).fetchone()
        )

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


#: A row is unchanged when its key and content are known, however often it comes; new content that
#: comes twice in one extract is a duplicate; one key with different contents is a conflict, which
#: nobody here can decide. Few keys come twice: only their rows are ranked, and only a row's number
#: and fate are written down.
_COMPARE = """
create table fates as
with repeated_keys as (
    select _row_key from extracted group by _row_key having count(*) > 1
),
ranked as (
    select rowid as _row,
        row_number() over (partition by _row_key, _row_hash) as repeat_no,
        min(_row_hash) over (partition by _row_key) <> max(_row_hash) over (partition by _row_key)
            as has_conflict
    from extracted
    where _row_key in (select _row_key from repeated_keys)
)
select e.rowid as _row,
    case
        when u._row_key is not null then 'unchanged'
        when ranked.repeat_no > 1 then 'duplicate'
        when ranked.has_conflict then 'conflict'
        else 'new'
    end as fate
from extracted e
left join ranked on ranked._row = e.rowid
left join unchanged_keys u on u._row_key = e._row_key and u._row_hash = e._row_hash
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


#: Prefix of a value as it was given, beside its typed column.
_GIVEN = "_given_"


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
        f"case when {lost} then case when len({errors}) > 0"
        f" then cast(to_json(map_from_entries({errors})) as varchar) end end"
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
