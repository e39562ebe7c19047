"""A detection that is killed anywhere and run again builds what an undisturbed one does."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from fault_child import Calls, Child, Kill
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

#: Copies of the warehouse: before the second detection, and when its marts are built.
BEFORE, BUILT = "qinglian_before", "qinglian_built"
#: What the last build had to do, which is less after a killed one that had got on.
_WORK_LISTS = {"staging.stg_ops__batch_in_build", "staging.stg_ops__changed_month"}
EARLIER, TODAY = date(2025, 11, 30), date(2025, 12, 31)

#: What a fault could leave: a lead lost, a row altered, one doubled.
_DAMAGES = {
    "marts.lead": "delete from marts.lead where lead_id = (select min(lead_id) from marts.lead)",
    "core.fct_insurance_line": "update core.fct_insurance_line set net_amount = net_amount + 0.01"
    " where fee_serial = (select min(fee_serial) from core.fct_insurance_line)",
    "marts.indicator_coverage": "insert into marts.indicator_coverage"
    " select * from marts.indicator_coverage limit 1",
}

#: Table -> its number of rows and a sum over their contents.
Tables = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Begun:
    """A state in which a step of the second detection begins."""

    database: str
    ledger: bytes


@dataclass(frozen=True)
class City:
    """A small city whose second detection is about to run, and what it is to build."""

    settings: Settings
    server: Server
    before: Begun
    built: Begun
    tables: Tables
    seconds: float
    record_calls: Calls

    def start(self, kill: Kill | None = None, work: str = "detect", **options: bool) -> Child:
        return Child(work, self.settings, self.server, TODAY, kill, **options)

    def go_back(self, to: Begun) -> None:
        """Warehouse and ledger as they were."""
        _copy(self.server, to.database, WAREHOUSE)
        Journal(self.settings.landing_dir).path.write_bytes(to.ledger)

    def was_killed(self, at: Begun, kill: Kill) -> bool:
        """Let the step of `kill` begin at `at`; says whether the kill came before its end."""
        self.go_back(at)
        return self.start(kill, kill.step).was_killed()


@pytest.fixture(scope="module")
def city(server: Server, settings: Settings) -> Iterator[City]:
    """Two months of a hospital and of the insurer of its city; the first of them is detected."""
    _empty(server, settings)
    generate_city(settings, server, hospitals=1, months=2, scale=0.2)
    _ingest(settings, server, EARLIER)

    def end(work: str, as_of: date, **options: bool) -> Calls:
        calls, error = Child(work, settings, server, as_of, **options).result()
        assert error is None
        return calls

    def begun(database: str) -> Begun:
        _copy(server, WAREHOUSE, database)
        return Begun(database, Journal(settings.landing_dir).path.read_bytes())

    end("detect", EARLIER)
    earlier = _built(server)
    _ingest(settings, server, TODAY)
    before = begun(BEFORE)
    started = time.monotonic()
    end("build", TODAY)
    seconds = time.monotonic() - started
    built = begun(BUILT)
    calls = end("record", TODAY, counts=True)
    tables = _built(server)
    for table in ("core.fct_insurance_line", "indicators.indicator_result", "marts.lead"):
        assert tables[table] != earlier[table], f"{table}: a detection that does nothing would pass"
        assert tables[table][0] > 0
    _check_that_damage_is_noticed(server, tables)
    yield City(settings, server, before, built, tables, seconds, calls)
    _empty(server, settings)
    with server.connect("superuser", "postgres", autocommit=True) as connection:
        for database in (BEFORE, BUILT):
            connection.execute(sql.SQL("drop database {}").format(sql.Identifier(database)))


def test_a_killed_detection_builds_the_same_when_it_is_run_again(
    city: City, detection_kill: KillPoint
) -> None:
    if detection_kill.step == "record":
        _, kill = detection_kill.place([city.record_calls])
        at_call = replace(kill, delay=0.0)
        killed = city.was_killed(city.built, kill) or city.was_killed(city.built, at_call)
    else:
        at_moment = detection_kill.draws.uniform(0, city.seconds)
        kills = (Kill("detect", 0, at_moment / part) for part in (1, 2, 4))
        killed = any(city.was_killed(city.before, kill) for kill in kills)
    assert killed, "it was whole before it could be killed"
    assert city.start(work=detection_kill.step).result()[1] is None
    _check_whole(city)


def _check_whole(city: City) -> None:
    """All tables are what the undisturbed detection made, and the ledger tells of all leads."""
    found = _built(city.server)
    assert _differing(found, city.tables) == set()
    with city.server.connect("auditor") as connection:
        running = connection.execute("select * from ops.run where status = 'running'").fetchall()
        whole = connection.execute(
            "select finished_at is not null from ops.detection order by detection_id desc limit 1"
        ).fetchone()
        faults = verify(connection, city.settings.landing_dir).faults
    ops = _ops(city.server)
    assert running == [], "a killed run is closed by the next one"
    assert whole == (True,)
    assert ops["register"] == ops["leads"]
    assert faults == ()


def _check_that_damage_is_noticed(server: Server, tables: Tables) -> None:
    """The comparison tells of each, or a test that passes would say nothing."""
    with server.connect("superuser") as connection:
        for damage in _DAMAGES.values():
            assert connection.execute(damage.encode()).rowcount
    assert _differing(_built(server), tables) >= _DAMAGES.keys()


def _differing(found: Tables, undisturbed: Tables) -> set[str]:
    """Tables that only one of the two has, or with other rows."""
    both = found.keys() | undisturbed.keys()
    return {name for name in both if found.get(name) != undisturbed.get(name)} - _WORK_LISTS


def _ops(server: Server) -> dict[str, list[tuple[Any, ...]]]:
    """The register of leads, and the leads."""
    with server.connect("auditor") as connection:
        return {
            name: connection.execute(f"select * from {table} order by 1".encode()).fetchall()
            for name, table in (("register", "ops.lead_register"), ("leads", "marts.lead"))
        }


def _ingest(settings: Settings, server: Server, as_of: date) -> None:
    for source in (INSURANCE, "his_01"):  # the insurer alone gives no lead
        ingest(settings, server, source, as_of)


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


def _built(server: Server) -> Tables:
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
