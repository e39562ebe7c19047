"""The data docs: whole without the internet, safe to open, in Chinese, without personal data."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from docs_site import ATTACK, build_site
from hospital import Hospital
from playwright.sync_api import sync_playwright

from qinglian.gate.data_docs import build_data_docs
from qinglian.gate.saved import results_dir
from qinglian.gate.trend import rule_trends

_EXTERNAL = re.compile(r"^(?:[a-z]+:)?//", re.IGNORECASE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    build_site(folder, folder / "site")
    return folder / "site"


class _Links(HTMLParser):
    """What a page loads or leads to, and the scripts written in it."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [v for k, v in attrs if k in ("src", "href", "action") and v]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _links(page: Path) -> _Links:
    parser = _Links()
    parser.feed(page.read_text("utf-8"))
    return parser


def _pages(site: Path) -> list[Path]:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) == 4
    return pages


def test_no_page_loads_or_links_anything_from_elsewhere(site: Path) -> None:
    for page in _pages(site):
        found = _links(page).loads
        assert found
        assert [link for link in found if _EXTERNAL.match(link)] == []


def test_styles_load_nothing_from_elsewhere(site: Path) -> None:
    for style in (site / "static").glob("*.css"):
        for url in re.findall(r"url\(['\"]?([^'\")]+)", style.read_text("utf-8")):
            assert url.startswith("data:") or (site / "static" / url).exists()


def test_every_local_file_that_a_page_loads_is_there(site: Path) -> None:
    for page in _pages(site):
        for link in _links(page).loads:
            if not link.startswith(("#", "data:")):
                assert (page.parent / link).exists(), link


def test_vendored_files_are_named_in_the_notice(site: Path) -> None:
    notice = (site / "static" / "NOTICE").read_text("utf-8")
    for path in (site / "static").iterdir():
        assert path.name == "NOTICE" or path.name in notice


def test_pages_hold_no_personal_value(site: Path) -> None:
    for page in _pages(site):
        text = page.read_text("utf-8")
        assert "s" * 60 not in text
        assert "p" * 60 not in text


def test_page_of_a_source_that_is_gone_disappears(site: Path, tmp_path: Path) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    (tmp_path / "results").mkdir()
    build_data_docs(tmp_path / "results", copy)
    assert [p.name for p in copy.rglob("*.html")] == [
        "backdated.html",
        "index.html",
    ]


def test_page_shows_how_the_last_checks_went(hospital: Hospital, tmp_path: Path) -> None:
    hospital.ingest()
    hospital.sql("update settle set kind = null where id in ('s11', 's12')")
    hospital.ingest()
    with hospital.server.connect("auditor") as connection:
        trends = rule_trends(connection)
    trend = trends["his_test", "his_settle"]
    counts = dict(trend.rules)["结算种类不得为空"]
    assert counts == ((0, 400), (0, 400), (0, 200), (2, 2))
    build_data_docs(results_dir(hospital.settings), tmp_path / "site", trends)
    text = " ".join(_links(tmp_path / "site/validations/his_test/his_settle.html").text)
    assert "趋势：最近 4 次检查" in text
    assert re.search(r"0 / 400\s+0 / 400\s+0 / 200\s+2 / 2", text)


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is not installed")
    return found


def test_pages_work_in_a_browser_without_a_network(site: Path, chromium: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(offline=True).new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("requestfailed", lambda request: faults.append(request.url))
        page.goto((site / "index.html").as_uri())
        assert page.get_by_text("最近一次检查：2 张表，1 张未通过").is_visible()
        page.get_by_role("cell", name="his_bad").click()
        page.wait_for_url("**/his_bad/test_fee.html")
        assert page.title() == "his_bad / 费用明细"
        assert page.get_by_text(ATTACK).first.is_visible()
        passed = page.get_by_text("主键唯一：")
        assert passed.is_visible()
        page.get_by_text("仅未通过").click()
        assert not passed.is_visible()
        assert page.get_by_text("规则amount_identity：说明").is_visible()
        page.get_by_role("link", name="倒改记录").click()
        page.wait_for_url("**/backdated.html")
        assert page.get_by_text("深度重读发现的倒改：28 行").is_visible()
        row = page.get_by_role("row", name="his_bad")
        for value in ("费用明细（test_fee）", "2025-01", "24", "-1,234.50", "2025-08-02"):
            assert row.get_by_role("cell", name=value, exact=True).is_visible()
        assert page.get_by_role("cell", name=ATTACK, exact=True).is_visible()
        assert page.title() != "taken"
        browser.close()
    assert faults == []
