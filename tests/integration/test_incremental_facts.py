"""Incremental builds recompute the months that batches touch, and end where a full one would."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from psycopg import Connection, sql

from qinglian.contracts import load_contracts
from qinglian.settings import Settings
from qinglian.transform import TransformError, run_dbt
from qinglian.warehouse.server import Server

ORG = "H50010399999"
RUN_DAY = date(2025, 6, 30)
FACTS = ["+fct_fee_line", "+fct_insurance_line", "+fct_prescription", "batch_built"]
FEE = {
    "encounter_type": "O",
    "encounter_id": "V1",
    "patient_id": "P1",
    "item_kind": "service",
    "item_code": "I1",
    "unit_price": 10,
}


@pytest.fixture
def owner(server: Server) -> Iterator[Connection]:
    with server.connect("superuser", autocommit=True) as connection:
        yield connection


def _batch(connection: Connection, table: str) -> int:
    run = connection.execute(
        "insert into ops.run (kind, as_of, status) values ('extract', %s, 'success') "
        "returning run_id",
        (RUN_DAY,),
    ).fetchone()
    assert run
    row = connection.execute(
        "insert into ops.batch (run_id, source_id, table_name, part, parts, cursor_kind, "
        "extracted_at, extracted, unchanged, duplicates, vanished, quarantined, loaded, "
        "distinct_keys, contract_version, mapping_sha256, state, loaded_at) values "
        "(%s, 'test', %s, 1, 1, 'window_reload', localtimestamp, 1, 0, 0, 0, 0, 1, 1, '1', '-', "
        "'loaded', localtimestamp) returning batch_id",
        (run[0], table),
    ).fetchone()
    assert row
    return int(row[0])


def _fee(connection: Connection, batch: int, **columns: Any) -> None:
    _land(connection, "his_fee", batch, **FEE, **columns)


def _land(connection: Connection, table: str, batch: int, **columns: Any) -> None:
    row: Mapping[str, Any] = {
        "org_code": ORG,
        "_batch_id": batch,
        "_src_system": "test",
        "_extracted_at": "2025-06-30",
        "_row_hash": "-",
        "src_is_deleted": False,
        **columns,
    }
    connection.execute(
        sql.SQL("insert into land.{} ({}) values ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        ),
        row,
    )


def _lines(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select fee_id, service_month, net_qty, net_amount, reversal_count "
        "from core.fct_fee_line where org_code = %s order by fee_id",
        (ORG,),
    ).fetchall()


def _build(server: Server, settings: Settings, *extra: str) -> None:
    arguments = ["run", "--select", *FACTS, *extra]
    run_dbt(server, arguments, RUN_DAY, settings)


def test_incremental_equals_full(server: Server, settings: Settings, owner: Connection) -> None:
    first = _batch(owner, "his_fee")
    _fee(owner, first, fee_id="kept", fee_time="2025-01-05", qty=2, amount=20)
    _fee(owner, first, fee_id="reversed", fee_time="2025-01-06", qty=1, amount=10)
    _fee(owner, first, fee_id="moved", fee_time="2025-02-01", qty=1, amount=10)
    _fee(owner, first, fee_id="vanished", fee_time="2025-04-01", qty=1, amount=10)
    run_dbt(server, ["seed", "--select", *FACTS], RUN_DAY, settings)
    _build(server, settings)
    assert [line[0] for line in _lines(owner)] == ["kept", "moved", "reversed", "vanished"]

    second = _batch(owner, "his_fee")
    _fee(
        owner,
        second,
        fee_id="refund",
        orig_fee_id="reversed",
        fee_time="2025-03-02",
        qty=-1,
        amount=-10,
    )
    _fee(owner, second, fee_id="moved", fee_time="2025-05-01", qty=1, amount=10)
    _fee(
        owner,
        second,
        fee_id="vanished",
        fee_time="2025-04-01",
        qty=1,
        amount=10,
        src_is_deleted=True,
    )
    _build(server, settings)

    touched = owner.execute(
        "select changed_month from staging.stg_ops__changed_month "
        "where fact = 'fct_fee_line' and org_code = %s order by 1",
        (ORG,),
    ).fetchall()
    # The month of the original and not of the refund; both months of the moved line.
    assert [row[0].month for row in touched] == [1, 2, 4, 5]
    incremental = _lines(owner)
    assert [line[0] for line in incremental] == ["kept", "moved"]
    assert incremental[1][1] == date(2025, 5, 1)

    _build(server, settings, "--full-refresh")
    assert _lines(owner) == incremental


NO_TESTS = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
BALANCE = ["build", "--select", "+row_balance", *NO_TESTS]
#: As the weekly maintenance does, some time after the last detection.
CHECK = ["build", "--select", "stg_ops__landed_key", "row_fate*", "row_balance"]
CHECK += ["landed_rows_reach_core", "--exclude-resource-type", "unit_test"]


def test_a_row_that_is_lost_on_the_way_to_core_is_told_and_one_on_its_way_is_not(
    server: Server, settings: Settings, owner: Connection
) -> None:
    _empty_landing(owner, settings)
    batch = _batch(owner, "his_fee")
    _fee(owner, batch, fee_id="kept", fee_time="2025-01-05", qty=2, amount=20)
    _fee(owner, batch, fee_id="reversed", fee_time="2025-01-06", qty=1, amount=10)
    refund = {"orig_fee_id": "reversed", "qty": -1, "amount": -10}
    _fee(owner, batch, fee_id="refund", fee_time="2025-02-06", **refund)
    owner.execute("update ops.batch set extracted = 3, loaded = 3")
    run_dbt(server, [*BALANCE, "--full-refresh"], RUN_DAY, settings)
    run_dbt(server, CHECK, RUN_DAY, settings)

    late = _batch(owner, "his_fee")
    _fee(owner, late, fee_id="late", fee_time="2025-01-07", qty=1, amount=5)
    owner.execute("update ops.batch set extracted = 1, loaded = 1 where batch_id = %s", (late,))
    run_dbt(server, CHECK, RUN_DAY, settings)
    steps = "select step, expected_rows, found_rows from quality.row_balance"
    assert owner.execute(steps.encode()).fetchall() == [("moved_since_detection", 2, 1)]
    run_dbt(server, BALANCE, RUN_DAY, settings)
    run_dbt(server, CHECK, RUN_DAY, settings)
    assert owner.execute(steps.encode()).fetchall() == []

    owner.execute("delete from core.fct_fee_line where fee_id = 'kept'")
    lost = r"present_to_core, source_id test, table_name his_fee, .*expected_rows 2, found_rows 1"
    with pytest.raises(TransformError, match=lost):
        run_dbt(server, CHECK, RUN_DAY, settings)


#: Rows of small tables, one table a kind of fate: lost ones, and some left out for a reason.
SMALL: dict[str, list[dict[str, Any]]] = {
    "sv_donation": [
        {"donation_id": "given", "donated_on": "2025-01-05", "amount": 10},
        {"donation_id": "lost", "donated_on": "2025-01-05", "amount": 20},
    ],
    "sv_visit": [
        {"visit_id": "lost", "visit_start": "2025-01-05", "met_staff_codes": "A|B"},
        {"visit_id": "seen", "visit_start": "2025-01-05", "met_staff_codes": "A|B"},
    ],
    "ref_rule_version": [
        {"rule_set": "r", "version": "1", "source_doc": "d", "published_on": "2025-01-01"}
    ],
    "ref_mutex_pair": [
        {"rule_set": "r", "version": "1", "code_a": "lost", "code_b": "b", "window_kind": "day"},
        {"rule_set": "r", "version": "none", "code_a": "a", "code_b": "b", "window_kind": "day"},
    ],
    "pr_lot": [
        {"project_id": "P", "lot_no": "lost", "award_amount": 10},
        {"project_id": "unknown", "lot_no": "1", "award_amount": 20},
    ],
    "his_dispense": [
        {"dispense_id": "lost", "qty_min_unit": 5},
        {"dispense_id": "less", "qty_min_unit": -4, "orig_dispense_id": "lost"},
        {"dispense_id": "back", "qty_min_unit": 3},
        {"dispense_id": "all", "qty_min_unit": -3, "orig_dispense_id": "back"},
    ],
    "sv_gift": [{"gift_id": "unread"}],
}
PROJECT = {
    "project_id": "P",
    "project_name": "P",
    "category_code": "A",
    "category_kind": "goods",
    "domain": "drug",
    "method": "public",
    "fiscal_year": 2025,
    "status": "done",
}
HAND_OUT = {
    "store_code": "S",
    "item_kind": "drug",
    "item_code": "D",
    "dispense_time": "2025-01-05",
    "encounter_type": "I",
    "encounter_id": "A",
}
#: Core's model, condition of what is taken from it, and the rows expected, found and named.
LOST = {
    "sv_donation": (
        "fct_donation",
        "donation_id = 'lost'",
        "expected_rows 2, found_rows 1",
        "lost",
    ),
    "sv_visit": ("fct_visit_contact", "visit_id = 'lost'", "expected_rows 2, found_rows 1", "lost"),
    "ref_mutex_pair": ("dim_mutex_pair", "true", "expected_rows 1, found_rows 0", "r#1#lost#b"),
    "pr_lot": ("fct_lot", "true", "expected_rows 1, found_rows 0", "P#lost"),
    "his_dispense": ("fct_ward_dispense", "true", "expected_rows 1, found_rows 0", "lost"),
}


def test_a_row_of_a_small_table_that_is_lost_is_told_with_its_key(
    server: Server, settings: Settings, owner: Connection
) -> None:
    _empty_landing(owner, settings)
    for table, rows in (SMALL | {"pr_project": [PROJECT]}).items():
        batch = _batch(owner, table)
        for row in rows:
            shared = HAND_OUT if table == "his_dispense" else {}
            _land(owner, table, batch, **shared, **row)
        counts = "update ops.batch set extracted = %s, loaded = %s where batch_id = %s"
        owner.execute(counts, (len(rows), len(rows), batch))
    run_dbt(server, [*BALANCE, "--full-refresh"], RUN_DAY, settings)
    run_dbt(server, CHECK, RUN_DAY, settings)
    fates = owner.execute(
        "select table_name || ' ' || fate, row_count from quality.row_fate"
        " where fate not in ('due_in_core', 'in_core')"
    ).fetchall()
    assert dict(fates) == {
        "ref_mutex_pair no_version": 1,
        "pr_lot no_parent": 1,
        "his_dispense reversal": 2,
        "his_dispense taken_back": 1,
        "sv_gift not_in_core": 1,
    }

    owner.execute(
        "delete from core.fct_visit_contact where visit_id = 'seen' and doctor_code = 'A'"
    )
    run_dbt(server, CHECK, RUN_DAY, settings)
    for relation, condition, _, _ in LOST.values():
        owner.execute(f"delete from core.{relation} where {condition}".encode())
    owner.execute("delete from land.sv_gift")
    with pytest.raises(TransformError) as told:
        run_dbt(server, CHECK, RUN_DAY, settings)
    message = " ".join(str(told.value).split())
    for table, (_, _, rows, key) in LOST.items():
        step = f"present_to_core, source_id test, table_name {table}, org_code {ORG}"
        assert f"{step}, {rows}, example_key {key}" in message, table
    assert "ledger_to_landing, source_id test, table_name sv_gift" in message


def _empty_landing(owner: Connection, settings: Settings) -> None:
    tables = ", ".join(f"land.{table}" for table in load_contracts(settings.contracts_dir))
    owner.execute(f"truncate {tables}".encode())
    owner.execute("truncate ops.batch cascade")


def test_an_error_names_what_failed_and_the_remedy(server: Server, settings: Settings) -> None:
    with pytest.raises(TransformError, match=r"(?s)no_such_macro.*Remedy: "):
        run_dbt(server, ["run-operation", "no_such_macro"], RUN_DAY, settings)


def test_a_failing_node_is_named_with_its_file(
    server: Server, settings: Settings, owner: Connection
) -> None:
    owner.execute("drop view if exists staging.stg_his__org cascade")
    with pytest.raises(TransformError, match=r"(?s)model dim_organisation \(models/core/dim_org"):
        run_dbt(server, ["run", "--select", "dim_organisation"], RUN_DAY, settings)
