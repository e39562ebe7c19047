"""How fast Superset answers the charts of the dashboards, with ten inspectors clicking at once.

Asks the installation of `QINGLIAN_HOME`, which has to run, with the very requests of its pages: a
browser opens each dashboard that the account may open, and each of its tabs, and what the page
reads and asks of charts and filters is noted. The browser is closed then, and the requests are sent
again in its session, in two ways, each from the cache first and then past it:

- clicking: each inspector opens a page or a tab, with six connections at most as a browser has,
  waits until all of it is there, looks at it for a while (`--pause`), and opens another one.
- without a pause: as many clients as inspectors send each request once, one after the other.

The clients run on the machine of the servers and take of its processors as well; how much of them
all took for an answer is printed.
"""

import argparse
import http
import http.client
import json
import math
import os
import platform
import random
import shutil
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Request, ViewportSize, sync_playwright
from rich.console import Console
from rich.table import Table

from qinglian.dashboards.assets import Assets, Dashboard
from qinglian.pipeline import superset_url
from qinglian.secrets_file import SecretsFile
from qinglian.settings import Settings, get_settings

#: What the system promises, in ms, at the 95th percentile.
PROMISED = {"uncached": 700, "cached": 150}
_CHART_DATA = "/api/v1/chart/data"
_PATIENCE = 120_000  # ms, for a machine that does other things too
_LOG_IN = 60_000  # ms
_QUIET = 2_000  # ms without a request, after which a page has asked all it wants
_SHOWN = 5
_CONNECTIONS = 6  # of a browser to one server, by HTTP/1.1
_READ = ("document", "fetch", "xhr")  # what a page loads that a browser does not keep
_TALL: ViewportSize = {"width": 1680, "height": 12_000}  # Superset draws only what is in view
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@dataclass(frozen=True)
class Asked:
    """One request of a page: what it shows, and what it sends."""

    dashboard: str
    name: str
    url: str
    body: dict[str, Any]
    view: str  # the page, or the tab of it, that asks for it first


@dataclass(frozen=True)
class View:
    """A page, or a tab of one, as it is opened: what it reads beside charts, and what it asks."""

    name: str
    reads: list[str]  # addresses: the page itself, its dashboard, charts, datasets
    asks: list[Asked]


@dataclass(frozen=True)
class Answered:
    """How long one answer took, whether it came from the cache, and what was wrong with it."""

    dashboard: str
    name: str
    milliseconds: float
    size: int
    from_cache: bool
    error: str | None


@dataclass(frozen=True)
class Session:
    """What makes a request one of the logged-in account."""

    cookies: dict[str, str]
    headers: dict[str, str]


class Sender:
    """Sends requests of a session, each thread over a connection of its own that stays open."""

    def __init__(self, url: str, session: Session) -> None:
        address = urlsplit(url)
        secure = address.scheme == "https"
        self._kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._address = (address.hostname or "", address.port)
        cookies = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
        self._headers = session.headers | {"Cookie": cookies}
        self._thread = threading.local()

    def ask(self, asked: Asked, *, force: bool) -> Answered:
        """Send one request of a chart or filter; `force` goes past the cache."""
        content = json.dumps(asked.body | {"force": force}).encode()
        start = time.perf_counter()
        try:
            status, answer = self._send("POST", asked.url, content)
        except (OSError, http.client.HTTPException) as error:
            return _wrong(asked, start, str(error) or type(error).__name__)
        milliseconds = (time.perf_counter() - start) * 1000
        if status != http.HTTPStatus.OK or b'"error": null' not in answer:
            return _wrong(asked, start, f"{status} {answer[:300].decode(errors='replace')}")
        # Large answers are not parsed: the clients have no processor of their own.
        from_cache = b'"is_cached": true' in answer and b'"is_cached": null' not in answer
        size = len(answer)
        return Answered(
            *(asked.dashboard, asked.name, milliseconds, size), from_cache=from_cache, error=None
        )

    def read(self, address: str) -> None:
        """Load what a page reads beside its charts."""
        self._send("GET", address, None)

    def _send(self, method: str, address: str, content: bytes | None) -> tuple[int, bytes]:
        kept = self._thread
        fresh = not hasattr(kept, "connection")
        if fresh:
            kept.connection = self._kind(*self._address, timeout=120)
        try:
            kept.connection.request(method, address, content, self._headers)
            response = kept.connection.getresponse()
            return response.status, response.read()
        except (http.client.HTTPException, ConnectionError):
            kept.connection.close()
            del kept.connection
            if fresh:
                raise
            return self._send(method, address, content)  # the server closes what nobody used


