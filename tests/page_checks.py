"""What every page of leads has to keep to: figures, language, filters, clicks, pictures."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dashboard_page import NARROW, PATIENCE, WIDTH, chart, charts
from playwright.sync_api import ConsoleMessage, Page, Response, expect
from pypdf import PageObject, PdfReader
from superset_fixture import SupersetSite

from qinglian.dashboards.warm_up import COLUMNS

#: Abbreviations of the trade and starts of keys; codes of leads and rows are no words.
ABBREVIATIONS = {"HIS", "HHI", "CR", "FDR", "DDD", "DDDs", "his", "yb", "pr"}
#: A page is published with the way to its twin.
LINK_TO_ENGLISH = "This page in English"
#: What a page reads of itself.
TEXT = re.compile(
    r"/api/v1/(dashboard/[a-z-]+(/charts|/datasets|\?.*)?|dataset/\d+/drill_info/.*)$"
)
#: What a chart draws, whatever its kind.
DRAWN = "canvas, table tbody tr, .header-line, .superset-legacy-chart-big"


class Opening:
    """A page that is opened once, in a narrow window, with all that it asked and said."""

    def __init__(self, page: Page, title: str, url: str) -> None:
        self.page = page
        self.title = title
        self.answers: list[Response] = []
        self.texts: list[Response] = []
        self.errors: list[str] = []
        self.drawn: set[str] = set()
        self.words: set[str] = set()
        self.asked: list[dict[str, Any]] = []
        page.on("response", self._note_answer)
        page.on("console", self._note_error)
        page.goto(url)
        expect(page.locator(".grid-container")).to_be_visible(timeout=PATIENCE)

    def look_at_all(self) -> None:
        """Look at each tab, narrow and then wide; raises where a part is not as it should be."""
        for _ in every_view(self.page):
            self.drawn |= drawn_charts(self.page)
            text = self.page.locator("body").inner_text().replace(LINK_TO_ENGLISH, "")
            self.words |= set(re.findall(r"(?<![\w.])[A-Za-z]{2,}(?![\w.])", text))
        self.page.remove_listener("console", self._note_error)
        self.page.remove_listener("response", self._note_answer)
        self.asked = [_asked(answer) for answer in self.answers]

    def expect_whole(self, *abbreviations: str) -> None:
        """Every chart was drawn, in Chinese, and the browser reported no error.

        Answers, and what the page reads of itself, come from what was made ahead.
        """
        assert self.drawn == set(charts(self.title))
        assert self.words <= ABBREVIATIONS | set(abbreviations)
        assert self.errors == []
        assert len({one["slice_id"] for one in self.asked if "slice_id" in one}) == len(self.drawn)
        # Where a page changed, this writes superset/page_requests anew.
        assert [one for one in self.asked if not one["cached"]] == [], "make page-requests"
        assert [text.url for text in self.texts if COLUMNS in text.url] != []
        assert [text.url for text in self.texts if "x-qinglian-kept" not in text.headers] == []

    def _note_answer(self, response: Response) -> None:
        if response.request.method == "POST" and "/api/v1/chart/data" in response.url:
            self.answers.append(response)
        elif response.request.method == "GET" and TEXT.search(response.url):
            self.texts.append(response)

    def _note_error(self, message: ConsoleMessage) -> None:
        # The usage counter in Superset's own code is what the policy is there to refuse.
        if message.type == "error" and "scarf.sh" not in message.text:
            self.errors.append(f"{message.text} {message.location['url']}")


def _asked(response: Response) -> dict[str, Any]:
    """What a chart or filter asked for, and whether its answer was there already."""
    form = (response.request.post_data_json or {})["form_data"]
    names = {key: form[key] for key in ("slice_id", "native_filter_id") if form.get(key)}
    return names | {"cached": all(one["is_cached"] for one in response.json()["result"])}


def every_view(page: Page) -> Iterator[None]:
    """Each tab of a page, after it was whole in a narrow window and then in a wide one."""
    tabs = page.locator(".grid-container [role=tab]")
    for number in range(max(tabs.count(), 1)):
        if tabs.count():
            tabs.nth(number).click()
        for width in (NARROW, WIDTH):
            expect_whole(page, width)
        yield


def drawn_charts(page: Page) -> set[str]:
    """Names of the charts in view, each of which shows something."""
    holders = page.locator('[data-test="chart-grid-component"]:visible')
    assert holders.count()
    for holder in holders.all():
        expect(holder.locator(DRAWN).first).to_be_visible(timeout=PATIENCE)
    names = "holders => holders.map(one => one.dataset.testChartName)"
    return set(holders.evaluate_all(names))


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
    faults = _out_of_place(page)
    for _ in range(40):  # charts follow a change of the window's width a moment later
        if not faults:
            break
        page.wait_for_timeout(500)
        faults = _out_of_place(page)
    assert faults == []


def _out_of_place(page: Page) -> list[str]:
    """What is wider than the window, or reaches out of its box."""
    cut_off: list[str] = page.evaluate(_CUT_OFF)
    return _wider_than_the_window(page) + cut_off


#: Beginnings of the texts and boards of lights that reach out of their boxes.
_CUT_OFF = """() => {
    const outside = (part, box) => {
        const [own, whole] = [part.getBoundingClientRect(), box.getBoundingClientRect()];
        return own.right > whole.right + 1 || own.bottom > whole.bottom + 1;
    };
    const boxes = [...document.querySelectorAll('.dashboard-markdown')];
    const texts = boxes.flatMap(box =>
        [...box.querySelectorAll('p, li, h4')].filter(part => outside(part, box)));
    const boards = [...document.querySelectorAll('table.pvtTable')].filter(part =>
        outside(part, part.closest('[data-test="chart-grid-component"]')));
    return [...texts, ...boards].filter(part => part.checkVisibility())
        .map(part => part.innerText.trim().slice(0, 40));
}"""


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


def figures_asked_with(response: Response, metric: str, value: str) -> bool:
    """Whether an answer is that of a chart that shows the metric, narrowed to the value."""
    if "/api/v1/chart/data" not in response.url or not response.request.post_data:
        return False
    (query, *_) = json.loads(response.request.post_data)["queries"]
    narrowed = any(value in str(f.get("val")) for f in query.get("filters", []))
    return narrowed and metric in query.get("metrics", [])


#: The worst of the leads to which others are related.
WORST_WITH_NEIGHBOURS = """
    select lead_id from marts.lead_listing
    where lead_id in (select lead_id from marts.lead_neighbour)
    order by light = 'red' desc, risk_gross desc limit 1
"""


def told_of_the_lead(page: Page, item: str) -> str:
    """What the page of one lead says of an item."""
    row = chart(page, "这条线索").locator("tbody tr", has_text=item)
    return row.locator("td").nth(1).inner_text()
