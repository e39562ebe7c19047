"""The weekly brief of the small fictional city: read with the dashboards' role, printed, mailed."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from dashboard_page import needs_chromium
from fake_marts import HOSPITALS, create_marts
from pypdf import PdfReader
from smtp_sink import Sink, listening, mailing

from qinglian.brief.make import MOST_SHEETS, Brief, Request, read_brief
from qinglian.brief.read import BriefError, Week
from qinglian.contracts import load_contracts
from qinglian.notices.briefs import mail_briefs
from qinglian.notices.notify import NotSentError
from qinglian.settings import Settings
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import Server

FIRST, SECOND = HOSPITALS[0], HOSPITALS[1]
WEEK = date(2026, 1, 14)


@pytest.fixture(scope="module")
def city(settings: Settings, server: Server) -> Iterator[Server]:
    """A server with the marts of the fictional city."""
    contracts = load_contracts(settings.contracts_dir)
    with server.connect("superuser") as connection:
        connection.execute("drop schema if exists marts cascade")
        connection.execute("drop schema if exists ops cascade; drop schema if exists land cascade")
    prepare_warehouse(server, contracts.values())
    create_marts(server)
    yield server
    with server.connect("superuser") as connection:
        connection.execute("drop schema marts cascade")
    prepare_warehouse(server, contracts.values())


def _brief(settings: Settings, city: Server, **request: Any) -> Brief:
    return read_brief(settings, city, Request(**{"organisation": FIRST.org_code} | request))


def _text(pdf: bytes) -> str:
    """What the PDF says, without the ends of lines."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "")


def _rows(city: Server, query: str) -> list[tuple[Any, ...]]:
    with city.connect("reader") as connection:
        return connection.execute(query.encode()).fetchall()


@needs_chromium
def test_the_pdf_of_a_hospital_says_its_leads_and_no_other_s(
    settings: Settings, city: Server
) -> None:
    made = _brief(settings, city)
    pdf = made.pdf(settings)
    assert len(PdfReader(io.BytesIO(pdf)).pages) <= MOST_SHEETS
    text = _text(pdf)
    assert FIRST.name in text
    assert "要问什么" in text
    assert "不是对任何人的指控" in text
    others = [h.name for h in HOSPITALS if h.name != FIRST.name]
    assert not [name for name in others if name in text]
    largest = _rows(
        city,
        "select substr(lead_id, 1, 12), indicator_name_zh from marts.lead_listing"
        f" where org_code = '{FIRST.org_code}' and light = 'red' and is_active"
        " order by risk_gross desc limit 1",
    )[0]
    assert largest[0] in text
    assert largest[1] in text


def test_figures_are_those_of_the_marts(settings: Settings, city: Server) -> None:
    made = _brief(settings, city)
    ((leads, red),) = _rows(
        city,
        "select count(*), count(*) filter (where light = 'red') from marts.lead_listing"
        f" where org_code = '{FIRST.org_code}' and is_active",
    )
    active = [lead for lead in made.facts.leads if lead.is_active]
    assert (len(active), sum(lead.light == "red" for lead in active)) == (leads, red)
    ((gross,),) = _rows(
        city,
        "select sum(risk_gross) from marts.organisation_family_month"
        f" where org_code = '{FIRST.org_code}'"
        f" and period_month > date '{made.facts.detected_on}' - interval '12 months'",
    )
    assert f"{gross:,.2f}" in made.html()


def test_a_department_has_its_own_leads_and_lights(settings: Settings, city: Server) -> None:
    made = _brief(settings, city, department="0301")
    assert {cell.light for cell in made.facts.lights} <= {"red", "yellow", "green", "grey"}
    procurement = [cell for cell in made.facts.lights if cell.family == "procurement"]
    assert all(cell.lead_count for cell in procurement), "no department is judged by purchases"
    ((concerned,),) = _rows(
        city,
        "select count(distinct lead_id) from marts.lead_entity where entity_type = 'department'"
        f" and entity_id = '0301' and org_code = '{FIRST.org_code}'",
    )
    assert sum(lead.is_active for lead in made.facts.leads) == concerned


