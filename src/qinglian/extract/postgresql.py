"""Reads a query from PostgreSQL as it is consumed: what is not yet asked for waits at the server.

A source that is faster than the comparison would otherwise fill the memory with rows that wait.
"""

from collections.abc import Generator, Sequence
from functools import cache

import adbc_driver_postgresql as adbc
import pyarrow as pa
import pyarrow.compute as pc
from adbc_driver_manager import AdbcConnection, AdbcDatabase, AdbcStatement
from psycopg import Column

#: The driver puts so many bytes of rows into one batch.
_BATCH_BYTES = 2 << 20
_NUMERIC = 1700
_SCALE = 10
_WIDEST = pa.decimal128(38, _SCALE)
#: boolean, integers, floats, numeric, texts, date and timestamps, by their numbers in pg_type.
_AS_THEY_ARE = {16, 21, 23, 20, 700, 701, 1700, 18, 19, 25, 1042, 1043, 1082, 1114, 1184}


def stream(
    url: str, sql: str, batch_rows: int, snapshot: str
) -> Generator[pa.RecordBatch, None, None]:
    """Record batches of at most `batch_rows`, of a plain query in an exported snapshot.

    The transaction that exported it must be open until the first batch has come. Errors are those
    of the driver.
    """
    with AdbcConnection(_database(url)) as connection:
        connection.set_autocommit(False)
        _execute(connection, "set transaction isolation level repeatable read read only")
        _execute(connection, f"set transaction snapshot '{snapshot}'")
        with AdbcStatement(connection) as statement:
            statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)})
            statement.set_sql_query(sql)
            rows, _ = statement.execute_query()
            for batch in pa.RecordBatchReader.from_stream(rows):
                plain_batch = _plain_batch(batch)
                for start in range(0, plain_batch.num_rows, batch_rows):
                    yield plain_batch.slice(start, batch_rows)


@cache
def _database(url: str) -> AdbcDatabase:
    """What ADBC knows of a server's types; it holds no connection.

    Reading them takes a tenth of a second: too long for each table of a source.
    """
    database: AdbcDatabase = adbc.connect(url)
    return database


def _execute(connection: AdbcConnection, sql: str) -> None:
    with AdbcStatement(connection) as statement:
        statement.set_sql_query(sql)
        statement.execute_update()


def plain(sql: str, columns: Sequence[Column]) -> str:
    """The query with its columns in types that the driver gives as values.

    Of other types it would give the bytes, and of money the cents: they come as text. Numbers come
    with ten places, as the source counts them.
    """
    chosen = [_plain_expression(column) for column in columns]
    if chosen == [_quoted(column.name) for column in columns]:
        return sql
    return f"select {', '.join(chosen)} from (\n{sql}\n) as mapped"


def _plain_expression(column: Column) -> str:
    name = _quoted(column.name)
    if column.type_code not in _AS_THEY_ARE:
        return f"cast({name} as text) as {name}"
    if column.type_code == _NUMERIC and (column.scale is None or column.scale > _SCALE):
        return f"round({name}, {_SCALE}) as {name}"
    return name


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _plain_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with decimals and texts where the driver has types that Arrow does not know."""
    columns = [_plain_column(column) for column in batch.columns]
    return pa.record_batch(columns, names=[name.lower() for name in batch.schema.names])


def _plain_column(column: pa.Array) -> pa.Array:
    if not isinstance(column.type, pa.BaseExtensionType):
        return column
    if getattr(column.type, "type_name", None) != "numeric":
        return column.storage
    try:
        return pc.cast(column.storage, _WIDEST)
    except pa.ArrowInvalid:  # NaN, Infinity, more digits than any money has: the gate finds the row
        return column.storage
