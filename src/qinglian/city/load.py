"""Writes Arrow tables into source databases by binary COPY, beside the generation."""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import adbc_driver_postgresql.dbapi as adbc
import psycopg
from psycopg import sql

from qinglian.city.his_columns import Tables
from qinglian.warehouse.server import Server

_PENDING = 2


def recreate_database(server: Server, name: str) -> None:
    """Drop and create a source database that only `city_reader` may read."""
    with server.connect("superuser", "postgres", autocommit=True) as connection:
        database = sql.Identifier(name)
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(database))
        connection.execute(sql.SQL("create database {} template template0").format(database))
        connection.execute(sql.SQL("revoke all on database {} from public").format(database))
        reader = sql.Identifier(server.user("city_reader"))
        connection.execute(sql.SQL("grant connect on database {} to {}").format(database, reader))


class SourceDatabase:
    """One source database; batches are copied in a thread of its own, in order.

    At most two batches wait, so that memory does not grow when the server is slower than the
    generation.
    """

    def __init__(self, server: Server, name: str) -> None:
        self.name = name
        self.rows: dict[str, int] = {}
        self._server = server
        self._connection = adbc.connect(server.url("superuser", name))
        with self._connection.cursor() as cursor:
            # A kill loses the last moments of a run that has to be repeated anyway.
            cursor.execute("set synchronous_commit = off")
        self._connection.commit()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: list[Future[None]] = []

    def __enter__(self) -> "SourceDatabase":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown(cancel_futures=kind is not None)
        self._connection.close()

    def write(self, tables: Tables) -> None:
        """Queue tables to be appended; a table is created by its first batch."""
        while len(self._waiting) >= _PENDING:
            self._waiting.pop(0).result()
        self._waiting.append(self._thread.submit(self._copy, tables))

    def finish(self, indexes: Iterable[tuple[str, str]]) -> None:
        """Wait for all batches, index the cursor columns, let `city_reader` select.

        The tables stay as they are from here on: autovacuum would only read them all again, while
        the pipeline reads them for the first time.
        """
        for future in self._waiting:
            future.result()
        self._waiting.clear()
        with psycopg.connect(self._server.url("superuser", self.name), autocommit=True) as c:
            c.execute("set maintenance_work_mem = '128MB'")
            for table, column in indexes:
                if table in self.rows:
                    c.execute(
                        sql.SQL("create index on {} ({})").format(
                            sql.Identifier(table), sql.Identifier(column)
                        )
                    )
            for table in self.rows:
                name = sql.Identifier(table)
                c.execute(sql.SQL("alter table {} set (autovacuum_enabled = false)").format(name))
            c.execute("analyze")
            reader = sql.Identifier(self._server.user("city_reader"))
            c.execute(sql.SQL("grant usage on schema public to {}").format(reader))
            c.execute(sql.SQL("grant select on all tables in schema public to {}").format(reader))

    def _copy(self, tables: Tables) -> None:
        with self._connection.cursor() as cursor:
            for name, table in tables.items():
                cursor.adbc_ingest(name, table, mode="create_append")
                self.rows[name] = self.rows.get(name, 0) + table.num_rows
        self._connection.commit()
