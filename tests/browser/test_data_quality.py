"""The auditor's page on the data in a real browser, on a real Superset."""

from dashboard_page import (
    chart,
    needs_chromium,
)
from page_checks import Opening
from playwright.sync_api import Page, expect
from superset_fixture import SupersetSite

pytestmark = needs_chromium

DASHBOARD = "数据质量"


def test_the_page_is_whole_and_chinese(opening: Opening) -> None:
    opening.expect_whole()


def test_what_could_not_be_judged_counts_as_neither(
    page: Page, superset_site: SupersetSite
) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select count(*) filter (where not holds), count(*) filter (where holds is null)"
            " from marts.quality_identity_month"
        ).fetchone()
    assert row is not None
    broken, unknown = row
    assert unknown
    expect(chart(page, "未成立的恒等式").locator(".header-line")).to_have_text(str(broken))
    examples = chart(page, "不成立之处").locator("tbody tr td:nth-child(7)")
    assert set(examples.all_inner_texts()) == {"S000123"}


def test_the_ledger_says_when_a_source_was_last_loaded(page: Page) -> None:
    first = chart(page, "入库台账").locator("tbody tr").first
    expect(first).to_contain_text("2025-12-28 02:30")
    expect(chart(page, "台账差额").locator(".header-line")).to_have_text("0")
