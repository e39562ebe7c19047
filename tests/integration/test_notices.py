"""Mails on what is new, over the wire: within each scope, once, and again where they failed."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from empty_warehouse import empty_schema
from hospital import ORG, Hospital
from mart_tables import create_marts
from smtp_sink import Sink, listening, mailing

from qinglian.contracts import load_contracts
from qinglian.landing.leads import COLUMNS, record_leads
from qinglian.notices.notify import NotifyReport, NotSentError, letters, notify
from qinglian.rebuild import rebuild
from qinglian.run_record import recorded_run
from qinglian.settings import Settings
from qinglian.warehouse.schema import prepare_warehouse

FIRST, SECOND, THIRD = "2025-11-30", "2025-12-31", "2026-01-31"
OTHER, FAR = "H50010400001", "H50010600001"
DISTRICTS = {ORG: "500103", OTHER: "500104", FAR: "500106"}
RECIPIENTS: list[dict[str, Any]] = [
    {"id": "city", "name": "督查组", "tell": ["leads", "gates"], "city": True},
    {"id": "district", "name": "区县", "tell": ["leads", "gates"], "district": "500104"},
    {"id": "office", "name": "医院", "tell": ["leads", "gates"], "organisation": ORG},
    {"id": "billing", "name": "收费", "tell": ["leads"], "city": True, "families": ["billing"]},
    {"id": "gates", "name": "数据", "tell": ["gates"], "city": True},
]


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server that listens."""
    made = Sink()
    with listening(made):
        yield made


@pytest.fixture
def detected(hospital: Hospital) -> Iterator[Hospital]:
    """A hospital with the tables of leads as dbt makes them, and recipients; no lead yet."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    empty_schema(hospital.server, "marts")
    with hospital.server.connect("transformer") as connection:
        create_marts(connection, ["lead_listing", "organisation"])
        connection.execute(f"create table marts.lead ({columns})".encode())
        for role in ("reader", "auditor"):
            user = hospital.server.user(role)
            connection.execute(f"grant select on all tables in schema marts to {user}".encode())
        for code, district in DISTRICTS.items():
            connection.execute(
                "insert into marts.organisation (org_code, org_name, district_code)"
                " values (%s, %s, %s)",
                (code, f"医院{code}", district),
            )
    recipients = [{"address": _address(r["id"])} | r for r in RECIPIENTS]
    hospital.settings.state_dir.mkdir(parents=True, exist_ok=True)
    (hospital.settings.state_dir / "recipients.yaml").write_text(
        yaml.safe_dump({"recipients": recipients}, allow_unicode=True), "utf-8"
    )
    yield hospital
    empty_schema(hospital.server, "marts")


def _address(recipient: str) -> str:
    return f"{recipient}@mail.example.org"


def _run(hospital: Hospital, *statements: str) -> None:
    with hospital.server.connect("superuser") as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _find(
    hospital: Hospital,
    lead: str,
    day: str,
    org: str = ORG,
    family: str = "prescribing",
    light: str = "red",
) -> None:
    """A detection finds a lead, or finds it with another light."""
    district = DISTRICTS[org]
    _run(
        hospital,
        f"delete from marts.lead where lead_id = '{lead}'",
        f"delete from marts.lead_listing where lead_id = '{lead}'",
        "insert into marts.lead (lead_id, org_code, light, is_active, first_seen_at, last_seen_at)"
        f" values ('{lead}', '{org}', '{light}', true, '{day}', '{day}')",
        "insert into marts.lead_listing (lead_id, light, light_zh, indicator_id,"
        " indicator_name_zh, family, family_zh, org_code, org_name, district_code, subject_type,"
        " subject_type_zh, subject_id, subject_label, period_start, period_end, risk_gross,"
        " is_active, first_seen_at, last_seen_at) values"
        f" ('{lead}', '{light}', '红', 'RX03', '大处方', '{family}', '处方', '{org}', '医院{org}',"
        f" '{district}', 'doctor', '医师', 'D1', '心内科 医师 D1', '2025-11-01', '2025-11-30', 100,"
        f" true, '{day}', '{day}')",
    )


def _detect(hospital: Hospital, day: str) -> None:
    """A detection finds all active leads again, and is recorded."""
    for table in ("lead", "lead_listing"):
        _run(hospital, f"update marts.{table} set last_seen_at = '{day}' where is_active")
    record_leads(hospital.settings, hospital.server)


def _tell(hospital: Hospital, sink: Sink) -> NotifyReport:
    """As the command does it: the run's own day is later than that of the data."""
    settings = mailing(hospital.settings, sink)
    with recorded_run(settings, hospital.server, "notify", None, settings.now().date()):
        return notify(settings, hospital.server)


