"""Every English page in a real browser, each opened once, on a wide and on a narrow screen."""

from collections.abc import Iterator

import pytest
from dashboard_page import NARROW, PATIENCE, SharedBrowser, assets, charts, needs_chromium
from page_checks import drawn_charts, every_view
from playwright.sync_api import Page, expect
from superset_fixture import SupersetSite

from qinglian.dashboards.assets import Dashboard
from qinglian.dashboards.english import CHINESE

pytestmark = needs_chromium
#: Names of what is shown. A board of lights has hospitals in its headers, which are values.
NAMES = (
    '[data-test="editable-title-input"], [data-test="dashboard-header-container"] .dynamic-title,'
    ' [data-test="slice-header"] .header-title, table:not(.pvtTable) thead th,'
    ' [data-test="filter-control-name"], .grid-container [role=tab], .header-line ~ *'
)


@pytest.fixture(scope="module")
def page(published: SupersetSite, browser: SharedBrowser) -> Iterator[Page]:
    """The inspector with Superset's own words in English."""
    with browser.tab("inspector", published.password("inspector"), language="en") as opened:
        yield opened


@pytest.mark.parametrize("dashboard", assets().dashboards, ids=lambda one: one.slug)
def test_a_page_is_whole_and_in_english(
    page: Page,
    published: SupersetSite,
    dashboard: Dashboard,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    page.set_viewport_size({"width": NARROW, "height": 1000})
    page.goto(f"{published.url}/superset/dashboard/{dashboard.slug}-en/")
    expect(page.locator(".grid-container")).to_be_visible(timeout=PATIENCE)
    drawn: set[str] = set()
    for _ in every_view(page):
        drawn |= drawn_charts(page)
        _expect_english(page)
    assert len(drawn) == len(charts(dashboard.title))
    pictures = tmp_path_factory.getbasetemp() / "pictures"
    pictures.mkdir(exist_ok=True)
    page.screenshot(path=pictures / f"{dashboard.slug}-en.png")


def test_the_home_in_english_is_the_english_page(page: Page, published: SupersetSite) -> None:
    answer = page.request.get(f"{published.url}/superset/welcome/")
    assert answer.url == f"{published.url}/superset/dashboard/lead-overview-en/"


def test_a_page_leads_to_the_chinese_one_and_back(page: Page, published: SupersetSite) -> None:
    page.goto(f"{published.url}/superset/dashboard/lead-staff-en/")
    page.get_by_role("link", name="中文页面").click()
    page.get_by_role("link", name="This page in English").click()
    expect(page.get_by_role("link", name="中文页面")).to_be_visible(timeout=PATIENCE)


def _expect_english(page: Page) -> None:
    names = page.locator(NAMES).all_inner_texts()
    assert len(names) > 3
    assert [name for name in names if CHINESE.search(name)] == []
    texts = page.locator(".dashboard-markdown:visible").all_inner_texts()
    assert [text for text in texts if CHINESE.search(text) and text.strip() != "中文页面"] == []
