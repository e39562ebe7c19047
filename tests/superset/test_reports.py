"""Quality reports behind the real Superset's log-in: who reads them, and nothing beside them."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from dashboard_page import inspectors_browser, needs_chromium
from docs_site import ATTACK, build_site
from form_log_in import form_session
from playwright.sync_api import expect
from superset_fixture import SupersetSite

from qinglian.dashboards.client import SupersetClient

DATA_DOCS, HANDBOOKS = "/reports/data-docs/", ("/reports/indicators/", "/reports/contracts/")
A_TABLE = f"{DATA_DOCS}validations/his_bad/test_fee.html"
STYLE = f"{DATA_DOCS}static/data_docs.css"
READERS = {"inspector", "auditor", "data_engineer"}
ROLES = READERS | {"district_inspector", "hospital_office", "insurance_supervisor"}
OUTSIDE = "what stands beside the site"


@pytest.fixture(scope="module", autouse=True)
def data_docs(superset_site: SupersetSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site in the state folder, and beside it a page that nobody may ask for."""
    site = superset_site.settings.state_dir / "data_docs"
    build_site(tmp_path_factory.mktemp("docs"), site)
    (site.parent / "outside.html").write_text(OUTSIDE)
    (site / "linked.html").symlink_to(site.parent / "outside.html")
    (site / "notes.txt").write_text(OUTSIDE)
    return site


@pytest.fixture(scope="module")
def sessions(superset_site: SupersetSite, admin: SupersetClient) -> Iterator[dict[str, Any]]:
    """A logged-in browser session of one account a role, and one of nobody."""
    ids = {role["name"]: role["id"] for role in admin.items("security/roles")}
    accounts = []
    for role in sorted(ROLES):
        body = {
            **{"username": f"reads_{role}", "first_name": "测", "last_name": "试", "active": True},
            **{"email": f"{role}@reports", "password": "a long password", "roles": [ids[role]]},
        }
        accounts.append(admin.request("POST", "security/users/", json=body)["id"])
    with ExitStack() as stack:
        known = {
            role: stack.enter_context(
                form_session(superset_site.url, f"reads_{role}", "a long password")
            )
            for role in sorted(ROLES)
        }
        known["nobody"] = stack.enter_context(httpx.Client(base_url=superset_site.url, timeout=60))
        yield known
    for account in accounts:
        admin.request("DELETE", f"security/users/{account}")


@pytest.mark.parametrize("page", [DATA_DOCS, A_TABLE, *HANDBOOKS, DATA_DOCS + "no-such.html"])
def test_nobody_reads_a_report_without_logging_in(sessions: dict[str, Any], page: str) -> None:
    answer = sessions["nobody"].get(page)
    assert answer.status_code == httpx.codes.FOUND
    assert "/login/" in answer.headers["location"]
    assert page in httpx.URL(answer.headers["location"]).params["next"]


@pytest.mark.parametrize("role", sorted(ROLES))
def test_each_role_reads_the_handbooks_and_some_the_data_docs(
    sessions: dict[str, Any], role: str
) -> None:
    session = sessions[role]
    for page in (DATA_DOCS, A_TABLE):
        answer = session.get(page)
        if role in READERS:
            assert answer.status_code == httpx.codes.OK
            assert "数据质量报告" in answer.text
        else:
            assert answer.status_code == httpx.codes.FORBIDDEN
            assert "his_bad" not in answer.text
    for page in HANDBOOKS:
        assert session.get(page).status_code == httpx.codes.OK
    menu = session.get("/api/v1/menu/").json()["result"]
    # Superset shows what stands under Security elsewhere.
    _, reports = [entry for entry in menu if entry["name"] != "Security"]
    assert reports["name"] == "Quality Reports"
    offered = {entry["url"] for entry in reports["childs"]}
    assert offered == {*HANDBOOKS, *([DATA_DOCS] if role in READERS else [])}


