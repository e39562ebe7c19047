"""The page on cross-checks between systems in a real browser, on a real Superset."""

from dashboard_page import PATIENCE, chart, needs_chromium
from page_checks import (
    Opening,
    expect_click_narrows_evidence,
    expect_drill_to_detail,
    expect_figures_of_family,
    expect_filter_narrows,
    expect_own_indicators_offered,
)
from playwright.sync_api import Page, expect
from superset_fixture import SupersetSite

pytestmark = needs_chromium

DASHBOARD = "跨系统核验"


def test_the_page_is_whole_and_chinese(opening: Opening) -> None:
    opening.expect_whole()


def test_only_leads_across_systems_are_counted(page: Page, superset_site: SupersetSite) -> None:
    expect_figures_of_family(
        page, superset_site, "cross_system", "跨系统红色线索", "跨系统涉及金额"
    )


def test_shares_leave_out_months_that_one_side_did_not_deliver(
    page: Page, superset_site: SupersetSite
) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select org_name, sum(paired_lines - lines_c) * 100.0"
            " / sum(his_lines + insurance_lines - paired_lines) from marts.reconciliation_month"
            " where match_share is not null and org_code in (select org_code from"
            " marts.reconciliation_month where match_share is null) group by org_name"
        ).fetchone()
    assert row is not None
    hospital, share = row
    cells = chart(page, "对账差异按机构").locator("tbody tr", has_text=hospital).locator("td")
    expect(cells.nth(3)).to_have_text(f"{share:.4f}%")


def test_a_click_on_a_lead_leaves_its_chain_alone(page: Page, superset_site: SupersetSite) -> None:
    steps = chart(page, "链上的每一步").locator("tbody tr td:first-child")
    lead = chart(page, "跨系统线索清单").locator("tbody tr").first.locator("td").first
    number = lead.inner_text()
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select count(*) from marts.supply_chain_edge where lead_id like %s", (number + "%",)
        ).fetchone()
    assert row is not None
    lead.click()
    expect(steps).to_have_text([number] * int(row[0]), timeout=PATIENCE)
    lead.click()
    expect(steps).not_to_have_text([number] * int(row[0]), timeout=PATIENCE)


def test_a_click_on_a_lead_narrows_its_evidence(page: Page, superset_site: SupersetSite) -> None:
    expect_click_narrows_evidence(page, superset_site, "跨系统线索清单", "跨系统线索明细")


def test_the_rows_behind_a_chart_can_be_seen(page: Page) -> None:
    expect_drill_to_detail(page, "进销存：多收与少收按月份（元）")


def test_a_filter_narrows_the_page(page: Page, superset_site: SupersetSite) -> None:
    expect_own_indicators_offered(page, superset_site, "cross_system")
    expect_filter_narrows(page, superset_site, "cross_system", "跨系统红色线索")
