"""The page of one hospital in a real browser: its tabs, and what a click narrows."""

from dashboard_page import PATIENCE, chart, needs_chromium
from page_checks import Opening
from playwright.sync_api import Page, expect
from superset_fixture import SupersetSite

pytestmark = needs_chromium

DASHBOARD = "机构画像"
TABS = {
    "总体": (
        "红色线索",
        "各类指标的灯",
        "与同组医院比较",
        "涉及金额按指标类别（同一行只计一次）",
        "线索清单",
    ),
    "科室": ("科室得分与线索", "涉及科室的线索"),
    "医师": ("医师得分与线索", "涉及医师的线索"),
    "供应商": ("供应商得分与线索", "涉及供应商的线索"),
    "数据状况": ("未能计算的部分及原因", "本院数据质量"),
}


def test_the_page_is_whole_and_chinese(opening: Opening) -> None:
    opening.expect_whole("rx", "fee", "order", "item")


def _open_tab(page: Page, name: str) -> None:
    page.locator(".ant-tabs-tab", has_text=name).first.click()
    for title in TABS[name]:
        drawn = chart(page, title).locator(
            "canvas:visible, table tbody tr:visible, .header-line:visible"
        )
        expect(drawn.first).to_be_visible(timeout=PATIENCE)
        expect(chart(page, title).locator(".ant-alert-error, [role=alert]")).to_have_count(0)


def test_it_shows_the_hospital_with_most_money_at_risk_alone(
    page: Page, superset_site: SupersetSite
) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select org_name, sum(lead_count) from marts.entity_risk_month"
            " where entity_type = 'hospital' group by org_name order by sum(risk_gross) desc"
        ).fetchone()
    assert row is not None
    name, leads = row
    _open_tab(page, "总体")
    expect(page.locator('[data-test="form-item-value"]').first).to_contain_text(name)
    hospitals = chart(page, "线索清单").locator("tbody tr:visible td:nth-child(4)")
    expect(hospitals).to_have_text([name] * min(leads, 24))


def test_a_click_on_a_doctor_narrows_the_leads_below(page: Page) -> None:
    _open_tab(page, "医师")
    leads = chart(page, "涉及医师的线索").locator("tbody tr:visible td:nth-child(2)")
    everybody = leads.count()
    doctor = chart(page, "医师得分与线索").locator(
        "tbody tr:visible td:first-child", has_text="D0413"
    )
    doctor.click()
    expect(leads.filter(has_text="D0412")).to_have_count(0, timeout=PATIENCE)
    expect(leads.first).to_be_visible(timeout=PATIENCE)  # none are there while it loads
    assert set(leads.all_inner_texts()) == {"心血管内科 医师 D0413"}
    assert leads.count() < everybody
    doctor.click()
    expect(leads).to_have_count(everybody, timeout=PATIENCE)


def test_every_tab_has_its_charts(page: Page) -> None:
    for name in TABS:
        _open_tab(page, name)
