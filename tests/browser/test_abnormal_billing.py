"""The page on billing in a real browser, on a real Superset."""

from dashboard_page import chart, needs_chromium
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

DASHBOARD = "异常收费"


def test_the_page_is_whole_and_chinese(opening: Opening) -> None:
    opening.expect_whole()


def test_only_leads_of_billing_are_counted(page: Page, superset_site: SupersetSite) -> None:
    expect_figures_of_family(page, superset_site, "billing", "收费红色线索", "收费涉及金额")


def test_items_come_by_their_amount_at_risk(page: Page, superset_site: SupersetSite) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select item_label, sum(risk_gross) from marts.lead_item where family = 'billing'"
            " group by item_label, indicator_name_zh order by 2 desc"
        ).fetchone()
    assert row is not None
    first = chart(page, "涉及金额最多的项目").locator("tbody tr").first.locator("td")
    expect(first.nth(0)).to_have_text(row[0])
    expect(first.nth(5)).to_have_text(f"{row[1]:,.2f}")


def test_each_rule_stands_with_its_basis(page: Page, superset_site: SupersetSite) -> None:
    with superset_site.server.connect("reader") as connection:
        rows = connection.execute(
            "select name_zh, legal_basis from marts.indicator where family = 'billing'"
        ).fetchall()
    assert rows
    rules = chart(page, "收费规则与依据").locator("tbody tr")
    expect(rules).to_have_count(len(rows))
    for name, basis in rows:
        expect(rules.filter(has_text=name)).to_contain_text(basis)


def test_a_click_on_a_lead_narrows_its_evidence(page: Page, superset_site: SupersetSite) -> None:
    expect_click_narrows_evidence(page, superset_site, "收费线索清单", "收费线索明细")


def test_the_rows_behind_a_chart_can_be_seen(page: Page) -> None:
    expect_drill_to_detail(page, "收费线索按月份")


def test_a_filter_narrows_the_page(page: Page, superset_site: SupersetSite) -> None:
    expect_own_indicators_offered(page, superset_site, "billing")
    expect_filter_narrows(page, superset_site, "billing", "收费红色线索")
