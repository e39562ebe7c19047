"""What an inspector sees: the lead overview in a real browser, on a real Superset."""

from dashboard_page import (
    PATIENCE,
    chart,
    expect_every_chart_drawn,
    needs_chromium,
    wait_for_charts,
)
from page_checks import (
    WORST_WITH_NEIGHBOURS,
    Opening,
    expect_no_empty_sheet,
    told_of_the_lead,
)
from playwright.sync_api import Page, expect
from superset_fixture import SupersetSite

pytestmark = needs_chromium

DASHBOARD = "集中整治总览"


def test_the_page_is_whole_and_chinese(opening: Opening) -> None:
    opening.expect_whole()


def test_no_printed_sheet_is_empty(page: Page) -> None:
    expect_no_empty_sheet(page, DASHBOARD)


def test_numbers_are_those_of_the_marts(page: Page, superset_site: SupersetSite) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select count(*) filter (where light = 'red'), sum(risk_gross) / 10000"
            " from marts.lead_listing where is_active"
        ).fetchone()
    assert row is not None
    red, gross = row
    expect(chart(page, "红色线索").locator(".header-line")).to_have_text(str(red))
    expect(chart(page, "涉及金额").locator(".header-line")).to_have_text(f"{gross:,.2f}")


def test_the_page_says_what_a_lead_is_and_what_filters_there_are(page: Page) -> None:
    text = page.locator("body").inner_text()
    assert "线索是待核实的信号，不是结论" in text
    filters = ("区县", "级别", "机构", "科室", "整治方面", "指标类别", "指标", "灯色", "月份")
    for name in (*filters, "应用筛选"):
        assert name in text


def test_the_light_board_has_a_light_for_each_hospital_and_month(page: Page) -> None:
    board = chart(page, "红黄绿灰灯牌")
    expect(board.locator("td.pvtVal")).to_have_count(12 * 12)
    expect(board.locator("td.pvtVal span[style*='color']")).to_have_count(12 * 12)


def test_a_city_without_a_year_before_says_so(page: Page) -> None:
    changes = chart(page, "与上一年同月比较").locator("tbody tr td:nth-child(4)")
    expect(changes).to_have_text(["无上年数据"] * 12)


def test_the_newest_leads_come_first(page: Page, superset_site: SupersetSite) -> None:
    with superset_site.server.connect("reader") as connection:
        rows = connection.execute(
            "select left(lead_id, 12) from marts.lead_listing where is_active"
            " order by first_seen_at desc, light = 'red' desc, risk_gross desc limit 10"
        ).fetchall()
    numbers = chart(page, "最新线索").locator("tbody tr td:first-child")
    expect(numbers).to_have_text([number for (number,) in rows])


def test_a_click_on_a_lead_narrows_its_evidence_alone(
    page: Page, superset_site: SupersetSite
) -> None:
    leads = chart(page, "线索清单").locator("tbody tr")
    evidence = chart(page, "线索明细").locator("tbody tr td:first-child")
    expect(evidence.first).to_be_visible(timeout=PATIENCE)
    shown, unfiltered = leads.count(), evidence.count()
    lead = leads.nth(1).locator("td").first
    number = lead.inner_text()
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select count(*) from marts.lead_evidence where lead_id like %s", (number + "%",)
        ).fetchone()
    assert row is not None
    lead.click()
    expect(evidence).to_have_text([number] * int(row[0]), timeout=PATIENCE)
    assert leads.count() == shown
    lead.click()
    expect(evidence).to_have_count(unfiltered, timeout=PATIENCE)


def test_a_filter_narrows_the_page_to_one_district(page: Page, superset_site: SupersetSite) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select count(*) from marts.lead_listing"
            " where is_active and light = 'red' and district_name = '江北区'"
        ).fetchone()
    assert row is not None
    page.locator('[data-test="form-item-value"]').first.click()
    page.locator(".ant-select-item-option", has_text="江北区").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="应用筛选").click()
    number = chart(page, "红色线索").locator(".header-line")
    expect(number).to_have_text(str(row[0]), timeout=PATIENCE)
    page.get_by_role("button", name="全部清除").click()
    expect(number).not_to_have_text(str(row[0]), timeout=PATIENCE)


def test_sql_lab_and_editing_are_out_of_reach(page: Page, superset_site: SupersetSite) -> None:
    expect(page.get_by_text("编辑看板")).to_have_count(0)
    answer = page.request.get(f"{superset_site.url}/sqllab/")
    assert "/sqllab" not in answer.url or answer.status in (403, 404)


def test_a_link_in_a_list_opens_the_lead_with_all_its_evidence(
    page: Page, superset_site: SupersetSite
) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(WORST_WITH_NEIGHBOURS).fetchone()
        assert row is not None
        (lead_id,) = row
        counts = connection.execute(
            "select (select count(*) from marts.lead_evidence where lead_id = %(lead)s),"
            " (select count(*) from marts.lead_batch where lead_id = %(lead)s),"
            " (select count(*) from marts.lead_neighbour where lead_id = %(lead)s)",
            {"lead": lead_id},
        ).fetchone()
    assert counts is not None
    leads = chart(page, "线索清单")
    leads.locator("input[type=text], input[type=search]").last.fill(lead_id[:12])
    expect(leads.locator("tbody tr")).to_have_count(1)
    leads.locator("tbody tr a", has_text="详情").click()
    page.wait_for_url("**/superset/dashboard/lead-detail/**")
    wait_for_charts(page, "线索详情")
    expect_every_chart_drawn(page, "线索详情")
    assert told_of_the_lead(page, "线索全号") == lead_id
    evidence, files, neighbours = counts
    expect(chart(page, "证据：原始记录").locator("tbody tr")).to_have_count(evidence)
    expect(chart(page, "证据文件").locator("tbody tr")).to_have_count(files)
    expect(chart(page, "相关线索").locator("tbody tr")).to_have_count(min(neighbours, 6))
