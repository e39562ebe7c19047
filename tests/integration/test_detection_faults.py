"""A detection that is killed anywhere and run again builds what an undisturbed one does."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from fault_child import Child, Kill
from kill_points import KillPoint
from psycopg import sql

from qinglian.city import generate_city
from qinglian.city.sources import INSURANCE
from qinglian.contracts import load_contracts
from qinglian.landing.journal import Journal
from qinglian.landing.verify import verify
from qinglian.pipeline import ingest
from qinglian.settings import Settings
from qinglian.warehouse.schema import TRANSFORMER_SCHEMAS, prepare_warehouse
from qinglian.warehouse.server import WAREHOUSE, Server

BEFORE = "qinglian_before"
#: What the last build had to do, which is less after a killed one that had got on.
_WORK_LISTS = {"staging.stg_ops__batch_in_build", "staging.stg_ops__changed_month"}
EARLIER, TODAY = date(2025, 11, 30), date(2025, 12, 31)


@dataclass(frozen=True)
class City:
    """A small city whose second detection is about to run, and what it is to build."""

    settings: Settings
    server: Server
    built: dict[str, tuple[int, int]]
    seconds: float
    ledger: bytes

    def start(self, kill: Kill | None = None) -> Child:
        return Child("detect", self.settings, self.server, TODAY, kill)


@pytest.fixture(scope="module")
def city(server: Server, settings: Settings) -> Iterator[City]:
    """Two months of the insurer of a city of one hospital; the first of them is detected."""
    _empty(server, settings)
    generate_city(settings, server, hospitals=1, months=2, scale=0.2)
    _ingest(settings, server, EARLIER)
    unbuilt = City(settings, server, {}, 0, b"")
    assert Child("detect", settings, server, EARLIER).result()[1] is None
    _ingest(settings, server, TODAY)
    _copy(server, WAREHOUSE, BEFORE)
    ledger = Journal(settings.landing_dir).path.read_bytes()
    started = time.monotonic()
    assert unbuilt.start().result()[1] is None
    seconds = time.monotonic() - started
    built = _built(server)
    assert built["core.fct_insurance_line"][0] > 0
    yield City(settings, server, built, seconds, ledger)
    _empty(server, settings)
    with server.connect("superuser", "postgres", autocommit=True) as connection:
        connection.execute(f"drop database {BEFORE}")


def test_a_killed_detection_builds_the_same_when_it_is_run_again(
    city: City, detect_kill: KillPoint
) -> None:
    _copy(city.server, BEFORE, WAREHOUSE)
    Journal(city.settings.landing_dir).path.write_bytes(city.ledger)
    after = detect_kill.draws.uniform(0.2, 1.0) * city.seconds
    city.start(Kill("detect", 0, after)).wait_for_kill()
    assert city.start().result()[1] is None
    found = _built(city.server)
    differing = {name for name in found if found[name] != city.built.get(name)}
    assert differing - _WORK_LISTS == set()
    assert found.keys() == city.built.keys()
    with city.server.connect("auditor") as connection:
        running = connection.execute("select * from ops.run where status = 'running'").fetchall()
        registered = connection.execute("select * from ops.lead_register order by 1").fetchall()
        leads = connection.execute("select * from marts.lead order by 1").fetchall()
        faults = verify(connection, city.settings.landing_dir).faults
    assert running == [], "a killed run is closed by the next one"
    assert registered == leads
    assert faults == ()


def _ingest(settings: Settings, server: Server, as_of: date) -> None:
    ingest(settings, server, INSURANCE, as_of)


def _empty(server: Server, settings: Settings) -> None:
    with server.connect("superuser", autocommit=True) as connection:
        for schema in ("land", "ops", *TRANSFORMER_SCHEMAS):
            connection.execute(f"drop schema if exists {schema} cascade")
    prepare_warehouse(server, load_contracts(settings.contracts_dir).values())


def _copy(server: Server, original: str, copy: str) -> None:
    """Replace a database by the copy of another, with the rights on it."""
    with server.connect("superuser", "postgres", autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (original,)
        )
        connection.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(copy))
        )
        connection.execute(
            sql.SQL("create database {} owner {} template {}").format(
                *map(sql.Identifier, (copy, server.user("owner"), original))
            )
        )
        rights = connection.execute(
            "select datacl from pg_database where datname = %s", (original,)
        ).fetchone()
        connection.execute(
            "update pg_database set datacl = %s where datname = %s", (*_row(rights), copy)
        )


def _built(server: Server) -> dict[str, tuple[int, int]]:
    """Rows of each table and view of the transformer, and a sum over their contents."""
    with server.connect("superuser") as connection:
        names = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema = any(%s)",
            (list(TRANSFORMER_SCHEMAS),),
        ).fetchall()
        return {
            f"{schema}.{table}": _row(
                connection.execute(
                    sql.SQL(
                        "select count(*), coalesce(sum(hashtextextended(cast(to_jsonb(t) as text),"
                        " 0)), 0) from {} as t"
                    ).format(sql.Identifier(schema, table))
                ).fetchone()
            )
            for schema, table in names
        }


def _row(found: tuple[Any, ...] | None) -> Any:
    assert found is not None
    return found
