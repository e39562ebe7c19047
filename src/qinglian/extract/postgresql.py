"""Reads a query from PostgreSQL as it is consumed: what is not yet asked for waits at the server.

A source that is faster than the comparison would otherwise fill the memory with rows that wait.
"""

from collections.abc import Iterator, Sequence

import adbc_driver_postgresql.dbapi as adbc
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

#: The driver puts so many bytes of rows into one batch.
_BATCH_BYTES = 4 << 20
_READ_ONLY = ("set transaction isolation level repeatable read read only",)
_WIDEST = pa.decimal128(38, 10)
#: boolean, integers, floats, numeric, texts, date and timestamps, by their numbers in pg_type.
_AS_THEY_ARE = {16, 21, 23, 20, 700, 701, 1700, 18, 19, 25, 1042, 1043, 1082, 1114, 1184}


def stream(
    url: str, sql: str, batch_rows: int, first: Sequence[str] = _READ_ONLY
) -> Iterator[pa.RecordBatch]:
    """Record batches of at most `batch_rows`; errors are those of the driver.

    `first` are statements that begin the transaction, before the query is its first one. Types that
    Arrow has not come as text: the driver would give their bytes, and of money its cents.
    """
    query = _with_texts(url, sql)
    with adbc.connect(url) as connection, connection.cursor() as cursor:
        for statement in first:
            cursor.execute(statement)
        cursor.adbc_statement.set_options(
            **{"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)}
        )
        cursor.execute(query)
        for batch in cursor.fetch_record_batch():
            plain = _plain(batch)
            for start in range(0, plain.num_rows, batch_rows):
                yield plain.slice(start, batch_rows)


def _with_texts(url: str, sql: str) -> str:
    """The query with the columns of other types as text."""
    mapped = f"(\n{sql}\n) as mapped"
    with psycopg.connect(url) as connection:
        cursor = connection.execute(f"select * from {mapped} limit 0".encode())
        columns = cursor.description or []
    if all(column.type_code in _AS_THEY_ARE for column in columns):
        return sql
    chosen = [
        f'"{c.name}"' if c.type_code in _AS_THEY_ARE else f'cast("{c.name}" as text) as "{c.name}"'
        for c in columns
    ]
    return f"select {', '.join(chosen)} from {mapped}"


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with decimals and texts where the driver has types that Arrow does not know."""
    columns = [_plain_column(column) for column in batch.columns]
    return pa.record_batch(columns, names=batch.schema.names)


def _plain_column(column: pa.Array) -> pa.Array:
    if not isinstance(column.type, pa.BaseExtensionType):
        return column
    if getattr(column.type, "type_name", None) != "numeric":
        return column.storage
    try:
        return pc.cast(column.storage, _WIDEST)
    except pa.ArrowInvalid:  # NaN, Infinity, more digits than any money has: the gate finds the row
        return column.storage
