"""Who looked at what, and took what away, stands in a log that the auditor reads."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from dashboard_page import PATIENCE, inspectors_browser, needs_chromium
from playwright.sync_api import expect
from superset_fixture import SupersetSite

from qinglian.dashboards import publish_dashboards
from qinglian.dashboards.client import SupersetClient, SupersetError
from qinglian.dashboards.publish import ACCOUNTS

AUDITOR = {
    **{"username": "shen", "first_name": "计", "last_name": "审", "email": "shen@localhost"},
    **{"roles": ["auditor"], "secret": "SUPERSET_SHEN_PASSWORD"},
}


@pytest.fixture(scope="module")
def auditor(superset_site: SupersetSite) -> Iterator[SupersetClient]:
    path = superset_site.settings.home / ACCOUNTS
    path.write_text(yaml.safe_dump({"users": [AUDITOR]}, allow_unicode=True), "utf-8")
    publish_dashboards(superset_site.settings, superset_site.server, superset_site.url)
    with SupersetClient(superset_site.url, "shen", superset_site.password("shen")) as client:
        yield client
    path.unlink()
    superset_site.close_accounts(["shen"])
    publish_dashboards(superset_site.settings, superset_site.server, superset_site.url)


@pytest.fixture(scope="module")
def inspector(superset_site: SupersetSite) -> Iterator[SupersetClient]:
    password = superset_site.password("inspector")
    with SupersetClient(superset_site.url, "inspector", password) as client:
        yield client


def _entries(client: SupersetClient) -> list[dict[str, Any]]:
    newest = "(order_column:dttm,order_direction:desc,page_size:100)"
    entries: list[dict[str, Any]] = client.request("GET", f"log/?q={newest}")["result"]
    return entries


def test_an_export_is_in_the_log_with_its_account_and_its_filters(
    superset_site: SupersetSite, auditor: SupersetClient, inspector: SupersetClient
) -> None:
    ids = {d["table_name"]: d["id"] for d in inspector.items("dataset")}
    chosen = {"col": "org_code", "op": "==", "val": "H50010300001"}
    query = {"columns": ["lead_id"], "metrics": [], "filters": [chosen], "row_limit": 10}
    source = {"id": ids["lead_listing"], "type": "table"}
    body = {"datasource": source, "queries": [query], "result_format": "csv"}
    assert inspector._send("POST", "/api/v1/chart/data", json=body).is_success

    exports = [
        (entry["user"]["username"], content["datasource"], content["queries"][0].get("filters"))
        for entry in _entries(auditor)
        if (content := json.loads(entry["json"] or "{}")).get("result_format") == "csv"
    ]
    assert ("inspector", source, [chosen]) in exports


def test_nobody_but_the_auditor_reads_the_log_and_nobody_writes_it(
    auditor: SupersetClient, inspector: SupersetClient
) -> None:
    assert _entries(auditor)
    with pytest.raises(SupersetError, match="Superset answered 403"):
        inspector.request("GET", "log/")
    for client in (auditor, inspector):
        with pytest.raises(SupersetError, match="Superset answered 403"):
            client.request("POST", "log/", json={"action": "nothing"})


@needs_chromium
def test_the_auditor_finds_the_log_in_the_menu(
    superset_site: SupersetSite, auditor: SupersetClient, tmp_path: Any
) -> None:
    url, password = superset_site.url, superset_site.password("shen")
    with inspectors_browser(url, password, tmp_path, account="shen") as page:
        page.goto(f"{url}/actionlog/list")
        expect(page.get_by_role("row").nth(5)).to_be_visible(timeout=PATIENCE)
        headings = {heading.strip() for heading in page.locator("th").all_inner_texts()} - {""}
        assert headings == {
            "操作",
            "用户",
            "用时（毫秒）",
            "看板编号",
            "图表编号",
            "内容",
            "来自页面",
            "时间",
        }
        page.screenshot(path=str(tmp_path / "action_log.png"))
