"""Every English page in a real browser, each opened once, on a wide and on a narrow screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dashboard_page import PATIENCE, inspectors_browser, needs_chromium
from page_checks import expect_whole
from playwright.sync_api import Page, expect
from superset_fixture import SupersetSite

from qinglian.dashboards import publish_dashboards
from qinglian.dashboards.assets import Assets
from qinglian.dashboards.english import CHINESE
from qinglian.settings import repository_root

pytestmark = needs_chromium
ASSETS = Assets.read(repository_root() / "superset" / "assets")
SLUGS = [dashboard.slug for dashboard in ASSETS.dashboards]
WIDE, NARROW = 1440, 1024
#: Names of what is shown. A board of lights has hospitals in its headers, which are values.
NAMES = (
    '[data-test="editable-title-input"], [data-test="dashboard-header-container"] .dynamic-title,'
    ' [data-test="slice-header"] .header-title, table:not(.pvtTable) thead th,'
    ' [data-test="filter-control-name"], .grid-container [role=tab], .header-line ~ *'
)
#: What a chart draws, whatever its kind.
DRAWN = "canvas, table tbody tr, .header-line, .superset-legacy-chart-big"


@pytest.fixture(scope="module")
def page(superset_site: SupersetSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The inspector with Superset's own words in English, while both sets are published."""
    site, password = superset_site, superset_site.password("inspector")
    both = site.settings.model_copy(update={"dashboard_languages": ("zh", "en")})
    publish_dashboards(both, site.server, site.url)
    profile = tmp_path_factory.mktemp("chromium")
    with inspectors_browser(site.url, password, profile) as opened:
        opened.goto(f"{site.url}/lang/en")
        yield opened
    publish_dashboards(site.settings, site.server, site.url)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_is_whole_and_in_english(
    page: Page, superset_site: SupersetSite, slug: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page.set_viewport_size({"width": WIDE, "height": 1000})
    page.goto(f"{superset_site.url}/superset/dashboard/{slug}-en/")
    expect(page.locator(".grid-container")).to_be_visible(timeout=PATIENCE)
    tabs = page.locator(".grid-container [role=tab]")
    for number in range(max(tabs.count(), 1)):
        if tabs.count():
            tabs.nth(number).click()
        for width in (WIDE, NARROW):
            expect_whole(page, width)
        _expect_every_chart_drawn(page)
        _expect_english(page)
    pictures = tmp_path_factory.getbasetemp() / "pictures"
    pictures.mkdir(exist_ok=True)
    page.screenshot(path=Path(pictures / f"{slug}-en.png"))


def test_the_home_in_english_is_the_english_page(page: Page, superset_site: SupersetSite) -> None:
    page.goto(f"{superset_site.url}/superset/welcome/")
    assert page.url == f"{superset_site.url}/superset/dashboard/lead-overview-en/"


def test_a_page_leads_to_the_chinese_one_and_back(page: Page) -> None:
    page.get_by_role("link", name="中文页面").click()
    page.get_by_role("link", name="This page in English").click()
    expect(page.get_by_role("link", name="中文页面")).to_be_visible(timeout=PATIENCE)


def _expect_every_chart_drawn(page: Page) -> None:
    holders = page.locator('[data-test="chart-grid-component"]:visible')
    assert holders.count()
    for holder in holders.all():
        expect(holder.locator(DRAWN).first).to_be_visible(timeout=PATIENCE)


def _expect_english(page: Page) -> None:
    names = page.locator(NAMES).all_inner_texts()
    assert len(names) > 3
    assert [name for name in names if CHINESE.search(name)] == []
    texts = page.locator(".dashboard-markdown:visible").all_inner_texts()
    assert [text for text in texts if CHINESE.search(text) and text.strip() != "中文页面"] == []
