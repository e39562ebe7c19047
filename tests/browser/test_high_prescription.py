"""The page on prescribing in a real browser, on a real Superset."""

from dashboard_page import PATIENCE, chart, needs_chromium
from page_checks import (
    Opening,
    expect_click_narrows_evidence,
    expect_drill_to_detail,
    expect_figures_of_family,
    expect_filter_narrows,
    expect_own_indicators_offered,
    figures_asked_with,
)
from playwright.sync_api import Page, expect
from superset_fixture import SupersetSite

pytestmark = needs_chromium

DASHBOARD = "大处方"


def test_the_page_is_whole_and_chinese(opening: Opening) -> None:
    opening.expect_whole()


def test_only_leads_of_prescribing_are_counted(page: Page, superset_site: SupersetSite) -> None:
    expect_figures_of_family(page, superset_site, "prescribing", "处方红色线索", "处方涉及金额")


def test_doctors_are_compared_in_the_latest_month(opening: Opening) -> None:
    of_latest = [
        answer
        for answer in opening.answers
        if figures_asked_with(answer, "times_expected", "最近一个月")
    ]
    assert of_latest
    assert all(answer.json()["result"][0]["data"] for answer in of_latest)


def test_doctors_most_often_above_their_limits_come_first(
    page: Page, superset_site: SupersetSite
) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select count(*) filter (where value > limit_upper) from"
            " marts.prescribing_doctor_month group by org_code, doctor_code, metric order by 1 desc"
        ).fetchone()
    assert row is not None
    assert row[0]
    first = chart(page, "医师与控制限").locator("tbody tr").first.locator("td")
    expect(first.nth(3)).to_have_text(str(row[0]))


def test_a_click_on_a_doctor_narrows_the_control_charts(page: Page) -> None:
    doctor = chart(page, "医师与控制限").locator("tbody tr").first.locator("td").first
    name = doctor.inner_text()
    with page.expect_response(
        lambda response: figures_asked_with(response, "mean_upper", name), timeout=PATIENCE
    ) as answer:
        doctor.click()
    (result, *_) = answer.value.json()["result"]
    assert result["data"]
    doctor.click()


def test_a_click_on_a_lead_narrows_its_evidence(page: Page, superset_site: SupersetSite) -> None:
    expect_click_narrows_evidence(page, superset_site, "处方线索清单", "处方线索明细")


def test_the_rows_behind_a_chart_can_be_seen(page: Page) -> None:
    expect_drill_to_detail(page, "重点监控药品金额按月份（万元）")


def test_a_filter_narrows_the_page(page: Page, superset_site: SupersetSite) -> None:
    expect_own_indicators_offered(page, superset_site, "prescribing")
    expect_filter_narrows(page, superset_site, "prescribing", "处方红色线索")
