"""What each role meets: no page with a chart that is refused or fails, or a part cut off."""

import httpx
import pytest
from dashboard_page import NARROW, PATIENCE, SharedBrowser, assets, needs_chromium
from form_log_in import form_session
from page_answers import make_answers
from page_checks import expect_whole
from playwright.sync_api import expect
from role_accounts import ROLES, user_of
from superset_fixture import SupersetSite

from qinglian.dashboards.publish import dashboard_readers
from qinglian.dashboards.roles import datasets_of

#: Roles that differ in their pages; each other one reads what one of these, or the inspector, does.
#: The page of each that a browser opens is the one with most of what is special to its rows.
OPENING = {
    "hospital_office": "lead-overview",
    "insurance_supervisor": "cross-checks",
    "data_engineer": "data-quality",
}


def test_every_role_reads_what_one_reads_whose_pages_are_opened() -> None:
    known = list(assets().datasets.values())
    read = {role.name: datasets_of(role, known) for role in ROLES.roles}
    opened = [read[name] for name in (*OPENING, "inspector")]
    # The auditor is the inspector without the names, which have a page of their own.
    assert all(own in opened or own | {"lead_staff"} in opened for own in read.values())


def test_a_page_that_is_not_for_the_account_says_so(published: SupersetSite) -> None:
    user = user_of("insurance_supervisor")
    with form_session(published.url, user, published.password(user)) as client:
        answer = client.get("/superset/dashboard/lead-staff/")
        assert "没有这一页，或本账号无权查看" in answer.text


@pytest.mark.parametrize(
    ("role", "slug"),
    [
        ("hospital_office", "lead-overview"),
        ("insurance_supervisor", "lead-overview"),
        ("auditor", "lead-overview"),
        ("data_engineer", "data-quality"),
    ],
)
def test_the_home_of_an_account_is_its_first_page(
    published: SupersetSite, role: str, slug: str
) -> None:
    user = user_of(role)
    with form_session(published.url, user, published.password(user)) as client:
        answer = client.get("/superset/welcome/")
        assert answer.headers["location"] == f"/superset/dashboard/{slug}/"
        assert client.get(answer.headers["location"]).is_success


def test_the_home_of_administrators_and_strangers_is_supersets(published: SupersetSite) -> None:
    with form_session(published.url, "admin", published.password("admin")) as client:
        assert client.get("/superset/welcome/").is_success
    stranger = httpx.get(f"{published.url}/superset/welcome/")
    assert stranger.headers["location"].startswith("/login/")


@pytest.mark.parametrize("role", OPENING)
def test_every_question_of_a_roles_pages_is_answered(published: SupersetSite, role: str) -> None:
    """The questions are those that the page asks, as the test of each page proves."""
    made = make_answers(published, user_of(role))
    for dashboard in assets().dashboards:
        counts = made[dashboard.slug]
        assert counts["failed"] == 0, dashboard
        if role in dashboard_readers(assets(), dashboard, ROLES):
            assert counts["refused"] == 0, dashboard
            assert counts["made"] + counts["kept"] >= len(dashboard.chart_uuids)
        else:
            assert counts["refused"], dashboard


@needs_chromium
@pytest.mark.parametrize(("role", "slug"), OPENING.items())
def test_a_page_of_a_role_is_whole_on_a_narrow_screen(
    published: SupersetSite, browser: SharedBrowser, role: str, slug: str
) -> None:
    user = user_of(role)
    with browser.tab(user, published.password(user)) as page:
        page.goto(f"{published.url}/superset/dashboard/{slug}/")
        expect(page.locator(".grid-container")).to_be_visible(timeout=PATIENCE)
        expect_whole(page, NARROW)
