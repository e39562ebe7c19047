"""What every page of leads has to keep to: figures, language, filters, clicks, pictures."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

from dashboard_page import PATIENCE, chart
from playwright.sync_api import Page, Response, expect
from pypdf import PageObject, PdfReader
from superset_fixture import SupersetSite

#: Abbreviations of the trade and starts of keys; codes of leads and rows are no words.
ABBREVIATIONS = {"HIS", "HHI", "CR", "FDR", "DDD", "DDDs", "his", "yb", "pr"}


def expect_chinese(page: Page, *abbreviations: str) -> None:
    """No word of another language stands on the page."""
    text = page.locator("body").inner_text()
    words = set(re.findall(r"(?<![\w.])[A-Za-z]{2,}(?![\w.])", text))
    assert words <= ABBREVIATIONS | set(abbreviations)


def expect_whole(page: Page, width: int) -> None:
    """All that is on the page now is drawn, without an error and within a window of the width."""
    grid = page.locator(".grid-container")
    # Superset draws only what is in view.
    height = int(grid.evaluate("grid => grid.scrollHeight"))
    page.set_viewport_size({"width": width, "height": height + 300})
    expect(page.locator('[data-test="loading-indicator"]')).to_have_count(0, timeout=PATIENCE)
    holders = page.locator('[data-test="chart-grid-component"]:visible')
    drawn = page.locator('[data-test="slice-container"]:visible')
    expect(drawn).to_have_count(holders.count(), timeout=PATIENCE)
    expect(grid.locator(".ant-alert-error, [role=alert]")).to_have_count(0)
    wide = _wider_than_the_window(page)
    for _ in range(40):  # charts follow a change of the window's width a moment later
        if not wide:
            break
        page.wait_for_timeout(500)
        wide = _wider_than_the_window(page)
    assert wide == []


def _wider_than_the_window(page: Page) -> list[str]:
    """Classes of the parts of a page that reach out of the window."""
    parts: list[str] = page.evaluate(
        "() => [document.documentElement, ...document.querySelectorAll('.grid-container')]"
        ".filter(part => part.scrollWidth > part.clientWidth + 1).map(part => part.className)"
    )
    return parts


def keep_picture(page: Page, folder: Path, name: str) -> None:
    """Store the whole page among the files of the test run, for a person to look at."""
    picture = folder / f"{name}.png"
    page.screenshot(path=picture)
    assert picture.stat().st_size > 50_000


def expect_no_empty_sheet(page: Page, title: str) -> None:
    """No sheet of the printed page has less on it than a row of a list or a picture."""
    page.emulate_media(media="print")
    assert sheets_without_content(page.pdf(format="A4", landscape=True), title) == []
    page.emulate_media(media="screen")


def sheets_without_content(printed: bytes, title: str) -> list[int]:
    """Sheets with nothing on them but the page's title and numbers of a list's pages."""
    empty = []
    for number, sheet in enumerate(PdfReader(io.BytesIO(printed)).pages, start=1):
        words = re.sub(rf"{re.escape(title)}|[\s\d.‹›«»…]", "", sheet.extract_text())
        if not words and not _has_picture(sheet):
            empty.append(number)
    return empty


def _has_picture(sheet: PageObject) -> bool:
    resources = sheet["/Resources"].get_object()
    return "/XObject" in resources  # type: ignore[operator]


def expect_figures_of_family(
    page: Page, site: SupersetSite, family: str, red_title: str, gross_title: str
) -> None:
    """The big numbers are those of the family's active leads."""
    with site.server.connect("reader") as connection:
        row = connection.execute(
            "select sum(risk_gross) / 10000, sum((light = 'red')::integer) from marts.lead_listing"
            " where is_active and family = %s",
            (family,),
        ).fetchone()
    assert row is not None
    gross, red = row
    expect(chart(page, gross_title).locator(".header-line")).to_have_text(f"{gross:,.2f}")
    expect(chart(page, red_title).locator(".header-line")).to_have_text(str(red))


def expect_click_narrows_evidence(
    page: Page, site: SupersetSite, leads_title: str, evidence_title: str
) -> None:
    """A click on a lead leaves its evidence alone, a second one brings the rest back."""
    leads = chart(page, leads_title).locator("tbody tr")
    evidence = chart(page, evidence_title).locator("tbody tr td:first-child")
    expect(evidence.first).to_be_visible(timeout=PATIENCE)
    shown, unfiltered = leads.count(), evidence.count()
    lead = leads.first.locator("td").first
    number = lead.inner_text()
    with site.server.connect("reader") as connection:
        row = connection.execute(
            "select count(*) from marts.lead_evidence where lead_id like %s", (number + "%",)
        ).fetchone()
    assert row is not None
    lead.click()
    expect(evidence).to_have_text([number] * int(row[0]), timeout=PATIENCE)
    assert leads.count() == shown
    lead.click()
    expect(evidence).to_have_count(unfiltered, timeout=PATIENCE)


def expect_filter_narrows(
    page: Page, site: SupersetSite, family: str, red_title: str, district: str = "江北区"
) -> None:
    """The first filter, 区县, narrows the count of red leads; clearing brings it back."""
    with site.server.connect("reader") as connection:
        row = connection.execute(
            "select coalesce(sum((light = 'red')::integer), 0),"
            " coalesce(sum((light = 'red')::integer) filter (where district_name = %s), 0)"
            " from marts.lead_listing where is_active and family = %s",
            (district, family),
        ).fetchone()
    assert row is not None
    everywhere, within = row
    assert everywhere != within
    page.locator('[data-test="form-item-value"]').first.click()
    page.locator(".ant-select-item-option", has_text=district).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="应用筛选").click()
    number = chart(page, red_title).locator(".header-line")
    expect(number).to_have_text(str(within), timeout=PATIENCE)
    page.get_by_role("button", name="全部清除").click()
    expect(number).to_have_text(str(everywhere), timeout=PATIENCE)


def expect_own_indicators_offered(page: Page, site: SupersetSite, family: str) -> None:
    """The filter of indicators offers those of the family's leads and no others."""
    with site.server.connect("reader") as connection:
        row = connection.execute(
            "select count(distinct indicator_id) from marts.lead_listing where family = %s",
            (family,),
        ).fetchone()
    assert row is not None
    bar = page.locator('[data-test="dashboard-filters-panel"]')
    expect(bar).to_contain_text(re.compile(rf"指标\s*{row[0]} 个选项"), timeout=PATIENCE)


def expect_drill_to_detail(page: Page, title: str) -> None:
    """The menu of a chart opens the rows behind it."""
    chart(page, title).locator('[id$="-controls"]').first.click()
    page.get_by_role("menuitem", name="钻取明细").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile(r"^[1-9][0-9,]* 行$"))).to_be_visible(timeout=PATIENCE)
    dialog.get_by_role("button", name=re.compile("关 ?闭")).click()
    expect(dialog).to_have_count(0, timeout=PATIENCE)


def figures_asked_with(dataset_metric: str, value: str) -> Callable[[Response], bool]:
    """Whether an answer is that of a chart that shows the metric, narrowed to the value."""

    def matches(response: Response) -> bool:
        if "/api/v1/chart/data" not in response.url or not response.request.post_data:
            return False
        (query, *_) = json.loads(response.request.post_data)["queries"]
        narrowed = any(value in str(f.get("val")) for f in query.get("filters", []))
        return narrowed and dataset_metric in query.get("metrics", [])

    return matches