def _told(sink: Sink) -> dict[str, str]:
    """The leads that the mails so far named, by recipient; they are forgotten."""
    named: dict[str, str] = {}
    for address, message in sink.mails:
        body = message.get_body(("plain",))
        assert body is not None
        text = str(body.get_content())
        leads = "".join(lead for lead in "abcdefg" if f" {lead} |" in text)
        recipient = address.split("@")[0]
        named[recipient] = named.get(recipient, "") + leads
    sink.mails.clear()
    return named


def _found_once(hospital: Hospital) -> None:
    _find(hospital, "a", FIRST)
    _find(hospital, "b", FIRST, light="yellow")
    _detect(hospital, FIRST)
    _find(hospital, "c", SECOND)
    _find(hospital, "d", SECOND, OTHER)
    _find(hospital, "e", SECOND, FAR, "billing")
    _find(hospital, "f", SECOND, light="yellow")
    _detect(hospital, SECOND)


def test_a_recipient_is_told_what_the_last_detection_first_found_red_within_his_scope(
    detected: Hospital, sink: Sink
) -> None:
    _found_once(detected)
    report = _tell(detected, sink)
    assert _told(sink) == {"city": "cde", "district": "d", "office": "c", "billing": "e"}
    assert not report.failed


def test_nothing_is_told_twice_and_a_lead_that_turns_red_is_news(
    detected: Hospital, sink: Sink
) -> None:
    _found_once(detected)
    _tell(detected, sink)
    _told(sink)
    assert not _tell(detected, sink).sent
    _find(detected, "b", THIRD)
    _detect(detected, THIRD)
    _tell(detected, sink)
    assert _told(sink) == {"city": "b", "office": "b"}
    _run(detected, "update marts.lead_listing set is_active = false where lead_id = 'c'")
    assert not _tell(detected, sink).sent
    assert not sink.mails


def test_a_rerun_of_an_unsent_day_tells_it_with_the_next(detected: Hospital, sink: Sink) -> None:
    _found_once(detected)
    _tell(detected, sink)
    _told(sink)
    _find(detected, "g", SECOND, OTHER)
    _detect(detected, SECOND)
    _find(detected, "b", THIRD)
    _detect(detected, THIRD)
    _tell(detected, sink)
    assert _told(sink) == {"city": "bg", "district": "g", "office": "b"}


def test_what_could_not_be_sent_is_sent_by_the_next_run_and_no_address_is_written(
    detected: Hospital, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="qinglian")
    _found_once(detected)
    sink.refused = {_address("city")}
    settings = mailing(detected.settings, sink)
    with (
        pytest.raises(NotSentError, match="city: SMTPRecipientsRefused 550") as caught,
        recorded_run(settings, detected.server, "notify", None, settings.now().date()),
    ):
        notify(settings, detected.server)
    assert sorted(_told(sink)) == ["billing", "district", "office"]
    sink.refused = set()
    _find(detected, "g", THIRD, OTHER)
    _detect(detected, THIRD)
    _tell(detected, sink)
    assert _told(sink) == {"city": "cdeg", "district": "g"}
    with detected.server.connect("superuser") as connection:
        written = connection.execute(
            "select coalesce(string_agg(message, ''), '') || (select string_agg(payload, '')"
            " from ops.ledger_entry) || (select string_agg(cast(told as text), '') from ops.notice)"
            " from ops.run"
        ).fetchone()
    assert written is not None
    assert "SMTPRecipientsRefused" in written[0]
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("qinglian")]
    assert "mail.example.org" not in "".join((written[0], *ours, str(caught.value)))


