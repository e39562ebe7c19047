"""The dashboard of each browser test file, opened once."""

from collections.abc import Iterator

import pytest
from dashboard_page import inspectors_browser, open_dashboard
from playwright.sync_api import Page
from superset_fixture import SupersetSite


@pytest.fixture(scope="module")
def page(
    request: pytest.FixtureRequest,
    superset_site: SupersetSite,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Page]:
    """The inspector on the dashboard whose title the file gives as DASHBOARD.

    A picture of it stays among pytest's temporary folders, to be looked at.
    """
    title = request.module.DASHBOARD
    password = superset_site.password("inspector")
    profile = tmp_path_factory.mktemp("chromium")
    with inspectors_browser(superset_site.url, password, profile) as opened:
        open_dashboard(opened, superset_site.report.dashboard_urls[title], title)
        pictures = tmp_path_factory.getbasetemp() / "pictures"
        pictures.mkdir(exist_ok=True)
        opened.screenshot(path=pictures / f"{request.module.__name__}.png")
        yield opened
