"""An inspector's first minute: from the login page to the rows behind the worst lead."""

from pathlib import Path

from dashboard_page import CHROMIUM, FLAGS, needs_chromium
from playwright.sync_api import sync_playwright
from superset_fixture import SupersetSite

from benchmarks.way_to_a_lead import CLICKS, walk

pytestmark = needs_chromium


def test_five_clicks_lead_to_all_rows_behind_the_worst_lead(
    superset_site: SupersetSite, tmp_path: Path
) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select left(lead_id, 12), light, (select count(*) from marts.lead_evidence as e"
            " where e.lead_id = l.lead_id) from marts.lead_listing as l where is_active"
            " order by light = 'red' desc, risk_gross desc limit 1"
        ).fetchone()
    assert row is not None
    worst, light, rows = row
    assert light == "red"
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "chromium"),
            executable_path=CHROMIUM,
            args=FLAGS,
            viewport={"width": 1440, "height": 900},
            locale="zh-CN",
        )
        password = superset_site.password("inspector")
        way = walk(context.new_page(), superset_site.url, "inspector", password)
        context.close()
    assert len(way.steps) <= CLICKS
    assert way.lead == worst
    assert way.rows == [worst] * rows
