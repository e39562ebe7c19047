"""The page of one lead in a real browser, reached by its link and by its filter."""

import re

from dashboard_page import (
    PATIENCE,
    chart,
    expect_every_chart_drawn,
    needs_chromium,
    open_dashboard,
    wait_for_charts,
)
from playwright.sync_api import Page, expect
from superset_fixture import SupersetSite

from qinglian.notices.links import lead_link

pytestmark = needs_chromium

DASHBOARD = "线索详情"
WORST = """
    select lead_id from marts.lead_listing
    where lead_id in (select lead_id from marts.lead_neighbour)
    order by light = 'red' desc, risk_gross desc limit 1
"""


def _told(page: Page, item: str) -> str:
    row = chart(page, "这条线索").locator("tbody tr", has_text=item)
    return row.locator("td").nth(1).inner_text()


def test_it_opens_on_the_lead_to_begin_with(page: Page, superset_site: SupersetSite) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select lead_id from marts.lead_listing order by light = 'red' desc, risk_gross desc"
        ).fetchone()
    assert row is not None
    assert _told(page, "线索全号") == row[0]


def test_a_link_in_a_list_opens_the_lead_with_all_its_evidence(
    page: Page, superset_site: SupersetSite
) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(WORST).fetchone()
        assert row is not None
        (lead_id,) = row
        counts = connection.execute(
            "select (select count(*) from marts.lead_evidence where lead_id = %(lead)s),"
            " (select count(*) from marts.lead_batch where lead_id = %(lead)s),"
            " (select count(*) from marts.lead_neighbour where lead_id = %(lead)s)",
            {"lead": lead_id},
        ).fetchone()
    assert counts is not None
    tab = page.context.new_page()
    open_dashboard(tab, superset_site.report.dashboard_urls["集中整治总览"], "集中整治总览")
    leads = chart(tab, "线索清单")
    leads.locator("input[type=text], input[type=search]").last.fill(lead_id[:12])
    expect(leads.locator("tbody tr")).to_have_count(1)
    leads.locator("tbody tr a", has_text="详情").click()
    tab.wait_for_url("**/superset/dashboard/lead-detail/**")
    wait_for_charts(tab, DASHBOARD)
    expect_every_chart_drawn(tab, DASHBOARD)
    assert _told(tab, "线索全号") == lead_id
    evidence, files, neighbours = counts
    expect(chart(tab, "证据：原始记录").locator("tbody tr")).to_have_count(evidence)
    expect(chart(tab, "证据文件").locator("tbody tr")).to_have_count(files)
    expect(chart(tab, "相关线索").locator("tbody tr")).to_have_count(min(neighbours, 6))
    tab.close()


def test_a_neighbours_link_opens_the_neighbour(page: Page, superset_site: SupersetSite) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(WORST).fetchone()
    assert row is not None
    number = row[0][:12]
    page.locator('[data-test="form-item-value"]').first.click()
    page.keyboard.type(number)
    page.locator(".ant-select-item-option", has_text=number).click()
    page.get_by_role("button", name="应用筛选").click()
    expect(chart(page, "这条线索")).to_contain_text(row[0], timeout=PATIENCE)
    first = chart(page, "相关线索").locator("tbody tr").first
    other = first.locator("td").first.inner_text()
    first.locator("a", has_text="详情").click()
    expect(chart(page, "这条线索")).to_contain_text(other, timeout=PATIENCE)


def test_the_page_is_chinese(page: Page) -> None:
    text = page.locator("body").inner_text()
    words = set(re.findall(r"(?<![\w.])[A-Za-z]{2,}(?![\w.])", text))
    assert words <= {"HIS", "HHI", "CR", "FDR", "SHA", "his", "yb", "pr", "parquet"}, words


def test_the_link_of_a_mail_opens_the_lead(page: Page, superset_site: SupersetSite) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select lead_id from marts.lead_listing where is_active order by risk_gross limit 1"
        ).fetchone()
    assert row is not None
    link = lead_link(superset_site.url, row[0])
    assert link is not None
    tab = page.context.new_page()
    open_dashboard(tab, link, DASHBOARD)
    assert _told(tab, "线索全号") == row[0]
    tab.close()
