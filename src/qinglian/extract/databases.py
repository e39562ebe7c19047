"""Reads a mapping SQL from a database as a stream of Arrow record batches.

PostgreSQL is read with ADBC, the other databases with connectorx, which reads ahead without end.
Where the caller wants control totals, PostgreSQL counts in the snapshot that the rows are then read
in. The other databases share no snapshot between connections: they count before, and once more
afterwards if what arrived differs.
"""

from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pyarrow as pa
import pymysql
from pymysql.constants import FIELD_TYPE

from qinglian.extract import postgresql
from qinglian.extract.mapping import output_columns
from qinglian.extract.totals import SourceControl

LOGIN_SECONDS = 10
_MYSQL_PORT = 3306

#: Type of a column as its driver names it -> how its values are counted.
_POSTGRESQL_FAMILIES = {
    **dict.fromkeys((20, 21, 23), "integer"),
    1700: "number",
    **dict.fromkeys((700, 701), "float"),
    **dict.fromkeys((25, 1042, 1043), "text"),
    **dict.fromkeys((1082, 1114), "time"),
}
_MYSQL_FAMILIES = dict.fromkeys(
    (FIELD_TYPE.DATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP), "time"
)


def read_database(
    kind: str,
    url: str,
    sql: str,
    batch_rows: int,
    control: SourceControl | None = None,
    *,
    counts_first: bool = True,
) -> Iterator[pa.RecordBatch]:
    """Record batches of a query; errors are those of the drivers.

    `control` is given what PostgreSQL and MySQL count; SQL Server and Oracle are not asked. Unless
    it `counts_first`, PostgreSQL counts while the rows are read.
    """
    if kind == "postgresql":
        yield from _read_snapshot(url, sql, batch_rows, control, counts_first)
    elif kind == "mysql" and control is not None:
        _count_mysql(url, sql, control)
        yield from control.watch(_stream(url, as_text(sql), batch_rows))
        if control.differs:
            _count_mysql(url, sql, control)
    else:
        check_login(kind, url)
        yield from _stream(url, as_text(sql) if kind == "mysql" else sql, batch_rows)


def _read_snapshot(
    url: str, sql: str, batch_rows: int, control: SourceControl | None, counts_first: bool
) -> Iterator[pa.RecordBatch]:
    with (
        psycopg.connect(url, connect_timeout=LOGIN_SECONDS) as counting,
        ThreadPoolExecutor(1, "count") as counter,
    ):
        counting.execute("set transaction isolation level repeatable read read only")
        snapshot = _only_row(counting.execute("select pg_export_snapshot()"))[0]
        header = counting.execute(f"select * from (\n{sql}\n) as mapped limit 0".encode())
        columns = header.description or []
        counted: Future[tuple[Any, ...]] | None = None
        if control is not None:
            families = {c.name: _POSTGRESQL_FAMILIES.get(c.type_code, "other") for c in columns}
            totals = control.query("postgresql", sql, families).encode()
            counted = counter.submit(lambda: _only_row(counting.execute(totals)))
            if counts_first:
                counted.result()
        try:
            query = postgresql.plain(sql, columns)
            with closing(postgresql.stream(url, query, batch_rows, snapshot)) as batches:
                for batch in control.watch(batches) if control is not None else batches:
                    if counted is None or (counted.done() and counted.result()):
                        # The reading has its snapshot: the source gets its second connection back.
                        counting.close()
                    yield batch
        except BaseException:
            if counted is not None and not counted.done():
                with suppress(psycopg.Error):
                    counting.cancel_safe(timeout=LOGIN_SECONDS)
            raise
        if control is not None and counted is not None:
            control.take(counted.result(), "one_snapshot")


def _count_mysql(url: str, sql: str, control: SourceControl) -> None:
    with pymysql.connect(**_mysql_login(url)) as connection, connection.cursor() as cursor:
        cursor.execute(f"select * from (\n{sql}\n) as mapped limit 0")
        families = {
            name: _MYSQL_FAMILIES.get(code, "other") for name, code, *_ in cursor.description or ()
        }
        cursor.execute(control.query("mysql", sql, families))
        control.take(cursor.fetchone() or (), "before_reading")


def _only_row(cursor: psycopg.Cursor[Any]) -> tuple[Any, ...]:
    row = cursor.fetchone()
    assert row is not None  # noqa: S101 - an aggregate always gives one row
    return tuple(row)


def _stream(url: str, sql: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
    import connectorx  # 16 MiB, and PostgreSQL and files need none of it

    for batch in connectorx.read_sql(url, sql, return_type="arrow_stream", batch_size=batch_rows):
        # Oracle gives names that are not quoted in capitals.
        yield batch.rename_columns([name.lower() for name in batch.schema.names])


def column_names(kind: str, url: str, tables: Collection[str]) -> list[str]:
    """Names of the columns of all tables of these names; for postgresql and mysql."""
    query = (
        "select column_name from information_schema.columns"
        f" where table_name in ({', '.join(['%s'] * len(tables))})"
    )
    if kind == "postgresql":
        with psycopg.connect(url, connect_timeout=LOGIN_SECONDS) as connection:
            return [name for (name,) in connection.execute(query.encode(), tuple(tables))]
    with pymysql.connect(**_mysql_login(url)) as opened, opened.cursor() as cursor:
        cursor.execute(query, tuple(tables))
        return [name for (name,) in cursor.fetchall()]


def check_login(kind: str, url: str) -> None:
    """Log in once and leave.

    connectorx tries a refused login again for half a minute: that tells late what is wrong, and a
    server that locks an account after a few failures would lock it. SQL Server and Oracle have no
    light client here and are left to connectorx.
    """
    if kind == "postgresql":
        psycopg.connect(url, connect_timeout=LOGIN_SECONDS).close()
    elif kind == "mysql":
        pymysql.connect(**_mysql_login(url)).close()


def _mysql_login(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "host": parts.hostname or "localhost",
        "port": parts.port or _MYSQL_PORT,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "database": parts.path.lstrip("/") or None,
        "connect_timeout": LOGIN_SECONDS,
        "charset": "utf8mb4",
    }


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
