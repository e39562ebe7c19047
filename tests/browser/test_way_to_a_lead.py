"""An inspector's first minute: from the login page to the rows behind the worst lead."""

from dashboard_page import SharedBrowser, needs_chromium
from superset_fixture import SupersetSite

from benchmarks.way_to_a_lead import CLICKS, walk

pytestmark = needs_chromium


def test_five_clicks_lead_to_all_rows_behind_the_worst_lead(
    superset_site: SupersetSite, browser: SharedBrowser
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
    password = superset_site.password("inspector")
    with browser.strangers_tab() as page:
        way = walk(page, superset_site.url, "inspector", password)
    assert len(way.steps) <= CLICKS
    assert way.lead == worst
    assert way.rows == [worst] * rows
