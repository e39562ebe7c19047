"""How fast Superset answers the charts of the dashboards, with ten inspectors clicking at once.

Asks the installation of `QINGLIAN_HOME`, which has to run, with the very requests of its pages: a
browser opens each dashboard that the account may open, and each of its tabs, and what the page asks
of charts and filters is noted. These requests are then sent again, each once, in random order, by
as many clients as wanted at the same time, in the session of the browser: first past the cache,
then from it. The clients run on the machine of the servers and take of its processors as well.
"""

import argparse
import json
import math
import os
import platform
import random
import shutil
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
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
_TALL: ViewportSize = {"width": 1680, "height": 12_000}  # Superset draws only what is in view
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@dataclass(frozen=True)
class Asked:
    """One request of a page: what it shows, and what it sends."""

    dashboard: str
    name: str
    url: str
    body: dict[str, Any]


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


def main() -> None:
    """Measure, print; exit with 1 where an answer is an error, however slow the others are."""
    options = _options()
    settings = get_settings()
    url = options.url or superset_url(settings)
    console = Console(width=120)
    asked, session = _note_requests(settings, url, options.account)
    if not asked:
        raise SystemExit(f"{options.account} may open no dashboard at {url}; nothing was measured")
    measured: dict[str, list[Answered]] = {}
    for name, force in (("uncached", True), ("cached", False)):
        load = os.getloadavg()[0]
        measured[name] = ask(asked, session, url, options.clients, options.seed, force=force)
        _print(console, name, measured[name], load)
    _print_machine(console, options.clients, options.seed)
    if options.write:
        answers = {name: [asdict(answer) for answer in one] for name, one in measured.items()}
        options.write.write_text(json.dumps(answers, ensure_ascii=False, indent=1), "utf-8")
    wrong = [answer for answers in measured.values() for answer in answers if answer.error]
    for answer in wrong:
        console.print(f"{answer.dashboard} / {answer.name}: {answer.error}", markup=False)
    raise SystemExit(1 if wrong else 0)


def ask(
    asked: Sequence[Asked], session: Session, url: str, clients: int, seed: int, *, force: bool
) -> list[Answered]:
    """Send each request once, in random order, `clients` at a time; `force` goes past the cache."""
    order = random.Random(seed).sample(asked, len(asked))  # noqa: S311 (an order, no secret)
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    with (
        httpx.Client(
            base_url=url,
            cookies=session.cookies,
            headers=session.headers,
            limits=limits,
            timeout=120,
        ) as http,
        ThreadPoolExecutor(clients) as pool,
    ):
        return list(pool.map(lambda one: _answer(http, one, force=force), order))


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=10, help="clients at once, 10 by default")
    parser.add_argument("--seed", type=int, default=7, help="of the order of the requests")
    parser.add_argument("--account", default="inspector", help="who opens the dashboards")
    parser.add_argument("--url", help="of Superset, where not that of the installation")
    parser.add_argument("--write", type=Path, help="file for every single answer, as JSON")
    return parser.parse_args()


def _answer(http: httpx.Client, asked: Asked, *, force: bool) -> Answered:
    content = json.dumps(asked.body | {"force": force}).encode()
    start = time.perf_counter()
    try:
        response = http.post(asked.url, content=content)
    except httpx.TransportError as error:
        return _wrong(asked, start, str(error) or type(error).__name__)
    milliseconds = (time.perf_counter() - start) * 1000
    if not response.is_success:
        return _wrong(asked, start, f"{response.status_code} {response.text[:300]}")
    results = response.json()["result"]
    errors = [str(result["error"]) for result in results if result.get("error")]
    return Answered(
        *(asked.dashboard, asked.name, milliseconds, len(response.content)),
        from_cache=all(result.get("is_cached") for result in results),
        error="; ".join(errors) or None,
    )


def _wrong(asked: Asked, start: float, error: str) -> Answered:
    milliseconds = (time.perf_counter() - start) * 1000
    return Answered(asked.dashboard, asked.name, milliseconds, 0, from_cache=False, error=error)


def _note_requests(settings: Settings, url: str, account: str) -> tuple[list[Asked], Session]:
    """What the pages of the account ask for, and the session that they ask in."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("The pages are opened with Chromium: apt-get install chromium")
    password = SecretsFile(settings.secrets_path).get(_secret_of(settings, account))
    assets = Assets.read(settings.root / "superset" / "assets")
    asked: list[Asked] = []
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium, headless=True, args=_FLAGS, viewport=_TALL
        )
        context.set_default_timeout(_PATIENCE)
        page = context.new_page()
        _log_in(page, url, account, password)
        headers: dict[str, str] = {}
        for dashboard in assets.dashboards:
            asked += _requests_of(page, url, dashboard, headers)
        cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies(url)}
        context.close()
    return asked, Session(cookies, headers)


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


def _requests_of(
    page: Page, url: str, dashboard: Dashboard, headers: dict[str, str]
) -> list[Asked]:
    """What the page of a dashboard asks for on opening, and when each of its tabs is opened."""
    found: dict[str, Asked] = {}
    names = _names(page, url, dashboard)

    def note(request: Request) -> None:
        if request.method != "POST" or _CHART_DATA not in request.url:
            return
        body: dict[str, Any] = json.loads(request.post_data or "")
        key = _key(body)
        # Each as it is last sent: with the first values of the filters in it.
        address = request.url.removeprefix(url)
        found[key] = Asked(dashboard.title, names.get(key, key), address, body)
        for name in ("x-csrftoken", "content-type", "referer"):
            headers[name] = request.headers[name]

    page.on("request", note)
    answer = page.goto(f"{url}/superset/dashboard/{dashboard.slug}/")
    if answer is not None and answer.ok and "/dashboard/" in page.url:
        page.locator(".grid-container").wait_for()
        _settle(page)
        for tab in page.locator(".dashboard-component-tabs [role=tab]").all():
            tab.click()
            _settle(page)
        if silent := sorted(names[key] for key in names.keys() - found.keys()):
            print(f"{dashboard.title}: no request of {', '.join(silent)}")
    else:
        print(f"{dashboard.title}: this account does not open it")
    page.remove_listener("request", note)
    return list(found.values())


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


def _print(console: Console, name: str, answers: Sequence[Answered], load: float) -> None:
    times = [answer.milliseconds for answer in answers]
    p95 = percentile(times, 0.95)
    promised = PROMISED[name]
    cached = sum(answer.from_cache for answer in answers)
    console.print(
        f"{name}: {len(answers)} answers, {cached} from the cache; p50 {percentile(times, 0.5):.0f}"
        f" ms, p95 {p95:.0f} ms ({'below' if p95 < promised else 'not below'} the promised"
        f" {promised} ms), max {max(times):.0f} ms; load before {load:.1f}",
        soft_wrap=True,
    )
    table = Table("看板 dashboard", "图 chart", "毫秒 ms", "字节 bytes", title=f"slowest, {name}")
    for answer in sorted(answers, key=lambda one: -one.milliseconds)[:_SHOWN]:
        table.add_row(
            *(answer.dashboard, answer.name, f"{answer.milliseconds:,.0f}", f"{answer.size:,}")
        )
    console.print(table)


def _print_machine(console: Console, clients: int, seed: int) -> None:
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        processor = names[0].partition(":")[2].strip() if names else processor
    console.print(
        f"{clients} clients at once, seed {seed}; {os.cpu_count()} x {processor};"
        f" {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
