"""After a warm-up, the pages find all their answers, and the texts of themselves, in the cache.

This also holds the requests in superset/page_requests against what pages ask for: where a page
changed, `make page-requests` writes them anew.
"""

import re
import time
from pathlib import Path

import pytest
from dashboard_page import PATIENCE, inspectors_browser, needs_chromium
from playwright.sync_api import Page, Request, Response, expect
from superset_fixture import SupersetSite

from qinglian.dashboards.assets import Assets
from qinglian.dashboards.warm_up import COLUMNS, WarmUpReport, warm_up
from qinglian.settings import repository_root

pytestmark = needs_chromium
ASSETS = Assets.read(repository_root() / "superset" / "assets")
#: What a page reads of itself.
TEXT = re.compile(
    r"/api/v1/(dashboard/[a-z-]+(/charts|/datasets|\?.*)?|dataset/\d+/drill_info/.*)$"
)
QUIET = 0.6  # seconds without a request, after which a page has asked for all it needs


@pytest.fixture(scope="module")
def report(superset_site: SupersetSite) -> WarmUpReport:
    return warm_up(superset_site.settings, superset_site.url, 900)


class _Traffic:
    """What a page asks for, and what it is answered from."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._open: set[Request] = set()
        self._last = time.monotonic()
        self.answers: list[tuple[str, str, bool]] = []  # slug, chart or filter, whether cached
        self.texts: list[tuple[str, bool]] = []  # address, whether kept
        self.slug = ""
        page.on("request", self._asked)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)
        page.on("response", self._note)

    def _asked(self, request: Request) -> None:
        self._open.add(request)
        self._last = time.monotonic()

    def _ended(self, request: Request) -> None:
        self._open.discard(request)
        self._last = time.monotonic()

    def _note(self, response: Response) -> None:
        if response.request.method == "POST" and "/api/v1/chart/data" in response.url:
            form = (response.request.post_data_json or {})["form_data"]
            name = str(form.get("slice_id") or form.get("native_filter_id"))
            cached = all(one["is_cached"] for one in response.json()["result"])
            self.answers.append((self.slug, name, cached))
        elif response.request.method == "GET" and TEXT.search(response.url):
            self.texts.append((response.url, "x-qinglian-kept" in response.headers))

    def settle(self) -> None:
        """Wait until the page has all that it asked for and asks for no more."""
        end = time.monotonic() + PATIENCE / 1000
        while self._open or time.monotonic() - self._last < QUIET:
            assert time.monotonic() < end, self._open
            self._page.wait_for_timeout(100)
        expect(self._page.locator('[data-test="loading-indicator"]')).to_have_count(0)


def test_a_page_that_nobody_opened_yet_is_answered_from_the_cache(
    superset_site: SupersetSite, report: WarmUpReport, tmp_path: Path
) -> None:
    assert report.complete
    url, password = superset_site.url, superset_site.password("inspector")
    with inspectors_browser(url, password, tmp_path) as page:
        page.set_viewport_size({"width": 1680, "height": 12_000})  # all charts are in view
        traffic = _Traffic(page)
        for slug in (dashboard.slug for dashboard in ASSETS.dashboards):
            traffic.slug = slug
            page.goto(f"{url}/superset/dashboard/{slug}/")
            expect(page.locator(".grid-container")).to_be_visible(timeout=PATIENCE)
            traffic.settle()
            for tab in page.locator(".dashboard-component-tabs [role=tab]").all():
                tab.click()
                traffic.settle()
    charts = sum(len(dashboard.chart_uuids) for dashboard in ASSETS.dashboards)
    assert len(traffic.answers) >= charts
    assert [one for one in traffic.answers if not one[2]] == [], "make page-requests"
    assert len([address for address, _ in traffic.texts if COLUMNS in address]) == len(
        ASSETS.dashboards
    )
    assert [address for address, kept in traffic.texts if not kept] == []