def main() -> None:
    """Measure, print; exit with 1 where an answer is an error, however slow the others are."""
    options = _options()
    settings = get_settings()
    console = Console(width=120)
    if options.if_running and not _runs(settings, options.url):
        console.print("Charts were not measured: no Superset of this installation is running")
        return
    url = options.url or superset_url(settings)
    views, session = note_views(settings, url, options.account)
    if not views:
        raise SystemExit(f"{options.account} may open no dashboard at {url}; nothing was measured")
    measured: dict[str, list[Answered]] = {}
    # From the cache first, as a publication's warm-up leaves it: what is asked past it voids texts.
    for name, force in (("cached", False), ("uncached", True)):
        for way in ("clicking", "without a pause"):
            load, before = os.getloadavg()[0], _processor_seconds()
            if way == "clicking":
                answers = click(views, Sender(url, session), options, force=force)
            else:
                asked = [one for view in views for one in view.asks]
                answers = ask(asked, Sender(url, session), options, force=force)
            measured[f"{way}, {name}"] = answers
            spent = _processor_seconds() - before
            _print(console, f"{way}, {name}", PROMISED[name], answers, load, spent)
    _print_machine(console, options)
    if options.write:
        told = {name: [asdict(answer) for answer in one] for name, one in measured.items()}
        options.write.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    wrong = [answer for answers in measured.values() for answer in answers if answer.error]
    for answer in wrong:
        console.print(f"{answer.dashboard} / {answer.name}: {answer.error}", markup=False)
    raise SystemExit(1 if wrong else 0)


def ask(
    asked: Sequence[Asked], sender: Sender, options: argparse.Namespace, *, force: bool
) -> list[Answered]:
    """Send each request once, in random order, as many at a time as there are clients."""
    order = random.Random(options.seed).sample(asked, len(asked))  # noqa: S311 (an order, no secret)
    with ThreadPoolExecutor(options.clients) as pool:
        return list(pool.map(lambda one: sender.ask(one, force=force), order))


def click(
    views: Sequence[View], sender: Sender, options: argparse.Namespace, *, force: bool
) -> list[Answered]:
    """Let each inspector open pages and tabs, in an order of their own, with pauses between."""

    def inspector(number: int) -> list[Answered]:
        chance = random.Random(options.seed * 1000 + number)  # noqa: S311 (an order, no secret)
        order = chance.sample(views, len(views))
        answers: list[Answered] = []
        time.sleep(chance.uniform(0, options.pause))  # nobody begins with anybody
        with ThreadPoolExecutor(_CONNECTIONS) as connections:
            for place in range(options.clicks):
                view = order[place % len(order)]
                list(connections.map(sender.read, view.reads))
                answers += connections.map(lambda one: sender.ask(one, force=force), view.asks)
                time.sleep(options.pause * chance.uniform(0.5, 1.5))
        return answers

    with ThreadPoolExecutor(options.clients) as inspectors:
        found = inspectors.map(inspector, range(options.clients))
        return [answer for answers in found for answer in answers]


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def _runs(settings: Settings, url: str | None) -> bool:
    try:
        with urllib.request.urlopen(f"{url or superset_url(settings)}/health", timeout=20):  # noqa: S310
            return True
    except (RuntimeError, OSError):
        return False


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=10, help="inspectors at once, 10 by default")
    parser.add_argument(
        "--pause",
        type=float,
        default=10,
        help="seconds that an inspector looks at a page, 10 by default, half of it more or less",
    )
    parser.add_argument(
        "--clicks", type=int, default=10, help="pages or tabs that each opens, 10 by default"
    )
    parser.add_argument("--seed", type=int, default=7, help="of the order of the requests")
    parser.add_argument("--account", default="inspector", help="who opens the dashboards")
    parser.add_argument("--url", help="of Superset, where not that of the installation")
    parser.add_argument(
        "--if-running", action="store_true", help="measure nothing where no Superset answers"
    )
    parser.add_argument("--write", type=Path, help="file for every single answer, as JSON")
    return parser.parse_args()


