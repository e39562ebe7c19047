"""Whatever is changed behind the ledger, `qinglian verify` fails and names it, in full and anew."""

from datetime import date
from pathlib import Path

import pytest
from hospital import Hospital, new_hospital

from qinglian.landing.journal import Journal
from qinglian.landing.verify import VerifyReport
from qinglian.pipeline import verify_ledger
from qinglian.warehouse.server import Server

DECISION = (
    "insert into ops.supplier_decision (record_a, record_b, action, decided_by, reason)"
    " values ('A', 'B', 'split', '某人', '无')"
)
#: A change in the database, how to take it back, and what the only fault must name.
CHANGES = {
    "run": (
        "update ops.run set message = 'x' where run_id = 1",
        "update ops.run set message = null where run_id = 1",
        "ops.run 1: message is x",
    ),
    "learnt type": (
        "update ops.source_column set type_family = 'time' where column_name = 'settle_id'",
        "update ops.source_column set type_family = 'text' where column_name = 'settle_id'",
        "settle_id: type_family is time",
    ),
    "decision": (DECISION, "delete from ops.supplier_decision", "ops.supplier_decision"),
    "mapping": (
        "update ops.batch set contract_version = contract_version || 'x' where batch_id = 2",
        "update ops.batch set contract_version = rtrim(contract_version, 'x') where batch_id = 2",
        "batch 2: contract_version",
    ),
    "loaded total": (
        "update ops.batch set control_column = null, loaded_total = 1 where batch_id = 2",
        "update ops.batch set control_column = 'total_amount', loaded_total = (select cast("
        "payload::jsonb ->> 'loaded_total' as numeric) from ops.ledger_entry"
        " where batch_id = 2 and event = 'loaded') where batch_id = 2",
        "batch 2: loaded_total is 1,",
    ),
    "state": (
        "update ops.batch set state = 'landed' where batch_id = 2",
        "update ops.batch set state = 'loaded' where batch_id = 2",
        "batch 2: state is landed, the ledger says loaded",
    ),
}


@pytest.fixture(scope="module")
def ingested(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Hospital:
    """One night of a hospital, as it was verified, and another after it."""
    hospital = new_hospital(tmp_path_factory.mktemp("installation"), server)
    hospital.ingest()
    return hospital


def _verify(hospital: Hospital, *, incremental: bool) -> VerifyReport:
    return verify_ledger(hospital.settings, hospital.server, incremental=incremental)


def _run(hospital: Hospital, statement: str) -> None:
    with hospital.server.connect("superuser") as connection:
        connection.execute(statement.encode())


@pytest.mark.parametrize("incremental", [False, True], ids=["full", "incremental"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_row_is_named(ingested: Hospital, change: str, incremental: bool) -> None:
    statement, undo, named = CHANGES[change]
    _run(ingested, statement)
    faults = _verify(ingested, incremental=incremental).faults
    _run(ingested, undo)
    assert any(named in fault for fault in faults), faults
    assert _verify(ingested, incremental=incremental).faults == ()


@pytest.mark.parametrize("incremental", [False, True], ids=["full", "incremental"])
def test_a_line_that_is_gone_from_the_copy_is_named(ingested: Hospital, incremental: bool) -> None:
    path = Journal(ingested.settings.landing_dir).path
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], *lines[3:]]))
    faults = _verify(ingested, incremental=incremental).faults
    path.write_bytes(whole)
    assert [fault for fault in faults if "ledger.jsonl, line 3" in fault], faults
    assert _verify(ingested, incremental=incremental).faults == ()


def test_a_changed_byte_is_named_in_full_and_when_it_is_new(ingested: Hospital) -> None:
    assert _verify(ingested, incremental=False).ok
    ingested.sql("update settle set total = '99.00' where id = 's500'")
    ingested.ingest(date(2025, 2, 1))
    old, *_, new = sorted(ingested.settings.landing_dir.rglob("*.parquet"))
    for path, incremental in ((old, False), (new, False), (new, True)):
        faults = _with_changed_byte(ingested, path, incremental=incremental)
        assert any(path.name in fault for fault in faults), faults
    assert _verify(ingested, incremental=True).ok


def _with_changed_byte(hospital: Hospital, path: Path, *, incremental: bool) -> tuple[str, ...]:
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    faults = _verify(hospital, incremental=incremental).faults
    path.write_bytes(content)
    return faults
