"""Incremental builds recompute the months that batches touch, and end where a full one would."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from psycopg import Connection, sql

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
    row: Mapping[str, Any] = {
        "org_code": ORG,
        "_batch_id": batch,
        "_src_system": "test",
        "_extracted_at": "2025-06-30",
        "_row_hash": "-",
        "src_is_deleted": False,
        **FEE,
        **columns,
    }
    connection.execute(
        sql.SQL("insert into land.his_fee ({}) values ({})").format(
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
    run_dbt(server, ["seed"], RUN_DAY, settings)
    run_dbt(server, arguments, RUN_DAY, settings)


def test_incremental_equals_full(server: Server, settings: Settings, owner: Connection) -> None:
    first = _batch(owner, "his_fee")
    _fee(owner, first, fee_id="kept", fee_time="2025-01-05", qty=2, amount=20)
    _fee(owner, first, fee_id="reversed", fee_time="2025-01-06", qty=1, amount=10)
    _fee(owner, first, fee_id="moved", fee_time="2025-02-01", qty=1, amount=10)
    _fee(owner, first, fee_id="vanished", fee_time="2025-04-01", qty=1, amount=10)
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


ANSWERED_FOR = (
    *("his_fee", "his_settle", "his_rx", "his_rx_item", "his_outp_visit"),
    *("yb_fee_list_d", "yb_setl_d", "pr_order"),
)
NO_TESTS = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
BALANCE = ["build", "--select", "+row_balance", *NO_TESTS]
#: As the weekly maintenance does, some time after the last detection.
CHECK = ["build", "--select", "stg_ops__landed_key", "row_fate", "row_balance"]
CHECK += ["landed_rows_reach_core", "--exclude-resource-type", "unit_test"]


def test_a_row_that_is_lost_on_the_way_to_core_is_told_and_one_on_its_way_is_not(
    server: Server, settings: Settings, owner: Connection
) -> None:
    owner.execute(f"truncate {', '.join(f'land.{table}' for table in ANSWERED_FOR)}".encode())
    owner.execute("truncate ops.batch cascade")
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


def test_an_error_names_what_failed_and_the_remedy(server: Server, settings: Settings) -> None:
    with pytest.raises(TransformError, match=r"(?s)no_such_macro.*Remedy: "):
        run_dbt(server, ["run-operation", "no_such_macro"], RUN_DAY, settings)


def test_a_failing_node_is_named_with_its_file(
    server: Server, settings: Settings, owner: Connection
) -> None:
    owner.execute("drop view if exists staging.stg_his__org cascade")
    with pytest.raises(TransformError, match=r"(?s)model dim_organisation \(models/core/dim_org"):
        run_dbt(server, ["run", "--select", "dim_organisation"], RUN_DAY, settings)