def _wrong(asked: Asked, start: float, error: str) -> Answered:
    milliseconds = (time.perf_counter() - start) * 1000
    return Answered(asked.dashboard, asked.name, milliseconds, 0, from_cache=False, error=error)


def note_requests(settings: Settings, url: str, account: str) -> tuple[list[Asked], Session]:
    """What the pages of the account ask for, and the session that they ask in."""
    views, session = note_views(settings, url, account)
    return [asked for view in views for asked in view.asks], session


def note_views(settings: Settings, url: str, account: str) -> tuple[list[View], Session]:
    """The account's pages and tabs with what each loads first, and the session of the browser."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("The pages are opened with Chromium: apt-get install chromium")
    password = SecretsFile(settings.secrets_path).get(_secret_of(settings, account))
    assets = Assets.read(settings.root / "superset" / "assets")
    views: list[View] = []
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium, headless=True, args=_FLAGS, viewport=_TALL
        )
        with closing(context):
            context.set_default_timeout(_PATIENCE)
            page = context.new_page()
            _log_in(page, url, account, password)
            headers: dict[str, str] = {}
            for dashboard in assets.dashboards:
                views += _views_of(page, url, dashboard, headers)
            cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies(url)}
    return views, Session(cookies, headers)


def _secret_of(settings: Settings, account: str) -> str:
    """Name of the secret that is the account's password."""
    files = (settings.root / "superset" / "roles.yaml", settings.state_dir / "accounts.yaml")
    for path in files:
        entries = yaml.safe_load(path.read_text("utf-8"))["users"] if path.exists() else []
        for entry in entries or []:
            if entry["username"] == account:
                return str(entry["secret"])
    raise SystemExit(f"{account} is no account of {files[0].name} or {files[1].name}")


def _log_in(page: Page, url: str, account: str, password: str) -> None:
    page.goto(f"{url}/login/")
    page.locator("#username").fill(account)
    page.locator("input[type=password]").fill(password)
    page.keyboard.press("Enter")
    try:
        page.wait_for_url(lambda address: "/login" not in address, timeout=_LOG_IN)
    except PlaywrightError as error:
        raise SystemExit(
            f"{account} was not let in at {url}; logins are counted by the minute"
        ) from error


def _views_of(page: Page, url: str, dashboard: Dashboard, headers: dict[str, str]) -> list[View]:
    """The page of a dashboard as it is opened, and each of its tabs."""
    found: dict[str, Asked] = {}
    reads: dict[str, list[str]] = {}
    names = _names(page, url, dashboard)
    view = dashboard.title

    def note(request: Request) -> None:
        address = request.url.removeprefix(url)
        if request.method == "GET" and address != request.url and request.resource_type in _READ:
            if not address.startswith("/static/"):
                reads.setdefault(view, []).append(address)
            return
        if request.method != "POST" or _CHART_DATA not in request.url:
            return
        body: dict[str, Any] = json.loads(request.post_data or "")
        key = _key(body)
        # Each as it is last sent, with the first values of the filters in it, where it was first.
        place = found[key].view if key in found else view
        found[key] = Asked(dashboard.title, names.get(key, key), address, body, place)
        for name in ("x-csrftoken", "content-type", "referer"):
            headers[name] = request.headers[name]

    page.on("request", note)
    answer = page.goto(f"{url}/superset/dashboard/{dashboard.slug}/")
    if answer is not None and answer.ok and "/dashboard/" in page.url:
        page.locator(".grid-container").wait_for()
        _settle(page)
        for number, tab in enumerate(page.locator(".dashboard-component-tabs [role=tab]").all()):
            view = f"{dashboard.title}: tab {number + 1}"
            tab.click()
            _settle(page)
        if silent := sorted(names[key] for key in names.keys() - found.keys()):
            print(f"{dashboard.title}: no request of {', '.join(silent)}")
    else:
        print(f"{dashboard.title}: this account does not open it")
    page.remove_listener("request", note)
    opened = dict.fromkeys(asked.view for asked in found.values())
    return [
        View(name, reads.get(name, []), [one for one in found.values() if one.view == name])
        for name in opened
    ]


