"""Leads as of a day are those that were built on that day, whatever came after it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from one_indicator import checkout_with
from psycopg import Connection, sql

from qinglian.as_of import AsOfError, detect_as_of, drop_as_of
from qinglian.contracts import Contract, load_contracts
from qinglian.settings import Settings
from qinglian.transform import run_dbt
from qinglian.warehouse.schema import TRANSFORMER_SCHEMAS, prepare_warehouse
from qinglian.warehouse.server import Server

ORG = "H50010300777"
NIGHT_ONE, NIGHT_TWO, RELEASED = date(2025, 6, 10), date(2025, 6, 11), date(2025, 6, 12)
BUILD = ("run", "--select", "+lead")
_FILLED = {"date": date(2025, 1, 1), "timestamp": datetime(2025, 1, 1), "boolean": False}


class Warehouse:
    """Landed rows of two nights, put there as loaded batches of a given day."""

    def __init__(self, connection: Connection, contracts: dict[str, Contract]) -> None:
        self._connection = connection
        self._contracts = contracts

    def batch(self, table: str, day: date, rows: list[dict[str, Any]], kind: str = "x") -> None:
        """One loaded batch that was extracted at eight in the evening of `day`."""
        at = datetime.combine(day, datetime.min.time()) + timedelta(hours=20)
        found = self._connection.execute(
            "with run as (insert into ops.run (kind, as_of) values ('ingest', %(day)s)"
            " returning run_id) insert into ops.batch (run_id, source_id, table_name, part, parts,"
            " cursor_kind, extracted_at, extracted, unchanged, duplicates, vanished, quarantined,"
            " loaded, distinct_keys, contract_version, mapping_sha256, state, loaded_at)"
            " select run_id, 'test', %(table)s, 0, 1, %(kind)s, %(at)s, %(n)s, 0, 0, 0, 0, %(n)s,"
            " %(n)s, '1', '-', 'loaded', localtimestamp from run returning batch_id",
            {"day": day, "table": table, "kind": kind, "at": at, "n": len(rows)},
        ).fetchone()
        assert found
        for row in rows:
            self._insert(table, {"_batch_id": found[0], "_extracted_at": at, **row})

    def _insert(self, table: str, given: dict[str, Any]) -> None:
        row: dict[str, Any] = {
            c.name: _FILLED.get(c.physical_type, "1")
            for c in self._contracts[table].columns
            if c.required
        }
        row |= {"org_code": ORG, "_src_system": "test", "_row_hash": "-", **given}
        self._connection.execute(
            sql.SQL("insert into land.{} ({}) values ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join(map(sql.Placeholder, row)),
            ),
            row,
        )

    def leads(self, schema: str) -> list[tuple[Any, ...]]:
        """Every column of every active lead."""
        return self._connection.execute(
            sql.SQL("select * from {} where is_active order by lead_id").format(
                sql.Identifier(schema, "lead")
            )
        ).fetchall()

    def people(self, schema: str) -> set[str]:
        """Whose second stay each lead is about."""
        found = self._connection.execute(
            sql.SQL("select subject_id from {} where is_active").format(
                sql.Identifier(schema, "lead")
            )
        ).fetchall()
        return {subject.split("-")[0] for (subject,) in found}


def _stay(person: str, number: int, begin: str, **columns: Any) -> dict[str, Any]:
    """A stay of three days; a second one within a week of the first is a split admission."""
    start = datetime.fromisoformat(begin)
    return {
        "mdtrt_id": f"{person}-{number}",
        "psn_key": person * 64,
        "begntime": start,
        "endtime": start + timedelta(days=3),
        "med_type": "21",
        "dscg_maindiag_code": "J18.900",
        "fixmedins_code": ORG,
        "vali_flag": "1",
        **columns,
    }


@pytest.fixture
def warehouse(server: Server, settings: Settings) -> Iterator[Warehouse]:
    """An empty warehouse, and one again for the tests that follow."""
    contracts = load_contracts(settings.contracts_dir)
    with server.connect("superuser", autocommit=True) as connection:
        for _ in range(2):
            for schema in ("land", "ops", *TRANSFORMER_SCHEMAS):
                connection.execute(f"drop schema if exists {schema} cascade")
            prepare_warehouse(server, contracts.values())
            if _ == 0:
                yield Warehouse(connection, dict(contracts))


def test_a_past_day_is_built_from_what_had_been_received(
    warehouse: Warehouse, server: Server, settings: Settings, tmp_path: Path
) -> None:
    root = checkout_with("ind_bl06_split_admission", tmp_path)
    settings = settings.model_copy(update={"root": root})
    settled = {"setl_time": datetime(2025, 5, 2), "setl_id": "1", "mdtrt_id": "a-1"}
    warehouse.batch("his_org", NIGHT_ONE, [{"org_name": "测试医院"}])
    warehouse.batch("yb_setl_d", NIGHT_ONE, [settled])
    first = [_stay(p, 1, "2025-05-01") for p in "abcd"]
    second = [_stay("a", 2, "2025-05-06"), _stay("b", 2, "2025-05-07")]
    warehouse.batch("yb_mdtrt_d", NIGHT_ONE, [*first, *second])
    run_dbt(server, ["seed"], NIGHT_ONE, settings)
    run_dbt(server, BUILD, NIGHT_ONE, settings)
    night_one = warehouse.leads("marts")
    assert warehouse.people("marts") == {"a", "b"}

    vanished = _stay("a", 2, "2025-05-06", src_is_deleted=True)
    moved = _stay("b", 2, "2025-07-01")
    warehouse.batch("yb_mdtrt_d", NIGHT_TWO, [vanished, moved, _stay("c", 2, "2025-05-08")])
    released = [_stay("d", 2, "2025-05-09")]
    warehouse.batch("yb_mdtrt_d", RELEASED, released, kind="release")
    run_dbt(server, BUILD, RELEASED, settings)
    present = warehouse.leads("marts")
    assert warehouse.people("marts") == {"c", "d"}

    report = detect_as_of(settings, server, NIGHT_ONE)
    assert warehouse.leads(report.schema) == night_one
    assert report.red + report.yellow == len(night_one)
    assert warehouse.leads("marts") == present, "the present is not touched"

    # A row that was released from quarantine a day later was not known before.
    between = detect_as_of(settings, server, NIGHT_TWO)
    assert warehouse.people(between.schema) == {"c"}
    with server.connect("auditor") as connection:
        connection.execute(f"select 1 from {report.schema}.lead")
    with (
        server.connect("reader") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"select 1 from {report.schema}.lead")

    for day in (NIGHT_ONE, NIGHT_TWO):
        drop_as_of(server, day)
    with server.connect("superuser") as connection:
        left = connection.execute(
            "select count(*) from pg_namespace where nspname like '%\\_known\\_%'"
        ).fetchone()
    assert left == (0,)


def test_of_a_day_to_come_nothing_is_known(server: Server, settings: Settings) -> None:
    with pytest.raises(AsOfError):
        detect_as_of(settings, server, settings.now().date() + timedelta(days=1))