def test_a_server_that_is_down_loses_nothing(detected: Hospital) -> None:
    _found_once(detected)
    gone = Sink()
    with listening(gone):
        pass
    with pytest.raises(NotSentError, match=r"city: 127\.0\.0\.1:"):
        notify(mailing(detected.settings, gone), detected.server)
    healed = Sink()
    with listening(healed):
        _tell(detected, healed)
    assert _told(healed) == {"city": "cde", "district": "d", "office": "c", "billing": "e"}


def test_a_dry_run_says_what_would_go_to_whom_and_records_nothing(
    detected: Hospital, sink: Sink
) -> None:
    _found_once(detected)
    waiting = letters(detected.settings, detected.server)
    assert [letter.recipient.id for letter in waiting] == ["city", "district", "office", "billing"]
    assert detected.count("select count(*) from ops.notice") == 0
    _tell(detected, sink)
    assert len(sink.mails) == 4


def test_gates_are_told_within_the_scope_and_a_failed_step_until_it_succeeds(
    detected: Hospital, sink: Sink
) -> None:
    detected.sql("update settle set kind = null where id in ('s11', 's12')")
    report = detected.ingest()
    day = report.as_of
    failing = (detected.settings, detected.server, "ingest", "his_test", day)
    with pytest.raises(ZeroDivisionError), recorded_run(*failing):
        raise ZeroDivisionError("secret_host refuses")
    _run(detected, "update ops.run set started_at = started_at - interval '40 days'")
    assert not letters(detected.settings, detected.server), "a month ago is no news"
    _run(detected, "update ops.run set started_at = started_at + interval '40 days'")
    _tell(detected, sink)
    texts = {name: sink.texts(_address(name)) for name in ("city", "office", "district", "gates")}
    assert texts["district"] == []
    for name in ("city", "office", "gates"):
        (text,) = texts[name]
        assert "2 行进入隔离区" in text
        assert "数据接入 his_test 失败" in text
        assert ("secret_host" in text) is (name != "office")
    sink.mails.clear()
    assert not _tell(detected, sink).sent
    with pytest.raises(ZeroDivisionError), recorded_run(*failing):
        raise ZeroDivisionError("again")
    with recorded_run(*failing):
        pass
    assert not _tell(detected, sink).sent


def test_what_was_told_comes_back_with_a_lost_database(detected: Hospital, sink: Sink) -> None:
    _found_once(detected)
    _tell(detected, sink)
    before = _notices(detected)
    assert len(before) == 9
    assert detected.verify().ok
    _run(detected, "drop schema ops cascade")
    prepare_warehouse(detected.server, load_contracts(detected.settings.contracts_dir).values())
    for replace in (False, True):
        rebuild(detected.settings, detected.server, replace=replace, tell=lambda _: None)
        assert _notices(detected) == before
    assert not _tell(detected, sink).sent
    _run(detected, "update ops.notice set recipient = 'chen' where notice_id = 1")
    (fault,) = detected.verify().faults
    assert "ops.notice 1" in fault


def _notices(hospital: Hospital) -> list[tuple[Any, ...]]:
    with hospital.server.connect("auditor") as connection:
        return connection.execute("select * from ops.notice order by notice_id").fetchall()


def test_an_installation_without_recipients_sends_nothing(detected: Hospital, sink: Sink) -> None:
    _found_once(detected)
    (detected.settings.state_dir / "recipients.yaml").unlink()
    settings: Settings = mailing(detected.settings, sink)
    assert str(notify(settings, detected.server)) == "没有新的内容 nothing is new"
