"""The weekly brief in words: which leads, what changed, what to ask, and whose names."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfWriter

from qinglian.brief.content import (
    LENGTHS,
    Length,
    gone_ones,
    groups_of,
    new_ones,
    page_values,
    standing,
)
from qinglian.brief.make import Brief
from qinglian.brief.pdf import PrintError, chromium_of, print_page
from qinglian.brief.questions import questions_of
from qinglian.brief.read import DataState, Facts, Gap, Lead, Light, Measured, Place, Quality, Week
from qinglian.brief.searchable import unified_map
from qinglian.settings import Settings

WEEK = Week.of(date(2025, 12, 24))
LEAD = Lead(
    lead_id="a" * 32,
    light="yellow",
    light_zh="黄",
    indicator_id="RX03",
    indicator_name_zh="大处方",
    family="prescribing",
    family_zh="处方",
    dept_name="心内科",
    subject_type="doctor",
    subject_id="D0412",
    subject_label="心内科 医师 D0412",
    period_start=date(2025, 11, 1),
    period_end=date(2025, 11, 30),
    period_month=date(2025, 11, 1),
    risk_gross=Decimal("100.50"),
    risk_fund=Decimal("60.00"),
    explanation_zh="心内科 医师 D0412 2025年11月的大处方占比为 31%。",
    legal_basis="《处方管理办法》",
    false_positives_zh="专病门诊、疑难病例；药品调价；需抽查处方与病历。",
    formula_zh="金额离群的处方占比",
    is_active=True,
    first_seen_at=date(2025, 12, 1),
    last_seen_at=date(2025, 12, 31),
)
LIGHT = Light(
    *("prescribing", "处方", date(2025, 11, 1), "yellow", 1, 0),
    *(Decimal("100.50"), Decimal("60.00"), Decimal("0.99999")),
)
STATE = DataState(
    date(2025, 12, 31),
    None,
    7,
    1000,
    (Quality("完整性", Decimal(99999), Decimal(100000)),),
    (Gap("收费项目未对照", 4),),
)
FACTS = Facts(
    Place("H1", "第一医院", "三级甲等", "综合医院", "500103", "中城区"),
    *(WEEK, date(2025, 12, 31), date(2025, 12, 20), (LEAD,), (LIGHT,), STATE),
)
MEASURED = {LEAD.lead_id: Measured("0.31", "0.12", "不适用", "0 至 0.2", "三级·心内科（cardio）")}


def _lead(number: int, first: date, last: date, *, active: bool) -> Lead:
    return replace(
        LEAD,
        lead_id=f"{number:032d}",
        subject_id=f"D{number}",
        first_seen_at=first,
        last_seen_at=last,
        is_active=active,
    )


def test_a_week_is_monday_to_sunday() -> None:
    assert (WEEK.first, WEEK.last) == (date(2025, 12, 22), date(2025, 12, 28))
    assert Week.of(WEEK.first) == Week.of(WEEK.last) == WEEK
    assert Week.of(date(2025, 12, 29)) != WEEK


def test_what_changed_is_what_the_week_found_and_no_longer_found() -> None:
    before, monday, friday = date(2025, 12, 20), date(2025, 12, 22), date(2025, 12, 26)
    last = date(2025, 12, 28)
    leads = (
        _lead(1, before, last, active=True),
        _lead(2, monday, last, active=True),
        _lead(3, before, before, active=False),  # Monday's detection found it no longer
        _lead(4, before, friday, active=False),
        _lead(5, before, date(2025, 12, 19), active=False),  # it was gone a week earlier
        _lead(6, monday, monday, active=False),  # it came and went
    )
    facts = replace(FACTS, leads=leads, detected_on=last)

    def numbers(found: list[Lead]) -> list[int]:
        return [int(lead.lead_id) for lead in found]

    assert numbers(standing(facts)) == [1, 2]
    assert numbers(new_ones(facts)) == [2]
    assert numbers(gone_ones(facts)) == [3, 4, 6]
    figures = page_values(facts, LENGTHS[0], {}, None)["figures"]
    assert (figures["new"], figures["gone"]) == (1, 3)


def test_a_past_week_shows_leads_that_stood_then() -> None:
    gone = _lead(1, date(2025, 12, 1), date(2025, 12, 30), active=False)
    facts = replace(FACTS, leads=(gone,))
    assert standing(facts) == [gone]
    assert not gone_ones(facts)
    assert "此后才发现的线索不列" in Brief(facts, {}, None).html()


def test_periods_of_one_subject_are_one_item_and_red_comes_first() -> None:
    red = replace(LEAD, lead_id="b" * 32, light="red", risk_gross=Decimal(1), risk_fund=None)
    other = replace(LEAD, lead_id="c" * 32, subject_id="D9", risk_gross=Decimal(9999))
    first, second = groups_of([other, LEAD, red])
    assert [lead.lead_id[0] for lead in first.leads] == ["b", "a"]
    assert (first.light, first.risk_gross, first.risk_fund) == (
        "red",
        Decimal("101.50"),
        Decimal("60.00"),
    )
    assert second.first is other


def test_a_brief_says_what_it_must() -> None:
    html = Brief(FACTS, MEASURED, None).html()
    for text in (
        *("第一医院", "2025-12-22 至 2025-12-28", "RX03 大处方", "100.50", "60.00", "2025-12-01"),
        *("指标值 0.31；预期 0.12；控制限 0 至 0.2；对照 三级·心内科。", "不是对任何人的指控"),
        *("是否属于以下情形之一：专病门诊、疑难病例？", "是否属于“药品调价”？"),
        *("请抽查处方与病历。", "金额离群的处方占比", "《处方管理办法》"),
        *("心内科 医师 D0412 2025年11月的大处方占比", "工作人员以科室与工号表示"),
        *("1,000 行，其中 7 行在隔离区", "99.99%", "收费项目未对照（4 项指标）"),
    ):
        assert text in html, text
    assert "阈值" not in html, "what this kind of rule does not have is left out"
    assert "100.00%" not in html, "a share that is not whole is not rounded to it"
    assert "http" not in html.replace("http-equiv", ""), "the page names no address to fetch"


def test_what_a_hospital_wrote_is_text() -> None:
    lead = replace(LEAD, subject_type="charge_item", subject_label="<script>x</script>")
    html = Brief(replace(FACTS, leads=(lead,)), {}, None).html()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_leads_that_are_not_shown_are_added_up() -> None:
    leads = tuple(
        replace(_lead(n, date(2025, 12, 1), date(2025, 12, 31), active=True), indicator_id="RX09")
        for n in range(5)
    )
    values = page_values(replace(FACTS, leads=leads), Length(2, 1), {}, None)
    assert len(values["rows"]) == 2
    (rest,) = values["rest"]
    assert (rest["leads"], rest["red"], rest["gross"]) == (3, 0, Decimal("301.50"))


def test_questions_ask_show_and_warn() -> None:
    found = questions_of(
        "院内仅有的专科医师、专病门诊；无来访登记不等于没有来访。须按批次核对账册。"
    )
    assert found.ask == ("是否属于以下情形之一：院内仅有的专科医师、专病门诊？如是，请说明依据。",)
    assert found.show == ("请按批次核对账册。",)
    assert found.mind == ("无来访登记不等于没有来访。",)
    assert questions_of(None).ask == ()


def test_glyphs_stand_for_the_characters_that_people_type() -> None:
    text = (
        "begincmap\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        "2 beginbfchar\n<0001> <2F00>\n<0002> <533B>\nendbfchar\n"
        "1 beginbfrange\n<00FF> <0101> <2E9F>\nendbfrange\nendcmap\nend"
    )
    assert unified_map(text) == (
        "begincmap\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        "5 beginbfchar\n<0001> <4E00>\n<0002> <533B>\n<00FF> <6BCD>\n<0100> <6C11>\n"
        "<0101> <6C35>\nendbfchar\nendcmap\nend"
    )


def test_without_chromium_the_remedy_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrintError, match="--html"):
        chromium_of(Settings(home=tmp_path))
    with pytest.raises(PrintError, match="is no program"):
        chromium_of(Settings(home=tmp_path, chromium=tmp_path / "chromium"))
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho no display >&2\nexit 3\n")
    broken.chmod(0o700)
    with pytest.raises(PrintError, match=r"printed nothing \(exit 3\): no display"):
        print_page(Settings(home=tmp_path, chromium=broken), "<p>")


def test_where_there_is_no_sandbox_the_page_is_printed_without(tmp_path: Path) -> None:
    page = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(10, 10)
    writer.write(page)
    (tmp_path / "page.pdf").write_bytes(page.getvalue())
    contained = tmp_path / "chromium"
    contained.write_text(
        "#!/bin/sh\n"
        'case "$*" in *--no-sandbox*) ;; *) echo "No usable sandbox!" >&2; exit 1;; esac\n'
        'for option; do case "$option" in --print-to-pdf=*)'
        f' cp {tmp_path}/page.pdf "${{option#--print-to-pdf=}}";; esac; done\n'
    )
    contained.chmod(0o700)
    assert print_page(Settings(home=tmp_path, chromium=contained), "<p>").startswith(b"%PDF-")
