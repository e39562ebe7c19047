"""Reads a mapping SQL from a database as a stream of Arrow record batches.

PostgreSQL is read with ADBC, the other databases with connectorx, which reads ahead without end.
"""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import connectorx
import psycopg
import pyarrow as pa
import pymysql

from qinglian.extract import postgresql
from qinglian.extract.mapping import output_columns

LOGIN_SECONDS = 10
_MYSQL_PORT = 3306


def read_database(kind: str, url: str, sql: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
    """Record batches of a query; errors are those of the drivers."""
    check_login(kind, url)
    if kind == "postgresql":
        yield from postgresql.stream(url, sql, batch_rows)
        return
    if kind == "mysql":
        sql = as_text(sql)
    for batch in connectorx.read_sql(url, sql, return_type="arrow_stream", batch_size=batch_rows):
        # Oracle gives names that are not quoted in capitals.
        yield batch.rename_columns([name.lower() for name in batch.schema.names])


def check_login(kind: str, url: str) -> None:
    """Log in once and leave.

    connectorx tries a refused login again for half a minute: that tells late what is wrong, and a
    server that locks an account after a few failures would lock it. SQL Server and Oracle have no
    light client here and are left to connectorx.
    """
    if kind == "postgresql":
        psycopg.connect(url, connect_timeout=LOGIN_SECONDS).close()
    elif kind == "mysql":
        parts = urlsplit(url)
        pymysql.connect(
            host=parts.hostname or "localhost",
            port=parts.port or _MYSQL_PORT,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            database=parts.path.lstrip("/") or None,
            connect_timeout=LOGIN_SECONDS,
        ).close()


def as_text(sql: str) -> str:
    """A MySQL query with every column as text, which the extract then casts as it does files.

    MySQL has values that Arrow has not, and connectorx stops at the first of them: dates such as
    0000-00-00, decimals of more than ten places. As text they reach the gate, which sends the row
    to quarantine with its rule.
    """
    columns = ", ".join(
        f"cast(`{name}` as char) as `{name}`" for name in output_columns(sql, "mysql")
    )
    return f"select {columns} from (\n{sql}\n) as mapped"
