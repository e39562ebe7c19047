"""The page on suppliers and bidders in a real browser, on a real Superset."""

from dashboard_page import (
    PATIENCE,
    chart,
    needs_chromium,
)
from page_checks import Opening
from playwright.sync_api import Page, expect
from superset_fixture import SupersetSite

pytestmark = needs_chromium

DASHBOARD = "供应商集中与围标串标"


def test_the_page_is_whole_and_chinese(opening: Opening) -> None:
    opening.expect_whole()


def test_only_leads_of_procurement_are_counted(page: Page, superset_site: SupersetSite) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select sum(risk_gross) / 10000, sum((light = 'red')::integer) from marts.lead_listing"
            " where is_active and family = 'procurement'"
        ).fetchone()
    assert row is not None
    gross, red = row
    expect(chart(page, "采购涉及金额").locator(".header-line")).to_have_text(f"{gross:,.2f}")
    expect(chart(page, "采购红色线索").locator(".header-line")).to_have_text(str(red))


def test_a_click_on_a_lead_leaves_its_network_alone(
    page: Page, superset_site: SupersetSite
) -> None:
    relations = chart(page, "网络中的关系").locator("tbody tr td:first-child")
    lead = chart(page, "采购线索清单").locator("tbody tr").first.locator("td").first
    number = lead.inner_text()
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select count(*) from marts.network_edge where lead_id like %s", (number + "%",)
        ).fetchone()
    assert row is not None
    lead.click()
    expect(relations).to_have_text([number] * int(row[0]), timeout=PATIENCE)
