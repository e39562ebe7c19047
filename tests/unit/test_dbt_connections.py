"""What becomes of dbt's connection when a node has ended."""

from multiprocessing import get_context
from unittest.mock import Mock

import psycopg2
import pytest
from dbt.adapters.contracts.connection import Connection, ConnectionState, Identifier
from dbt.adapters.postgres.connections import PostgresConnectionManager

from qinglian.dbt_connections import kept_connections


@pytest.fixture
def manager() -> PostgresConnectionManager:
    """A manager whose thread has an open connection in the middle of a transaction."""
    manager = PostgresConnectionManager(Mock(), get_context("spawn"))
    connection = Connection(
        Identifier("postgres"), "node", Mock(), ConnectionState.OPEN, transaction_open=True
    )
    connection.handle = Mock()
    manager.set_thread_connection(connection)
    return manager


def test_the_next_node_goes_on_with_the_connection_and_with_nothing_of_the_last(
    manager: PostgresConnectionManager,
) -> None:
    connection = manager.get_thread_connection()
    with kept_connections():
        manager.release()
        assert manager.set_connection_name("next node") is connection
    connection.handle.rollback.assert_called_once_with()
    connection.handle.close.assert_not_called()
    assert connection.state == "open"
    assert not connection.transaction_open


def test_a_broken_connection_is_closed(manager: PostgresConnectionManager) -> None:
    connection = manager.get_thread_connection()
    connection.transaction_open = False
    connection.handle.rollback.side_effect = psycopg2.InterfaceError("connection already closed")
    with kept_connections():
        manager.release()
    connection.handle.close.assert_called_once_with()
    assert connection.state == "closed"


def test_afterwards_dbt_closes_again(manager: PostgresConnectionManager) -> None:
    connection = manager.get_thread_connection()
    with kept_connections():
        pass
    manager.release()
    connection.handle.close.assert_called_once_with()