def test_families_that_a_reader_may_not_see_are_not_in_it(settings: Settings, city: Server) -> None:
    made = _brief(settings, city, families=["billing"])
    assert {lead.family for lead in made.facts.leads} == {"billing"}
    assert {cell.family for cell in made.facts.lights} == {"billing"}
    html = made.html()
    assert "收费" in html
    assert not [name for name in ("PR10", "RX01", "XS01", "采购", "处方") if name in html]


def test_a_hospital_without_leads_has_a_brief_that_says_so(
    settings: Settings, city: Server
) -> None:
    made = _brief(settings, city, organisation=HOSPITALS[-1].org_code)
    assert not made.facts.leads
    html = made.html()
    assert "没有成立的线索" in html
    assert "没有线索不代表没有问题" in html
    assert "要问什么" not in html


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"organisation": "H9"}, "no hospital H9"),
        ({"department": "9999"}, "no department 9999"),
        ({"day": date(2030, 1, 1)}, "the last detection was for"),
    ],
)
def test_what_is_not_there_is_said_with_the_remedy(
    settings: Settings, city: Server, request_: dict[str, Any], said: str
) -> None:
    with pytest.raises(BriefError, match=said):
        _brief(settings, city, **request_)


@pytest.fixture
def recipients(settings: Settings) -> Iterator[Path]:
    """Somebody who orders briefs: one of them outside of his scope."""
    path = settings.state_dir / "recipients.yaml"
    chen = {
        "id": "chen",
        "name": "陈静",
        "address": "chen@example.org",
        "organisation": FIRST.org_code,
        "briefs": [
            {"organisation": SECOND.org_code},
            {"organisation": FIRST.org_code, "department": "0301"},
            {"organisation": FIRST.org_code},
        ],
    }
    path.write_text(yaml.safe_dump({"recipients": [chen]}, allow_unicode=True), "utf-8")
    yield path
    path.unlink()


@needs_chromium
def test_ordered_briefs_are_mailed_once_a_week_within_the_scope(
    settings: Settings, city: Server, recipients: Path
) -> None:
    sink = Sink()
    with listening(sink):
        configured = mailing(settings, sink)
        for _ in range(2):
            with pytest.raises(NotSentError, match=f"{SECOND.org_code} 不在收件人范围内") as caught:
                mail_briefs(configured, city, WEEK)
            assert "example.org" not in str(caught.value)
        assert len(sink.mails) == 2
        with pytest.raises(NotSentError):
            mail_briefs(configured, city, WEEK - timedelta(weeks=1))
    assert len(sink.mails) == 4
    names = [part.get_filename() for _, mail in sink.mails for part in mail.iter_attachments()]
    assert names[:2] == [
        f"brief_{FIRST.org_code}_0301_2026-01-12.pdf",
        f"brief_{FIRST.org_code}_2026-01-12.pdf",
    ]
    (attachment,) = sink.mails[1][1].iter_attachments()
    text = _text(attachment.get_content())
    assert FIRST.name in text
    assert SECOND.name not in text
    assert "医师（" not in text, "names of doctors are for those who may read them"
    assert FIRST.name in sink.texts("chen@example.org")[0]


def test_a_brief_that_cannot_be_printed_waits_for_the_next_run(
    settings: Settings, city: Server, recipients: Path, tmp_path: Path
) -> None:
    sink = Sink()
    with listening(sink):
        broken = mailing(settings, sink, chromium=tmp_path / "chromium")
        with pytest.raises(NotSentError, match=f"chen: {FIRST.org_code}: .* is no program"):
            mail_briefs(broken, city, WEEK - timedelta(weeks=4))
    assert not sink.mails
    assert _recorded_of_that_week(city) == 0


def _recorded_of_that_week(city: Server) -> int:
    with city.connect("auditor") as connection:
        row = connection.execute(
            "select count(*) from ops.notice where told ->> 'week' = %s",
            (str(Week.of(WEEK - timedelta(weeks=4)).first),),
        ).fetchone()
    assert row is not None
    return int(row[0])
