"""The ranking of an insurer's providers in a real browser, on a real Superset."""

from dashboard_page import (
    PATIENCE,
    chart,
    needs_chromium,
)
from page_checks import Opening
from playwright.sync_api import Page, expect
from superset_fixture import SupersetSite

pytestmark = needs_chromium

DASHBOARD = "机构评分"


def test_the_page_is_whole_and_chinese(opening: Opening) -> None:
    opening.expect_whole()


def test_one_ranking_goes_by_score_and_the_other_by_money(
    page: Page, superset_site: SupersetSite
) -> None:
    by_score = _column(
        superset_site,
        "select org_code from marts.provider_score where state = 'ranked' order by score desc",
    )
    by_money = _column(
        superset_site, "select org_code from marts.provider_score order by fund_amount desc"
    )
    assert by_score != by_money[: len(by_score)]
    for title, codes in (("机构按得分", by_score), ("机构按基金支付", by_money)):
        names = chart(page, title).locator("tbody tr td:first-child").all_inner_texts()
        assert [name.split()[-1] for name in names] == codes


def test_a_provider_below_the_gates_stands_with_its_reason_and_has_no_score(
    page: Page, superset_site: SupersetSite
) -> None:
    rows = chart(page, "不评分的机构及原因").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="结算少于下限")).to_have_count(1)
    expect(rows.filter(has_text="同类机构不足")).to_have_count(1)
    ranked = chart(page, "机构按得分").locator("tbody tr")
    (total,) = _column(
        superset_site, "select count(*)::text from marts.provider_score where state = 'ranked'"
    )
    expect(ranked).to_have_count(int(total))
    expect(chart(page, "有得分的机构").locator(".header-line")).to_have_text(total)


def test_a_click_on_a_provider_leaves_its_concepts_alone(
    page: Page, superset_site: SupersetSite
) -> None:
    provider = chart(page, "机构按基金支付").locator("tbody tr").nth(2).locator("td").first
    name = provider.inner_text()
    concepts = _column(
        superset_site,
        "select concept_zh from marts.provider_score_concept"
        f" where org_code = '{name.split()[-1]}' order by contribution desc nulls last",
    )
    provider.click()
    rows = chart(page, "得分的构成").locator("tbody tr")
    expect(rows.locator("td:first-child")).to_have_text([name] * len(concepts), timeout=PATIENCE)
    expect(rows.locator("td:nth-child(2)")).to_have_text(concepts)
    expect(rows.filter(has_text="没有此类结算")).to_have_count(1)
    provider.click()


def _column(site: SupersetSite, query: str) -> list[str]:
    with site.server.connect("reader") as connection:
        return [value for (value,) in connection.execute(query.encode())]
