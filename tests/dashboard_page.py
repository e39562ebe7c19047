"""A dashboard in a real browser: how tests open it and wait for it."""

import functools
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright

from qinglian.dashboards.assets import Assets
from qinglian.settings import repository_root

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Superset's code makes much garbage; with room for it, less work goes into its collection.
    "--js-flags=--min-semi-space-size=64 --max-semi-space-size=128",
]
#: Widths of a usual screen and of a projector or small laptop.
WIDTH, NARROW = 1440, 1024
PATIENCE = 120_000  # ms, for a machine that does other things too

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="Debian's chromium is not installed: apt-get install chromium"
)


@contextmanager
def inspectors_browser(
    url: str, password: str, profile: Path, account: str = "inspector"
) -> Iterator[Page]:
    """A browser window in which the inspector, or another account, has logged in."""
    with a_browser(profile) as context:
        opened = context.new_page()
        _log_in(opened, url, account, password)
        yield opened


@contextmanager
def a_browser(profile: Path) -> Iterator[BrowserContext]:
    """A browser in which nobody has logged in yet."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=CHROMIUM,
            headless=True,
            args=FLAGS,
            viewport={"width": WIDTH, "height": 1000},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(PATIENCE)
        yield context
        context.close()


class SharedBrowser:
    """One browser in which accounts take turns: Superset's code is fetched and compiled once."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self._context = context
        self._url = url
        self._reader = ("", "")
        self._sessions: dict[tuple[str, str], list[dict[str, object]]] = {}

    @contextmanager
    def tab(
        self, account: str, password: str, language: str = "zh", width: int = NARROW
    ) -> Iterator[Page]:
        """A tab in which the account has logged in; while it is open, no other account reads."""
        self._let_in(account, password, language)
        page = self._context.new_page()
        page.set_viewport_size({"width": width, "height": 1000})
        yield page
        page.close()

    @contextmanager
    def strangers_tab(self) -> Iterator[Page]:
        """A tab in which nobody has logged in."""
        self._turn(("", ""))
        page = self._context.new_page()
        yield page
        page.close()
        self._reader = ("", "")
        self._context.clear_cookies()

    def _let_in(self, account: str, password: str, language: str) -> None:
        reader = (account, language)
        if self._turn(reader):
            return
        page = self._context.new_page()
        _log_in(page, self._url, account, password)
        page.request.get(f"{self._url}/lang/{language}")
        page.close()

    def _turn(self, reader: tuple[str, str]) -> bool:
        """Give the browser the reader's session; whether there is one."""
        if reader != self._reader:
            self._sessions[self._reader] = list(self._context.cookies())
            self._context.clear_cookies()
            self._context.add_cookies(self._sessions.get(reader, []))
            self._reader = reader
            return reader in self._sessions
        return True


def open_dashboard(page: Page, url: str, title: str) -> None:
    """Show the dashboard in a window tall enough for all of it, and wait for its charts."""
    page.goto(url)
    grid = page.locator(".grid-container")
    expect(grid).to_be_visible(timeout=PATIENCE)
    # Superset draws only what is in view.
    height = int(grid.evaluate("grid => grid.scrollHeight"))
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": size["width"], "height": height + 200})
    wait_for_charts(page, title)


def wait_for_charts(page: Page, title: str) -> None:
    """Until every chart of the dashboard is there and none is loading."""
    count = len(charts(title))
    holders = page.locator('[data-test="chart-grid-component"]')
    expect(holders).to_have_count(count, timeout=PATIENCE)
    expect(page.locator('[data-test="loading-indicator"]')).to_have_count(0, timeout=PATIENCE)
    expect(page.locator('[data-test="slice-container"]')).to_have_count(count, timeout=PATIENCE)


def expect_every_chart_drawn(page: Page, dashboard: str) -> None:
    """Each chart shows something and none an error."""
    for title in charts(dashboard):
        holder = chart(page, title)
        expect(holder).to_have_count(1)
        drawn = holder.locator("canvas, table tbody tr, .header-line, .superset-legacy-chart-big")
        expect(drawn.first).to_be_visible(timeout=PATIENCE)
        expect(holder.locator(".ant-alert-error, [role=alert]")).to_have_count(0)


@functools.cache
def assets() -> Assets:
    """The assets of the repository, which take a second to read."""
    return Assets.read(repository_root() / "superset" / "assets")


def charts(title: str) -> list[str]:
    """Titles of the charts that the repository places on the dashboard."""
    (dashboard,) = [d for d in assets().dashboards if d.title == title]
    return [chart.title for chart in assets().charts if chart.uuid in dashboard.chart_uuids]


def chart(page: Page, title: str) -> Locator:
    """The place of a chart on the dashboard."""
    return page.locator(f'[data-test-chart-name="{title}"]')


def _log_in(page: Page, url: str, account: str, password: str) -> None:
    # What comes after the login is a test of its own, and costs Superset thirty answers.
    page.goto(f"{url}/login/?next=/health")
    expect(page.get_by_text("请输入用户名和密码")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name=re.compile("登 ?录"))).to_be_visible()
    page.locator("#username").fill(account)
    page.locator("input[type=password]").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
