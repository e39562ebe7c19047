"""Connections to the warehouse that dbt keeps from node to node.

dbt closes its connection after each node. PostgreSQL then starts a process for each of hundreds of
nodes, which checks the password and reads the catalogue before it does anything: five times the
work of making a small table, and a tenth of a build. Kept are as many connections as threads; dbt
itself closes them when the command ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def kept_connections() -> Iterator[None]:
    """Let each thread of dbt go on with its connection, rolled back, after a node has ended.

    A connection that is broken is closed, as dbt would, and the thread's next node opens another.
    """
    from dbt.adapters.postgres.connections import PostgresConnectionManager

    close = PostgresConnectionManager.release

    def release(manager: PostgresConnectionManager) -> None:
        if not _is_kept(manager.get_if_exists()):
            close(manager)

    setattr(PostgresConnectionManager, "release", release)  # noqa: B010
    try:
        yield
    finally:
        setattr(PostgresConnectionManager, "release", close)  # noqa: B010


def _is_kept(connection: Any) -> bool:
    """Whether the connection is fit for the next node; nothing of this one is left in it."""
    from psycopg2 import Error  # type: ignore[import-untyped]

    if connection is None or connection.state != "open":
        return False
    try:
        connection.handle.rollback()
    except Error:
        return False
    connection.transaction_open = False
    return True
