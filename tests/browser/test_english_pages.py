"""Every English page in a real browser, each opened once, on a wide and on a narrow screen."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from dashboard_page import NARROW, PATIENCE, SharedBrowser, assets, charts, needs_chromium
from page_checks import drawn_charts, every_view
from playwright.sync_api import Page, expect
from superset_fixture import SupersetSite

from qinglian.dashboards.assets import Dashboard, Dataset
from qinglian.dashboards.english import CHINESE, Catalogue, English
from qinglian.settings import repository_root

pytestmark = needs_chromium
_ROOT = repository_root()
TWINS = replace(assets(), all=English(assets(), Catalogue.read(_ROOT)).twins())
DATABASES = {database.uuid: database for database in TWINS.databases}
#: Names of what is shown. A board of lights has hospitals in its headers, which are values.
NAMES = (
    '[data-test="editable-title-input"], [data-test="dashboard-header-container"] .dynamic-title,'
    ' [data-test="slice-header"] .header-title, table:not(.pvtTable) thead th,'
    ' [data-test="filter-control-name"], .grid-container [role=tab], .header-line ~ *'
)


#: Columns of names of people, hospitals, goods and firms, which stay Chinese, and of sentences.
_NAMED = {
    *("category_label_en", "dept_name", "dept_name_en", "doctor_label", "entity_key_en"),
    *("entity_label_en", "generic_name", "item_label_en", "item_name_en", "market_en"),
    *("market_label_en", "member_label", "org_name", "org_name_en", "point", "provider"),
    *("source_label", "source_label_en", "staff_label_en", "staff_name", "subject_label_en"),
    *("target_label", "target_label_en", "top_company_name"),
}
_SENTENCES = {"content_en", "content_shown", "explanation_en", "source"}
#: Words of ours beside a name.
_OURS = re.compile(r" 医师 | 工号 |其他医师|等关联企业|等\d+种|整改通知")

#: Values of the small marts of the tests that no list of the project has.
_INVENTED = re.compile(
    r"(PR01 )?供应商集中度 HHI·CR-n|处方过少|缺少数据表：\w+|缺少药品分类|采购订单|医保明细无对应行"
    r"|同日重复|超过 5 种药品|高于限价|同一地址|一级|单次金额（几何均值）|结算中住院的比例|复核组"
    r"|本人正住在另一机构时的结算"
)


def test_no_value_but_a_name_or_a_sentence_is_in_chinese(published: SupersetSite) -> None:
    found = []
    for dataset, column in _columns_shown():
        name = column["column_name"]
        if name in _SENTENCES or column["verbose_name"].endswith("(in Chinese)"):
            continue
        query = (
            f"select distinct ({column.get('expression') or name})::text from {dataset.relation}"
        )
        role = DATABASES[str(dataset.content["database_uuid"])].role
        with published.server.connect(role) as connection:
            values = [value for (value,) in connection.execute(query.encode()) if value]
        wrong = _OURS if name in _NAMED else CHINESE
        found += [
            (dataset.title, name, value)
            for value in values
            if wrong.search(value) and not _INVENTED.fullmatch(value)
        ]
    assert found == []


def _columns_shown() -> Iterator[tuple[Dataset, dict[str, Any]]]:
    """The columns with text that charts of the English pages show."""
    for dataset in TWINS.datasets.values():
        shown = [
            json.dumps(chart.content["params"])
            for chart in TWINS.charts
            if chart.dataset_uuid == dataset.uuid
        ]
        for column in dataset.content["columns"]:
            if column.get("type") == "VARCHAR" and any(
                f'"{column["column_name"]}"' in params for params in shown
            ):
                yield dataset, column


@pytest.fixture(scope="module")
def page(published: SupersetSite, browser: SharedBrowser) -> Iterator[Page]:
    """The inspector with Superset's own words in English."""
    with browser.tab("inspector", published.password("inspector"), language="en") as opened:
        yield opened


@pytest.mark.parametrize("dashboard", assets().dashboards, ids=lambda one: one.slug)
def test_a_page_is_whole_and_in_english(
    page: Page,
    published: SupersetSite,
    dashboard: Dashboard,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    page.set_viewport_size({"width": NARROW, "height": 1000})
    page.goto(f"{published.url}/superset/dashboard/{dashboard.slug}-en/")
    expect(page.locator(".grid-container")).to_be_visible(timeout=PATIENCE)
    drawn: set[str] = set()
    for _ in every_view(page):
        drawn |= drawn_charts(page)
        _expect_english(page)
    assert len(drawn) == len(charts(dashboard.title))
    pictures = tmp_path_factory.getbasetemp() / "pictures"
    pictures.mkdir(exist_ok=True)
    page.screenshot(path=pictures / f"{dashboard.slug}-en.png")


def test_the_home_in_english_is_the_english_page(page: Page, published: SupersetSite) -> None:
    answer = page.request.get(f"{published.url}/superset/welcome/")
    assert answer.url == f"{published.url}/superset/dashboard/lead-overview-en/"


def test_a_page_leads_to_the_chinese_one_and_back(page: Page, published: SupersetSite) -> None:
    page.goto(f"{published.url}/superset/dashboard/lead-staff-en/")
    page.get_by_role("link", name="中文页面").click()
    page.get_by_role("link", name="This page in English").click()
    expect(page.get_by_role("link", name="中文页面")).to_be_visible(timeout=PATIENCE)


def _expect_english(page: Page) -> None:
    names = page.locator(NAMES).all_inner_texts()
    assert len(names) > 3
    assert page.evaluate(_CHINESE_TEXTS) == ["中文页面"]


#: Chinese texts of a page but values: those in lists, boards of lights and filters.
_CHINESE_TEXTS = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
        const text = walker.currentNode, part = text.parentElement;
        const value = part.closest("tbody, .pvtTable, .ant-select, script, style");
        if (!value && part.checkVisibility() && /[\\u3400-\\u9fff]/.test(text.data))
            texts.push(text.data.trim());
    }
    return texts;
}"""