def _names(page: Page, url: str, dashboard: Dashboard) -> dict[str, str]:
    """Names of the dashboard's charts and filters by what a request calls them."""
    filters = dashboard.content["metadata"]["native_filter_configuration"]
    names = {str(one["id"]): f"筛选 {one['name']}" for one in filters}
    answer = page.context.request.get(f"{url}/api/v1/dashboard/{dashboard.slug}/charts")
    charts = answer.json()["result"] if answer.ok else []
    return names | {str(chart["id"]): chart["slice_name"] for chart in charts}


def _key(body: dict[str, Any]) -> str:
    """What tells one request of a page from another: its chart or its filter."""
    form = body["form_data"]
    for name in ("slice_id", "native_filter_id", "nativeFilterId"):
        if form.get(name):
            return str(form[name])
    return json.dumps(body["queries"], sort_keys=True)


def _settle(page: Page) -> None:
    """Until no chart is loading, nor begins to within a moment."""
    loading = page.locator('[data-test="loading-indicator"]')
    calm, end = 0, time.monotonic() + _PATIENCE / 1000
    while calm < _QUIET:
        if time.monotonic() > end:
            raise SystemExit(f"{page.url} is still loading; nothing was measured")
        page.wait_for_timeout(_QUIET / 4)
        calm = calm + _QUIET // 4 if loading.count() == 0 else 0


def _processor_seconds() -> float:
    """What the machine's processors have worked since it started, whoever for."""
    names = ("user", "nice", "system", "idle", "iowait", "irq", "softirq")
    line = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    ticks = dict(zip(names, map(int, line), strict=False))
    return sum(ticks[name] for name in names if name not in ("idle", "iowait")) / 100


def _print(
    console: Console,
    name: str,
    promised: int,
    answers: Sequence[Answered],
    load: float,
    processor_seconds: float,
) -> None:
    times = [answer.milliseconds for answer in answers]
    p95 = percentile(times, 0.95)
    cached = sum(answer.from_cache for answer in answers)
    console.print(
        f"{name}: {len(answers)} answers, {cached} from the cache; p50 {percentile(times, 0.5):.0f}"
        f" ms, p95 {p95:.0f} ms ({'below' if p95 < promised else 'not below'} the promised"
        f" {promised} ms), max {max(times):.0f} ms; load before {load:.1f}; the machine worked"
        f" {processor_seconds / len(answers) * 1000:.0f} ms an answer",
        soft_wrap=True,
    )
    table = Table("看板 dashboard", "图 chart", "毫秒 ms", "字节 bytes", title=f"slowest, {name}")
    for answer in sorted(answers, key=lambda one: -one.milliseconds)[:_SHOWN]:
        table.add_row(
            *(answer.dashboard, answer.name, f"{answer.milliseconds:,.0f}", f"{answer.size:,}")
        )
    console.print(table)


def _print_machine(console: Console, options: argparse.Namespace) -> None:
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        processor = names[0].partition(":")[2].strip() if names else processor
    console.print(
        f"{options.clients} inspectors at once, pause {options.pause:g} s, seed {options.seed};"
        f" {os.cpu_count()} x {processor};"
        f" {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
