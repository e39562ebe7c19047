"""Suppliers from landed rows to the dimension: resolved, decided by reviewers, built by dbt."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

import psycopg
import pytest
from psycopg import Connection
from typer.testing import CliRunner

from qinglian.city.codes import uscc
from qinglian.cli import app
from qinglian.settings import Settings
from qinglian.suppliers.decisions import (
    PairFilter,
    SupplierDecisionError,
    decide,
    list_members,
    list_pairs,
)
from qinglian.suppliers.resolve import resolve_suppliers
from qinglian.transform import run_dbt
from qinglian.warehouse.server import Server

RUN_DAY = date(2025, 6, 30)
NOW = datetime(2025, 6, 30, 22)
HOSPITAL, OTHER = "H50010388881", "H50010388882"
MAIN, SHELL = uscc(500101, 777_001), uscc(500101, 777_002)
TABLES = ("member", "match", "affiliation", "decision", "resolution")


@pytest.fixture
def landed(server: Server) -> Iterator[Connection]:
    """A company under two spellings, a shell that shares its phone and place, and a stranger."""
    with server.connect("superuser", autocommit=True) as connection:
        _clear(connection)
        _land(connection, HOSPITAL, "S1", "清川渝康医药有限公司", MAIN, "phone", "address")
        _land(connection, OTHER, "A1", "清川市渝康醫藥有限责任公司", None, "phone", None)
        _land(connection, HOSPITAL, "S2", "清川天府医药有限公司", SHELL, "phone", "address")
        _land(connection, OTHER, "S3", "清川江汇医药有限公司", uscc(500101, 777_003), "p3", "d3")
        yield connection
        _clear(connection)


def _clear(connection: Connection) -> None:
    for table in ("pr_supplier", "pr_supplier_person"):
        connection.execute(
            f"delete from land.{table} where org_code in (%s, %s)", (HOSPITAL, OTHER)
        )
    for table in TABLES:
        connection.execute(f"delete from ops.supplier_{table}")


def _land(
    connection: Connection,
    org: str,
    code: str,
    name: str,
    credit_code: str | None,
    phone: str,
    address: str | None,
) -> None:
    connection.execute(
        "insert into land.pr_supplier (org_code, supplier_code, supplier_name, uscc,"
        " supplier_kind, phone_key, reg_address_norm, _batch_id, _src_system, _extracted_at,"
        " _row_hash, src_is_deleted) values (%s, %s, %s, %s, 'distributor', %s, %s, 1, 'test',"
        " %s, '-', false)",
        (org, code, name, credit_code, phone, address, RUN_DAY),
    )


def _ids(connection: Connection) -> Mapping[str, str]:
    return {row["record_id"]: row["supplier_id"] for row in list_members(connection)}


ALIAS, COMPANY = f"{OTHER}:A1", f"{HOSPITAL}:S1"


def test_records_are_resolved_and_only_when_something_changed(
    server: Server, landed: Connection
) -> None:
    assert resolve_suppliers(server, NOW, RUN_DAY).was_needed
    assert not resolve_suppliers(server, NOW, RUN_DAY).was_needed
    ids = _ids(landed)
    assert ids[COMPANY] == ids[ALIAS] == MAIN
    assert ids[f"{HOSPITAL}:S2"] == SHELL
    (merged,) = list_pairs(landed, PairFilter("merged", 10))
    assert {merged["record_a"], merged["record_b"]} == {COMPANY, ALIAS}
    assert merged["probability"] >= 0.95
    assert merged["evidence"]["phone"]["result"] == "same"
    affiliated = landed.execute(
        "select supplier_a, supplier_b, relation from ops.supplier_affiliation"
    ).fetchall()
    assert affiliated == [(MAIN, SHELL, "same_phone_and_address")]
    _land(landed, OTHER, "S4", "清川博济医药有限公司", None, "p4", None)
    assert resolve_suppliers(server, NOW, RUN_DAY).was_needed


def _own(connection: Connection, code: str, since: date, until: date | None) -> None:
    """One person holds half of a supplier for a while."""
    connection.execute(
        "insert into land.pr_supplier_person (org_code, supplier_code, person_key, role, share_pct,"
        " valid_from, valid_to, _batch_id, _src_system, _extracted_at, _row_hash, src_is_deleted)"
        " values (%s, %s, 'owner', 'shareholder', 50, %s, %s, 1, 'test', %s, '-', false)",
        (HOSPITAL if code != "S3" else OTHER, code, since, until, RUN_DAY),
    )


def test_an_owner_counts_on_the_business_date(server: Server, landed: Connection) -> None:
    """Whatever day it is when the resolution runs."""
    _own(landed, "S1", date(2020, 1, 1), date(2025, 3, 31))
    _own(landed, "S3", date(2025, 1, 1), None)

    def owned_by_one(as_of: date) -> list[tuple[str, str]]:
        resolve_suppliers(server, NOW, as_of)
        return landed.execute(
            "select supplier_a, supplier_b from ops.supplier_affiliation"
            " where relation = 'same_shareholder' and resolution_id ="
            " (select max(resolution_id) from ops.supplier_resolution)"
        ).fetchall()

    both = (MAIN, uscc(500101, 777_003))
    assert owned_by_one(date(2024, 12, 31)) == []
    assert owned_by_one(date(2025, 1, 1)) == [both]
    assert owned_by_one(date(2025, 3, 31)) == [both]
    assert owned_by_one(date(2025, 4, 1)) == []


def test_a_reviewers_word_survives_new_data(
    server: Server, settings: Settings, landed: Connection
) -> None:
    resolve_suppliers(server, NOW, RUN_DAY)
    decide(settings, server, (COMPANY, ALIAS), "split", "王审", "两家不同的公司")
    decide(settings, server, (SHELL, uscc(500101, 777_003)), "confirm", "王审", "更名前后")
    assert resolve_suppliers(server, NOW, RUN_DAY).was_needed
    _land(landed, OTHER, "S4", "清川博济医药有限公司", None, "p4", None)
    assert resolve_suppliers(server, NOW, RUN_DAY).was_needed
    ids = _ids(landed)
    assert ids[COMPANY] == MAIN
    assert ids[ALIAS] == ALIAS
    assert ids[f"{HOSPITAL}:S2"] == ids[f"{OTHER}:S3"]
    (split,) = list_pairs(landed, PairFilter("split", 10))
    assert (split["decided_by"], split["reason"]) == ("王审", "两家不同的公司")
    decide(settings, server, (ALIAS, COMPANY), "confirm", "李审", "重新核对为同一家")
    resolve_suppliers(server, NOW, RUN_DAY)
    assert _ids(landed)[ALIAS] == MAIN


def test_decisions_need_records_and_reasons_and_only_stewards_take_them(
    server: Server, settings: Settings, landed: Connection
) -> None:
    resolve_suppliers(server, NOW, RUN_DAY)
    with pytest.raises(SupplierDecisionError, match="no record or supplier nobody"):
        decide(settings, server, (COMPANY, "nobody"), "split", "王审", "理由")
    with pytest.raises(SupplierDecisionError, match="same record"):
        decide(settings, server, (COMPANY, COMPANY), "split", "王审", "理由")
    with pytest.raises(SupplierDecisionError, match="--reason"):
        decide(settings, server, (COMPANY, ALIAS), "split", "王审", " ")
    with (
        server.connect("loader") as loader,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        loader.execute(
            "insert into ops.supplier_decision (record_a, record_b, action, decided_by, reason)"
            " values ('a', 'b', 'split', '王审', '理由')"
        )
    for statement in (
        "update ops.supplier_decision set reason = 'x'",
        "delete from ops.supplier_decision",
    ):
        with (
            server.connect("steward") as steward,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            steward.execute(statement)


def test_the_dimension_has_one_company_and_its_affiliates(
    server: Server, settings: Settings, landed: Connection
) -> None:
    def built() -> dict[tuple[str, str], tuple[str, str]]:
        run_dbt(server, ["run", "--select", "+dim_supplier"], RUN_DAY, settings)
        rows = landed.execute(
            "select org_code, supplier_code, supplier_id, supplier_group_id"
            " from core.dim_supplier where org_code in (%s, %s)",
            (HOSPITAL, OTHER),
        )
        return {(org, code): (company, group) for org, code, company, group in rows}

    unresolved = built()
    assert unresolved[OTHER, "A1"] == (ALIAS, ALIAS)
    resolve_suppliers(server, NOW, RUN_DAY)
    resolved = built()
    group = min(MAIN, SHELL)
    assert resolved[HOSPITAL, "S1"] == resolved[OTHER, "A1"] == (MAIN, group)
    assert resolved[HOSPITAL, "S2"] == (SHELL, group)
    assert resolved[OTHER, "S3"] == (uscc(500101, 777_003),) * 2
    run_dbt(
        server,
        ["test", "--select", "test_type:unit,dim_supplier", "test_type:unit,dim_company_group"],
        RUN_DAY,
        settings,
    )


def test_the_commands_list_and_decide(
    server: Server, settings: Settings, landed: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qinglian.pipeline.settings_and_server", lambda: (settings, server))
    run = CliRunner().invoke
    assert run(app, ["suppliers", "resolve"]).exit_code == 0
    listed = run(app, ["suppliers", "list", "--outcome", "merged", "--json"])
    assert COMPANY in listed.output
    reason = ["--by", "王审", "--reason", "不是一家"]
    assert run(app, ["suppliers", "split", COMPANY, ALIAS, *reason]).exit_code == 0
    assert _ids(landed)[ALIAS] == ALIAS
    assert "王审" in run(app, ["suppliers", "list", "--json"]).output
    assert run(app, ["suppliers", "confirm", COMPANY, ALIAS, *reason]).exit_code == 0
    assert _ids(landed)[ALIAS] == MAIN
    assert run(app, ["suppliers", "list", "--outcome", "nonsense"]).exit_code == 1
    assert ALIAS in run(app, ["suppliers", "list", "--members", "--json"]).output
