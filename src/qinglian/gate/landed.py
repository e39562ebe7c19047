"""One landed Parquet file, read by DuckDB in bounded memory."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa

from qinglian.contracts import Contract

#: Machinery columns that a file may lack, and what stands for them.
_OPTIONAL = {"_row_key": "concat_ws('|', {key})", "_key_conflict": "false"}
_REQUIRED = ("_row_hash", "src_is_deleted", "_cast_errors", "_duplicate")


class LandedFile:
    """Views over one file: `landed` has all rows and `_row_no` (from 0), `live` those to check."""

    def __init__(self, contract: Contract, path: Path, memory_mb: int) -> None:
        self._contract = contract
        self._memory_mb = memory_mb
        self._database = _database(memory_mb)
        self._db = self._database.cursor()
        source = f"read_parquet({_quoted(str(path))}, file_row_number=true)"
        self.columns = [row[0] for row in self._db.execute(f"describe from {source}").fetchall()]
        key = ", ".join(f"coalesce(cast(\"{k}\" as varchar), '')" for k in contract.key)
        added = "".join(
            f", {sql.format(key=key)} as {name}"
            for name, sql in _OPTIONAL.items()
            if name not in self.columns
        )
        if not self.missing:
            self._db.execute(
                "create temp view landed as select * rename (file_row_number as _row_no)"
                f"{added} from {source}"
            )
            self._db.execute(
                "create temp view live as select * from landed"
                " where not src_is_deleted and not _duplicate"
            )
        self._source = source

    def __enter__(self) -> "LandedFile":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()
        if error is None:  # after a fatal one, DuckDB answers no more
            _idle[self._memory_mb].append(self._database)

    @property
    def missing(self) -> list[str]:
        """Columns of the contract and the machinery that the file lacks."""
        wanted = [*(c.name for c in self._contract.landed_columns), *_REQUIRED]
        return [name for name in wanted if name not in self.columns]

    def set_variables(self, values: Mapping[str, object]) -> None:
        """Make values known to conditions as `getvariable('<name>')`; None is null."""
        set_variables(self._db, values)

    def counts(self) -> tuple[int, int, int]:
        """Rows, duplicates, tombstones. A repeated tombstone counts as a tombstone."""
        if self.missing:
            row = self._db.execute(f"select count(*), 0, 0 from {self._source}").fetchone()
        else:
            row = self._db.execute(
                "select count(*), count(*) filter (where _duplicate and not src_is_deleted),"
                " count(*) filter (where src_is_deleted) from landed"
            ).fetchone()
        assert row is not None  # noqa: S101 - an aggregate always gives one row
        return row[0], row[1], row[2]

    def table(self, select: str, *, order: str = "") -> pa.Table:
        """`select` list over the live rows as an Arrow table. Raises duckdb.Error."""
        return self._db.execute(f"select {select} from live {order}").to_arrow_table()

    def grouped(
        self, groups: str, aggregates: str, numbers: Sequence[int]
    ) -> list[tuple[Any, ...]]:
        """Aggregates over all rows by `groups`, ordered by them.

        Aggregates may ask whether a row is `live`, and whether it is `out`: among `numbers`.
        """
        self._db.register("out_numbers", pa.table({"_row_no": pa.array(numbers, pa.int64())}))
        return self.fetch(
            f"select {groups}, {aggregates} from ("
            "  select landed.*, not src_is_deleted and not _duplicate as live,"
            "    o._row_no is not null as out"
            "  from landed left join out_numbers o using (_row_no)"
            ") group by 1, 2 order by 1, 2"
        )

    def rows_as_json(self, numbers: Sequence[int]) -> Iterator[tuple[int, str, str, str]]:
        """Row number, key, hash and whole row (JSON) of these rows of the file."""
        self._db.execute("create or replace temp table wanted (_row_no bigint)")
        self._db.register("wanted_numbers", pa.table({"n": pa.array(numbers, pa.int64())}))
        self._db.execute("insert into wanted select n from wanted_numbers")
        fields = ", ".join(
            f"'{name}': \"{name}\""
            for name in [*(c.name for c in self._contract.landed_columns), "_cast_errors"]
        )
        reader = self._db.execute(
            f"select _row_no, _row_key, _row_hash, to_json({{{fields}}})"
            " from landed semi join wanted using (_row_no) order by _row_no"
        )
        while chunk := reader.fetchmany(2000):
            yield from chunk

    def fetch(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query over the views."""
        return self._db.execute(sql, parameters).fetchall()


#: Databases that no file is read with, by their memory. Opening one takes as long as a small
#: file's checks, so that they are used again; what belongs to a file lies in a cursor of its own.
_idle: defaultdict[int, list[duckdb.DuckDBPyConnection]] = defaultdict(list)


def _database(memory_mb: int) -> duckdb.DuckDBPyConnection:
    try:
        return _idle[memory_mb].pop()
    except IndexError:
        database = duckdb.connect(config={"threads": 1, "memory_limit": f"{memory_mb}MB"})
        database.execute("set enable_progress_bar = false")
        # What is read of a file is judged: never what was kept of another one of that name.
        database.execute("set enable_external_file_cache = false")
        return database


def set_variables(database: duckdb.DuckDBPyConnection, values: Mapping[str, object]) -> None:
    """Make values known to conditions as `getvariable('<name>')`; None is null."""
    for name, value in values.items():
        text = "null" if value is None else _quoted(str(value))
        database.execute(f"set variable {name} = {text}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
