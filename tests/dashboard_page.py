"""A dashboard in a real browser: how tests open it and wait for it."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

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
]
WIDTH = 1680
PATIENCE = 120_000  # ms, for a machine that does other things too

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="Debian's chromium is not installed: apt-get install chromium"
)


@contextmanager
def inspectors_browser(
    url: str, password: str, profile: Path, account: str = "inspector"
) -> Iterator[Page]:
    """A browser window in which the inspector, or another account, has logged in."""
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
        opened = context.new_page()
        _log_in(opened, url, account, password)
        yield opened
        context.close()


def open_dashboard(page: Page, url: str, title: str) -> None:
    """Show the dashboard in a window tall enough for all of it, and wait for its charts."""
    page.goto(url)
    grid = page.locator(".grid-container")
    expect(grid).to_be_visible(timeout=PATIENCE)
    # Superset draws only what is in view.
    height = int(grid.evaluate("grid => grid.scrollHeight"))
    page.set_viewport_size({"width": WIDTH, "height": height + 200})
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


def charts(title: str) -> list[str]:
    """Titles of the charts that the repository places on the dashboard."""
    assets = Assets.read(repository_root() / "superset" / "assets")
    (dashboard,) = [d for d in assets.dashboards if d.title == title]
    return [chart.title for chart in assets.charts if chart.uuid in dashboard.chart_uuids]


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
