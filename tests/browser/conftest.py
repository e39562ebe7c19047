"""One publication and one browser for all files, and the page of each file, opened once.

Opening a page costs a browser some ten seconds of a processor, of which little is the tests'. What
is to be proved of a page is therefore proved of one opening, its widths one after the other.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from dashboard_page import SharedBrowser, a_browser
from page_answers import make_answers
from page_checks import Opening, keep_picture
from playwright.sync_api import Page
from role_accounts import write_accounts
from superset_fixture import SupersetSite

from qinglian.dashboards import publish_dashboards

#: What is closed after the last test of this folder: nothing else that waits for events, such as
#: another browser, can run in a process while a browser is open.
_OPEN = ExitStack()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Close the browser when tests of another folder come next."""
    if nextitem is None or nextitem.path.parent != item.path.parent:
        _OPEN.close()


@pytest.fixture(scope="session")
def published(superset_site: SupersetSite) -> SupersetSite:
    """The site with the pages in both languages and an account of each role, published once."""
    both = superset_site.settings.model_copy(update={"dashboard_languages": ("zh", "en")})
    write_accounts(superset_site)
    report = publish_dashboards(both, superset_site.server, superset_site.url)
    return replace(superset_site, report=report)


@pytest.fixture(scope="session")
def warm(published: SupersetSite) -> SupersetSite:
    """The site after a warm-up for the inspector."""
    make_answers(published, "inspector")
    return published


@pytest.fixture(scope="session")
def browser(superset_site: SupersetSite, tmp_path_factory: pytest.TempPathFactory) -> SharedBrowser:
    context = _OPEN.enter_context(a_browser(tmp_path_factory.mktemp("chromium")))
    return SharedBrowser(context, superset_site.url)


@pytest.fixture(scope="module")
def opening(
    request: pytest.FixtureRequest,
    warm: SupersetSite,
    browser: SharedBrowser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Opening]:
    """The inspector opens the dashboard whose title the file gives as DASHBOARD.

    A picture of it stays among pytest's temporary folders, to be looked at.
    """
    title = request.module.DASHBOARD
    with browser.tab("inspector", warm.password("inspector")) as page:
        opened = Opening(page, title, warm.report.dashboard_urls[title])
        opened.look_at_all()
        pictures = tmp_path_factory.getbasetemp() / "pictures"
        pictures.mkdir(exist_ok=True)
        keep_picture(page, pictures, request.module.__name__)
        yield opened


@pytest.fixture(scope="module")
def page(opening: Opening) -> Page:
    """The page as a usual screen shows it, on its last tab."""
    return opening.page
