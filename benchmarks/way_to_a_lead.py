"""How long an inspector takes from the login page to the rows behind the worst lead.

Walks the way of docs/inspecting.md on the installation of `QINGLIAN_HOME`, which has to run: log
in, and click the number of the first lead of the overview, which opens then. A person reads on the
way; a browser does not, so what is measured is what the system makes a person wait. Each round is a
fresh browser with nothing kept.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, sync_playwright
from rich.console import Console

from qinglian.pipeline import superset_url
from qinglian.secrets_file import SecretsFile
from qinglian.settings import get_settings

#: What the system promises.
CLICKS, SECONDS = 5, 60
LEADS, EVIDENCE = "线索清单", "线索明细"
_PATIENCE = 120_000  # ms, for a machine that does other things too
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@dataclass
class Way:
    """What was clicked, when each click had shown what it should, and where it ended."""

    steps: list[tuple[str, float]] = field(default_factory=list)
    lead: str = ""
    rows: list[str] = field(default_factory=list)  # the lead's number in each row of evidence

    @property
    def seconds(self) -> float:
        return self.steps[-1][1]


def walk(page: Page, url: str, account: str, password: str) -> Way:
    """From the login page to the rows behind the first lead of the overview's list.

    Raises:
        playwright.sync_api.TimeoutError: when a step does not show what it should.
    """
    page.set_default_timeout(_PATIENCE)
    way, begun = Way(), time.monotonic()

    def click(what: str, target: Locator, shown: Callable[[], object]) -> None:
        target.click()
        shown()
        way.steps.append((what, time.monotonic() - begun))

    page.goto(f"{url}/login/")
    page.locator("#username").fill(account)
    page.locator("input[type=password]").fill(password)
    number = _chart(page, LEADS).locator("tbody tr").first.locator("td").first
    log_in = page.locator("button[type=submit]")
    click("log in", log_in, lambda: _scroll_to(page, LEADS, number))
    way.lead = number.inner_text()

    rows = _chart(page, EVIDENCE).locator("tbody tr")
    others = rows.filter(has_not_text=way.lead)

    def only_its_rows() -> None:
        _scroll_to(page, EVIDENCE, rows.filter(has_text=way.lead).first)
        others.first.wait_for(state="detached")

    click("number of the lead", number, only_its_rows)
    way.rows = rows.locator("td:first-child").all_inner_texts()
    return way


def _chart(page: Page, title: str) -> Locator:
    return page.locator(f'[data-test-chart-name="{title}"]')


def _scroll_to(page: Page, title: str, content: Locator) -> None:
    """Superset draws a chart when it comes into view."""
    holder = _chart(page, title)
    holder.scroll_into_view_if_needed()
    content.wait_for()


def main() -> None:
    """Walk, print each step, and exit with 1 where the way is longer than promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--account", default="inspector")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    settings = get_settings()
    password = SecretsFile(settings.secrets_path).get(
        f"SUPERSET_{options.account.upper()}_PASSWORD"
    )
    ways = [
        _walk_afresh(superset_url(settings), options.account, password)
        for _ in range(options.rounds)
    ]
    console = Console(width=120)
    for what, after in ways[0].steps:
        console.print(f"{after:6.1f} s  {what}")
    console.print(f"lead {ways[0].lead}, {len(ways[0].rows)} rows of evidence shown")
    clicks, seconds = len(ways[0].steps), statistics.median(way.seconds for way in ways)
    console.print(
        f"{clicks} clicks ({CLICKS} promised), {seconds:.1f} s in the middle of {len(ways)} rounds"
        f" ({SECONDS} promised)"
    )
    raise SystemExit(clicks > CLICKS or seconds > SECONDS)


def _walk_afresh(url: str, account: str, password: str) -> Way:
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            headless=True,
            args=_FLAGS,
            viewport={"width": 1440, "height": 900},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        try:
            return walk(context.new_page(), url, account, password)
        finally:
            context.close()


if __name__ == "__main__":
    main()
