"""One database transaction in which Arrow data is copied in and rows are written beside it.

psycopg cannot copy Arrow data in binary form and ADBC can, so what must be one transaction with a
load goes through ADBC.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa


class Transaction:
    """An open transaction. Statements take `$1`, `$2` … parameters of type text."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def execute(self, sql: str, *parameters: str) -> None:
        """Run a statement that returns no rows."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)

    def one(self, sql: str, *parameters: str) -> tuple[Any, ...] | None:
        """The first row of a query, None when it has none."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            row: tuple[Any, ...] | None = cursor.fetchone()
            return row

    def fetch(self, sql: str, *parameters: str) -> pa.Table:
        """All rows of a query as an Arrow table; numerics come as text."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return _plain(cursor.fetch_arrow_table())

    def copy(self, schema: str, table: str, rows: pa.RecordBatchReader) -> int:
        """Append Arrow rows to a table by binary COPY; returns how many the server took."""
        with self._connection.cursor() as cursor:
            return int(cursor.adbc_ingest(table, rows, mode="append", db_schema_name=schema))

    @contextmanager
    def stream(self, sql: str) -> Iterator[pa.RecordBatchReader]:
        """The rows of a query as they are consumed; its columns have types that Arrow knows.

        It takes no parameters: with them, the driver would fetch all rows at once.
        """
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            yield cursor.fetch_record_batch()


def _plain(table: pa.Table) -> pa.Table:
    """Types that Arrow does not know (numeric) as the text that they are carried as."""
    columns = [
        pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
        if isinstance(column.type, pa.BaseExtensionType)
        else column
        for column in table.columns
    ]
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def as_json(values: Mapping[str, Any]) -> str:
    """Values of one row as a JSON parameter, to be read back by `jsonb_to_record`."""
    return json.dumps(values, ensure_ascii=False, default=str)


@contextmanager
def transaction(url: str) -> Iterator[Transaction]:
    """A transaction on `url`: committed at the end, rolled back on any error."""
    with _opening:
        database = _database(url)
    connection = database.adbc_clone()
    try:
        yield Transaction(connection)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.close()


_opening = threading.Lock()


@cache
def _database(url: str) -> Any:
    """A connection that is only ever cloned: ADBC reads the server's types once for all clones.

    Reading them takes a tenth of a second, more than all else that a quiet table costs.
    """
    return adbc.connect(url, autocommit=True)
