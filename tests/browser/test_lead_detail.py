"""The page of one lead in a real browser, reached by its link and by its filter."""

from dashboard_page import (
    PATIENCE,
    chart,
    needs_chromium,
    open_dashboard,
)
from page_checks import WORST_WITH_NEIGHBOURS, Opening, told_of_the_lead
from playwright.sync_api import Page, expect
from superset_fixture import SupersetSite

from qinglian.notices.links import lead_link

pytestmark = needs_chromium

DASHBOARD = "线索详情"


def test_the_page_is_whole_and_chinese(opening: Opening) -> None:
    opening.expect_whole("SHA", "parquet")


def test_it_opens_on_the_lead_to_begin_with(page: Page, superset_site: SupersetSite) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select lead_id from marts.lead_listing order by light = 'red' desc, risk_gross desc"
        ).fetchone()
    assert row is not None
    assert told_of_the_lead(page, "线索全号") == row[0]


def test_a_neighbours_link_opens_the_neighbour(page: Page, superset_site: SupersetSite) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(WORST_WITH_NEIGHBOURS).fetchone()
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
    assert told_of_the_lead(tab, "线索全号") == row[0]
    tab.close()
