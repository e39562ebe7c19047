"""Leads as of a day are those that were built on that day, whatever came after it."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from landed_warehouse import ORG, Warehouse
from one_indicator import checkout_with

from qinglian.as_of import AsOfError, detect_as_of, drop_as_of
from qinglian.settings import Settings
from qinglian.transform import run_dbt
from qinglian.warehouse.server import Server

NIGHT_ONE, NIGHT_TWO, RELEASED = date(2025, 6, 10), date(2025, 6, 11), date(2025, 6, 12)
BUILD = ("run", "--select", "+lead")


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


def _people(warehouse: Warehouse, schema: str) -> set[str]:
    """Whose second stay each lead is about."""
    return {subject.split("-")[0] for subject in warehouse.subjects(schema)}


def test_a_past_day_is_built_from_what_had_been_received(
    warehouse: Warehouse, server: Server, settings: Settings, tmp_path: Path
) -> None:
    root = checkout_with(tmp_path, "ind_bl06_split_admission")
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
    assert _people(warehouse, "marts") == {"a", "b"}

    vanished = _stay("a", 2, "2025-05-06", src_is_deleted=True)
    moved = _stay("b", 2, "2025-07-01")
    warehouse.batch("yb_mdtrt_d", NIGHT_TWO, [vanished, moved, _stay("c", 2, "2025-05-08")])
    released = [_stay("d", 2, "2025-05-09")]
    warehouse.batch("yb_mdtrt_d", RELEASED, released, kind="release")
    run_dbt(server, BUILD, RELEASED, settings)
    present = warehouse.leads("marts")
    assert _people(warehouse, "marts") == {"c", "d"}

    report = detect_as_of(settings, server, NIGHT_ONE)
    assert warehouse.leads(report.schema) == night_one
    assert report.red + report.yellow == len(night_one)
    assert warehouse.leads("marts") == present, "the present is not touched"

    # A row that was released from quarantine a day later was not known before.
    between = detect_as_of(settings, server, NIGHT_TWO)
    assert _people(warehouse, between.schema) == {"c"}
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