@pytest.mark.parametrize(
    "name",
    [
        "../outside.html",
        "%2e%2e/outside.html",
        "..%2foutside.html",
        "validations/..%2f..%2foutside.html",
        "static/..%2f..%2foutside.html",
        "..%5coutside.html",
        "%2fetc/passwd",
        "linked.html",
        "notes.txt",
        "outside.html%00.html",
    ],
)
def test_no_path_leads_out_of_the_site(sessions: dict[str, Any], name: str) -> None:
    answer = sessions["auditor"].get(DATA_DOCS + name, follow_redirects=True)
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert OUTSIDE not in answer.text


def test_a_page_of_data_docs_is_a_stranger_to_superset(sessions: dict[str, Any]) -> None:
    answer = sessions["auditor"].get(A_TABLE)
    policy = answer.headers["content-security-policy"]
    assert "sandbox allow-scripts;" in policy + ";"
    assert "default-src 'none'" in policy
    assert answer.headers["cache-control"] == "private, no-store"
    # Scripts and styles, which no session asks for, are those of published libraries.
    style = sessions["nobody"].get(STYLE)
    assert style.status_code == httpx.codes.OK
    assert style.headers["access-control-allow-origin"] == "*"
    assert sessions["nobody"].get(f"{DATA_DOCS}static/NOTICE").status_code == 404


def test_a_handbook_runs_no_script_and_its_links_lead_somewhere(sessions: dict[str, Any]) -> None:
    for page in HANDBOOKS:
        answer = sessions["hospital_office"].get(page)
        assert "script-src" not in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        targets = set(re.findall(r'href="#([^"]+)"', answer.text))
        assert len(targets) > 50
        assert targets <= set(re.findall(r' id="([^"]+)"', answer.text))
        assert "<table>" in answer.text


def test_who_read_which_page_is_in_the_log(sessions: dict[str, Any], admin: SupersetClient) -> None:
    sessions["data_engineer"].get(A_TABLE)
    sessions["hospital_office"].get(HANDBOOKS[1])
    query = "(order_column:dttm,order_direction:desc,page:0,page_size:100)"
    entries = admin.request("GET", "log/", params={"q": query})["result"]
    read = {
        (entry["user"]["username"], entry["action"], page)
        for entry in entries
        for page in (A_TABLE, HANDBOOKS[1])
        if entry["user"] and page in (entry["json"] or "")
    }
    assert ("reads_data_engineer", "data_docs", A_TABLE) in read
    assert ("reads_hospital_office", "handbook", HANDBOOKS[1]) in read


@needs_chromium
def test_the_inspector_opens_the_reports_from_the_menu(
    superset_site: SupersetSite, tmp_path: Path
) -> None:
    with inspectors_browser(
        superset_site.url, superset_site.password("inspector"), tmp_path
    ) as page:
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("requestfailed", lambda request: faults.append(request.url))
        page.goto(superset_site.url)
        page.get_by_role("menuitem", name="质量报告").hover()
        page.get_by_role("link", name="数据质量报告").click()
        page.wait_for_url(f"**{DATA_DOCS}")
        faults.clear()  # requests of the page that was left
        expect(page.get_by_text("最近一次检查：2 张表，1 张未通过")).to_be_visible()
        page.get_by_role("cell", name="his_bad").click()
        page.wait_for_url(f"**{A_TABLE}")
        expect(page.get_by_text(ATTACK).first).to_be_visible()
        passed = page.get_by_text("主键唯一：")
        expect(passed).to_be_visible()
        page.get_by_text("仅未通过").click()
        expect(passed).not_to_be_visible()
        # The page's scripts run, but nothing of Superset's session is theirs.
        assert page.evaluate("self.origin") == "null"
        assert page.title() != "taken"
        page.goto(superset_site.url + HANDBOOKS[0])
        page.get_by_role("link", name="BL01").click()
        expect(page.get_by_role("heading", name="BL01")).to_be_in_viewport()
        colour = "getComputedStyle(document.querySelector('th')).backgroundColor"
        assert page.evaluate(colour) == "rgb(243, 246, 248)"
        assert faults == []
