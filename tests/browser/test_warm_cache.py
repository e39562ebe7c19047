"""After a warm-up, the pages find all their answers in the cache.

This also holds the requests in superset/page_requests against what pages ask for: where a page
changed, `make page-requests` writes them anew.
"""

from pathlib import Path

import pytest
from dashboard_page import PATIENCE, inspectors_browser, needs_chromium
from playwright.sync_api import Page, Response, expect
from superset_fixture import SupersetSite

from qinglian.dashboards.assets import Assets
from qinglian.dashboards.warm_up import WarmUpReport, warm_up
from qinglian.settings import repository_root

pytestmark = needs_chromium
ASSETS = Assets.read(repository_root() / "superset" / "assets")
QUIET = 1500  # ms


@pytest.fixture(scope="module")
def report(superset_site: SupersetSite) -> WarmUpReport:
    return warm_up(superset_site.settings, superset_site.url, 900)


def test_a_page_that_nobody_opened_yet_is_answered_from_the_cache(
    superset_site: SupersetSite, report: WarmUpReport, tmp_path: Path
) -> None:
    assert report.complete
    url, password = superset_site.url, superset_site.password("inspector")
    answered: list[tuple[str, str, bool]] = []

    def note(response: Response) -> None:
        if response.request.method == "POST" and "/api/v1/chart/data" in response.url:
            form = (response.request.post_data_json or {})["form_data"]
            name = str(form.get("slice_id") or form.get("native_filter_id"))
            cached = all(one["is_cached"] for one in response.json()["result"])
            answered.append((slug, name, cached))

    with inspectors_browser(url, password, tmp_path) as page:
        page.set_viewport_size({"width": 1680, "height": 12_000})  # all charts are in view
        page.on("response", note)
        for slug in (dashboard.slug for dashboard in ASSETS.dashboards):
            page.goto(f"{url}/superset/dashboard/{slug}/")
            expect(page.locator(".grid-container")).to_be_visible(timeout=PATIENCE)
            _settle(page)
            for tab in page.locator(".dashboard-component-tabs [role=tab]").all():
                tab.click()
                _settle(page)
    charts = sum(len(dashboard.chart_uuids) for dashboard in ASSETS.dashboards)
    assert len(answered) >= charts
    assert [one for one in answered if not one[2]] == [], "make page-requests"


def _settle(page: Page) -> None:
    page.wait_for_timeout(QUIET)
    expect(page.locator('[data-test="loading-indicator"]')).to_have_count(0, timeout=PATIENCE)
    page.wait_for_timeout(QUIET)
