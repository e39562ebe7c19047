"""The marts of the weekly maintenance exist before it, so that their page can be published."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from qinglian import pipeline
from qinglian.services import lifecycle
from qinglian.settings import Settings
from qinglian.warehouse.server import Server
from qinglian.warehouse.weekly_marts import create_weekly_marts, weekly_marts

NAMES = ("landed_row_fate", "provider_score", "provider_score_concept")


@pytest.fixture
def transformer(server: Server) -> Iterator[psycopg.Connection]:
    """A connection of dbt's role to a warehouse without weekly marts."""
    with server.connect("transformer", autocommit=True) as connection:
        for name in NAMES:
            connection.execute(f"drop table if exists marts.{name}".encode())
        yield connection
        for name in NAMES:
            connection.execute(f"drop table if exists marts.{name}".encode())


def _columns(connection: psycopg.Connection, name: str) -> dict[str, str]:
    rows = connection.execute(
        "select attname, replace(format_type(atttypid, atttypmod), 'character varying', 'varchar')"
        " from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
        (f"marts.{name}",),
    )
    return dict(rows.fetchall())


def test_a_new_installation_has_them_empty_and_readable(
    server: Server, settings: Settings, transformer: psycopg.Connection
) -> None:
    lifecycle.open_warehouse(settings)
    described = weekly_marts(settings.dbt_dir)
    assert set(NAMES) == set(described)
    for name, columns in described.items():
        assert _columns(transformer, name) == columns
        for role in ("reader", "auditor"):
            with server.connect(role) as connection:
                query = f"select count(*) from marts.{name}"
                assert connection.execute(query.encode()).fetchone() == (0,)


def test_rows_stay_and_a_column_that_came_later_is_added(
    server: Server, settings: Settings, transformer: psycopg.Connection
) -> None:
    create_weekly_marts(server, settings.dbt_dir)
    transformer.execute("insert into marts.provider_score (cohort, org_code) values ('yb', 'H1')")
    transformer.execute("alter table marts.provider_score drop column reasons_en")
    create_weekly_marts(server, settings.dbt_dir)
    assert _columns(transformer, "provider_score")["reasons_en"] == "varchar(4000)"
    rows = transformer.execute("select org_code from marts.provider_score").fetchall()
    assert rows == [("H1",)]


def test_providers_are_ranked_once_before_the_first_week(
    server: Server,
    settings: Settings,
    transformer: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create_weekly_marts(server, settings.dbt_dir)

    def rank(_: Server, args: list[str], as_of: date) -> None:
        assert "tag:weekly" in args
        transformer.execute(
            "insert into marts.provider_score (cohort, org_code) values ('yb', 'H1')"
        )

    monkeypatch.setattr(pipeline, "settings_and_server", lambda: (settings, server))
    monkeypatch.setattr(pipeline, "run_dbt", rank)
    assert [pipeline.rank_first(date(2025, 12, 31)) for _ in range(2)] == [True, False]
