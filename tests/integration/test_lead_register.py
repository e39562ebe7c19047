"""The day on which a lead was first seen is in the ledger: it comes back, and a change is found."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hospital import Hospital

from qinglian.contracts import load_contracts
from qinglian.landing.leads import COLUMNS, record_leads
from qinglian.rebuild import rebuild
from qinglian.warehouse.schema import prepare_warehouse

FIRST, SECOND, THIRD = "2025-11-30", "2025-12-31", "2026-01-31"


@pytest.fixture
def detected(hospital: Hospital) -> Iterator[Hospital]:
    """A hospital with a table of leads as dbt makes it, without any yet."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    statements = (
        "drop schema if exists marts cascade; create schema marts",
        f"create table marts.lead ({columns})",
        f"grant usage on schema marts to {hospital.server.user('auditor')}",
        f"grant select on marts.lead to {hospital.server.user('auditor')}",
    )
    _run(hospital, *statements)
    yield hospital
    _run(hospital, "drop schema marts cascade")
    prepare_warehouse(hospital.server, load_contracts(hospital.settings.contracts_dir).values())


def _run(hospital: Hospital, *statements: str) -> None:
    with hospital.server.connect("superuser") as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _find(hospital: Hospital, lead_id: str, day: str) -> None:
    """A detection finds a new lead."""
    _run(
        hospital,
        "insert into marts.lead (lead_id, value, evidence, is_active, first_seen_at, last_seen_at)"
        f" values ('{lead_id}', 15.5, '[\"行\u2028\"]', true, '{day}', '{day}')",
    )


def _again(hospital: Hospital, day: str) -> None:
    """A detection finds all active leads again."""
    _run(hospital, f"update marts.lead set last_seen_at = '{day}' where is_active")


def _rows(hospital: Hospital, table: str) -> list[tuple[Any, ...]]:
    with hospital.server.connect("auditor") as connection:
        return connection.execute(f"select * from {table} order by lead_id".encode()).fetchall()


def _record(hospital: Hospital) -> int:
    recorded = record_leads(hospital.settings, hospital.server)
    assert _rows(hospital, "ops.lead_register") == _rows(hospital, "marts.lead")
    return recorded


def _three_detections(hospital: Hospital) -> None:
    _find(hospital, "a", FIRST)
    _find(hospital, "b", FIRST)
    assert _record(hospital) == 2
    assert _record(hospital) == 0
    _again(hospital, SECOND)
    _run(
        hospital,
        "update marts.lead set is_active = false, last_seen_at = first_seen_at where lead_id = 'b'",
    )
    _find(hospital, "c", SECOND)
    assert _record(hospital) == 2
    _again(hospital, THIRD)
    assert _record(hospital) == 0, "that all were seen again follows from the day"


def _entries(hospital: Hospital) -> int:
    return hospital.count("select count(*) from ops.ledger_entry where event = 'leads'")


def test_leads_of_a_lost_database_come_back_with_their_days(detected: Hospital) -> None:
    _three_detections(detected)
    before = _rows(detected, "ops.lead_register")
    days = {row[0]: tuple(map(str, row[-2:])) for row in before}
    assert days == {"a": (FIRST, THIRD), "b": (FIRST, FIRST), "c": (SECOND, THIRD)}
    assert _entries(detected) == 3
    assert detected.verify().ok
    _run(detected, "drop schema ops cascade; drop table marts.lead")
    prepare_warehouse(detected.server, load_contracts(detected.settings.contracts_dir).values())
    for replace in (False, True):
        rebuild(detected.settings, detected.server, replace=replace, tell=lambda _: None)
        assert _rows(detected, "ops.lead_register") == before
    assert detected.verify().ok


def test_a_detection_that_was_killed_before_it_was_recorded_is_recorded_by_the_next(
    detected: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    _find(detected, "a", FIRST)
    with monkeypatch.context() as patched:
        patched.setattr("qinglian.landing.ledger.append", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            record_leads(detected.settings, detected.server)
    assert _entries(detected) == 0
    assert _record(detected) == 1
    files = list((detected.settings.landing_dir / "_leads").iterdir())
    assert [path.name for path in files] == ["000000000001.jsonl"]
    assert detected.verify().ok


@pytest.mark.parametrize("change", ["register", "file", "missing file"])
def test_a_changed_day_is_found_and_the_lead_or_file_named(detected: Hospital, change: str) -> None:
    _find(detected, "a", FIRST)
    _record(detected)
    (path,) = (detected.settings.landing_dir / "_leads").iterdir()
    if change == "register":
        _run(detected, f"update ops.lead_register set first_seen_at = '{date(2025, 12, 1)}'")
    elif change == "file":
        text = path.read_text("utf-8")
        path.chmod(0o600)
        path.write_text(
            text.replace(f'"first_seen_at": "{FIRST}"', '"first_seen_at": "2025-12-01"')
        )
    else:
        path.unlink()
    (fault,) = detected.verify().faults
    assert ("lead a" if change == "register" else path.name) in fault
