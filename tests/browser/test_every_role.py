"""What each role meets on a narrow screen: no page with a chart that is refused or cut off."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from dashboard_page import PATIENCE, charts, inspectors_browser, needs_chromium
from form_log_in import form_session
from page_checks import expect_whole
from playwright.sync_api import expect
from role_accounts import ROLES, an_account_of_each_role
from superset_fixture import SupersetSite

from qinglian.dashboards.assets import Assets
from qinglian.dashboards.publish import dashboard_readers
from qinglian.dashboards.roles import datasets_of
from qinglian.settings import repository_root

pytestmark = needs_chromium
ASSETS = Assets.read(repository_root() / "superset" / "assets")
#: Roles that differ in their pages; each other one reads what one of these, or the inspector, does.
OPENING = ("hospital_office", "insurance_supervisor", "data_engineer")
NARROW = {"width": 1024, "height": 768}


@pytest.fixture(scope="module")
def users(superset_site: SupersetSite) -> Iterator[dict[str, str]]:
    with an_account_of_each_role(superset_site) as accounts:
        yield accounts


def test_every_role_reads_what_one_reads_whose_pages_are_opened() -> None:
    known = list(ASSETS.datasets.values())
    read = {role.name: datasets_of(role, known) for role in ROLES.roles}
    opened = [read[name] for name in (*OPENING, "inspector")]
    # The auditor is the inspector without the names, which have a page of their own.
    assert all(own in opened or own | {"lead_staff"} in opened for own in read.values())


def test_a_page_that_is_not_for_the_account_says_so(
    superset_site: SupersetSite, users: dict[str, str], tmp_path: Path
) -> None:
    url, user = superset_site.url, users["insurance_supervisor"]
    with inspectors_browser(url, superset_site.password(user), tmp_path, account=user) as page:
        page.goto(f"{url}/superset/dashboard/lead-staff/")
        expect(page.get_by_text("没有这一页，或本账号无权查看")).to_be_visible(timeout=PATIENCE)


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
    superset_site: SupersetSite, users: dict[str, str], role: str, slug: str
) -> None:
    password = superset_site.password(users[role])
    with form_session(superset_site.url, users[role], password) as client:
        answer = client.get("/superset/welcome/")
        assert answer.headers["location"] == f"/superset/dashboard/{slug}/"
        assert client.get(answer.headers["location"]).is_success


def test_the_home_of_administrators_and_strangers_is_supersets(superset_site: SupersetSite) -> None:
    password = superset_site.password("admin")
    with form_session(superset_site.url, "admin", password) as client:
        assert client.get("/superset/welcome/").is_success
    stranger = httpx.get(f"{superset_site.url}/superset/welcome/")
    assert stranger.headers["location"].startswith("/login/")


@pytest.mark.parametrize("role", OPENING)
def test_no_page_has_a_chart_in_error_or_a_part_cut_off_at_1024(
    superset_site: SupersetSite, users: dict[str, str], tmp_path: Path, role: str
) -> None:
    url, password = superset_site.url, superset_site.password(users[role])
    with inspectors_browser(url, password, tmp_path, account=users[role]) as page:
        for dashboard in ASSETS.dashboards:
            if role not in dashboard_readers(ASSETS, dashboard, ROLES):
                continue
            page.set_viewport_size(NARROW)
            page.goto(f"{url}/superset/dashboard/{dashboard.slug}/")
            expect(page.locator(".grid-container")).to_be_visible(timeout=PATIENCE)
            expect_whole(page, NARROW["width"])
            for tab in page.locator(".grid-container [role=tab]").all():
                tab.click()
                expect_whole(page, NARROW["width"])
            assert charts(dashboard.title)
