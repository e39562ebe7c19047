"""Answers that are kept whole are Superset's own, and follow rights, rules and rows at once."""

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from role_accounts import HOSPITAL
from superset_fixture import SupersetSite
from superset_readers import client_of

from qinglian.dashboards.client import SupersetClient, SupersetError
from qinglian.dashboards.warm_up import page_requests
from qinglian.settings import repository_root

PAGES = page_requests(repository_root())
ANSWERS = repository_root() / "superset" / "qinglian_answers.py"
CHART_DATA = "/api/v1/chart/data"
#: What the log says of an answer that Superset makes of rows it has kept, beside the question.
MADE = {"ChartDataRestApi.json_dumps", "_get_data_response"}
ASKED = "ChartDataRestApi.data"


@pytest.fixture(scope="module")
def inspector(superset_site: SupersetSite, users: dict[str, str]) -> Iterator[SupersetClient]:
    with client_of(superset_site, users["inspector"]) as client:
        yield client


@pytest.fixture(scope="module")
def office(superset_site: SupersetSite, users: dict[str, str]) -> Iterator[SupersetClient]:
    with client_of(superset_site, users["hospital_office"]) as client:
        yield client


@pytest.fixture(scope="module")
def datasets(admin: SupersetClient) -> dict[str, int]:
    """Numbers by UUID and by name."""
    named = {dataset["table_name"]: dataset["id"] for dataset in admin.items("dataset")}
    return admin.ids_by_uuid("dataset") | named


def _question(dataset: int, *columns: str, **query: Any) -> dict[str, Any]:
    query = {"columns": list(columns), "metrics": [], "row_limit": 1000} | query
    return {"datasource": {"id": dataset, "type": "table"}, "queries": [query], "form_data": {}}


def _text(client: SupersetClient, body: dict[str, Any]) -> str:
    return client._send("POST", CHART_DATA, json=body).text


def _twice(client: SupersetClient, body: dict[str, Any]) -> None:
    """Once to have the rows kept, once more to have the text of them kept."""
    for _ in range(2):
        _text(client, body)


def _column(client: SupersetClient, body: dict[str, Any], column: str) -> set[Any]:
    (result,) = json.loads(_text(client, body))["result"]
    return {row[column] for row in result["data"]}


def _newest(metadata: psycopg.Connection) -> int:
    row = metadata.execute("select coalesce(max(id), 0) from logs").fetchone()
    assert row is not None
    return int(row[0])


def _noted(metadata: psycopg.Connection, after: int) -> list[tuple[str, str, str]]:
    return metadata.execute(
        "select l.action, u.username, coalesce(l.json, '') from logs as l"
        " left join ab_user as u on l.user_id = u.id where l.id > %s",
        (after,),
    ).fetchall()


def _is_finished(
    client: SupersetClient, metadata: psycopg.Connection, body: dict[str, Any]
) -> bool:
    """Whether the answer is sent as it was kept, told from what the log says of it."""
    before = _newest(metadata)
    _text(client, body)
    actions = {action for action, *_ in _noted(metadata, before)}
    metadata.rollback()
    assert ASKED in actions
    return not actions & MADE


def _asked_by_pages(datasets: dict[str, int]) -> list[dict[str, Any]]:
    """What pages ask for whatever is chosen on them."""
    return [
        {
            "datasource": {"id": datasets[asked["dataset"]], "type": "table"},
            "queries": asked["queries"],
            "form_data": {},
        }
        for page in PAGES.values()
        for asked in page
        if "first_of" not in json.dumps(asked["queries"])
    ]


@pytest.mark.parametrize("reader", ["inspector", "office"])
def test_a_kept_answer_is_superset_s_own_to_the_letter(
    request: pytest.FixtureRequest,
    metadata: psycopg.Connection,
    datasets: dict[str, int],
    reader: str,
) -> None:
    client: SupersetClient = request.getfixturevalue(reader)
    compared = finished = 0
    for body in _asked_by_pages(datasets)[::4]:
        try:
            _text(client, body | {"force": True})
        except httpx.HTTPStatusError:
            continue  # of a page that is not open to the role
        _text(client, body)
        before = _newest(metadata)
        kept = _text(client, body)
        finished += not {action for action, *_ in _noted(metadata, before)} & MADE
        metadata.rollback()
        # Another form is another question: Superset answers it itself, from the rows it keeps.
        form = {"currency_format": {"symbol": secrets.token_hex(8)}}
        own = _text(client, body | {"form_data": form})
        assert kept == own
        compared += 1
    assert compared > 10
    assert finished == compared


def test_superset_reads_no_more_of_a_form_than_is_in_the_key(superset_site: SupersetSite) -> None:
    (package,) = (superset_site.settings.root / ".venv-superset/lib").glob("python3*/site-packages")
    places = ("common/**/*.py", "utils/currency.py", "charts/schemas.py")
    files = [file for place in places for file in (package / "superset").glob(place)]
    text = "\n".join(file.read_text("utf-8") for file in files)
    read = set(re.findall(r"form_data(?:\.get\(|\[)\s*[\"'](\w+)", text))
    kept = re.search(r"OF_FORM = \((.*?)\n\)", ANSWERS.read_text("utf-8"), re.DOTALL)
    assert kept is not None
    assert "slice_id" in read
    assert read == set(re.findall(r'"(\w+)"', kept[1])) | {"viz_type"}


@pytest.mark.parametrize("name", ["x_axis", "slice_id", "currency_format"])
def test_another_form_is_another_question(
    inspector: SupersetClient, metadata: psycopg.Connection, datasets: dict[str, int], name: str
) -> None:
    body = _question(datasets["lead_listing"], "lead_id", row_limit=994)
    _twice(inspector, body)
    assert _is_finished(inspector, metadata, body)
    assert _is_finished(inspector, metadata, body | {"form_data": {"chart_id": 1}})
    assert not _is_finished(inspector, metadata, body | {"form_data": {name: 1}})


def test_a_kept_answer_is_in_the_log_once(
    inspector: SupersetClient,
    users: dict[str, str],
    metadata: psycopg.Connection,
    datasets: dict[str, int],
) -> None:
    mark = secrets.token_hex(8)
    wanted = [{"col": "lead_id", "op": "!=", "val": mark}]
    body = _question(datasets["lead_listing"], "lead_id", filters=wanted)
    _twice(inspector, body)
    before = _newest(metadata)
    _text(inspector, body)
    (entry,) = _noted(metadata, before)
    assert entry[:2] == (ASKED, users["inspector"])
    assert mark in entry[2]


def test_an_answer_of_other_roles_is_another(
    inspector: SupersetClient, office: SupersetClient, datasets: dict[str, int]
) -> None:
    body = _question(datasets["lead_listing"], "org_code")
    for _ in range(2):
        assert len(_column(inspector, body, "org_code")) > 1
        assert _column(office, body, "org_code") == {HOSPITAL}


def test_a_rule_on_rows_that_changes_holds_at_once(
    office: SupersetClient, metadata: psycopg.Connection, datasets: dict[str, int]
) -> None:
    body = _question(datasets["lead_listing"], "org_code", row_limit=999)
    _twice(office, body)
    assert _is_finished(office, metadata, body)
    change = "update row_level_security_filters set clause = %s where name = %s returning 1"
    name = f"organisation {HOSPITAL}"
    row = metadata.execute(
        "select clause from row_level_security_filters where name = %s", (name,)
    ).fetchone()
    assert row is not None
    assert metadata.execute(change, ("1 = 0", name)).fetchall() == [(1,)]
    assert _column(office, body, "org_code") == {HOSPITAL}  # not decided yet
    metadata.commit()
    try:
        assert _column(office, body, "org_code") == set()
    finally:
        metadata.execute(change, (row[0], name))
        metadata.commit()
    assert _column(office, body, "org_code") == {HOSPITAL}


def test_a_right_that_is_taken_away_takes_kept_answers_with_it(
    admin: SupersetClient,
    inspector: SupersetClient,
    metadata: psycopg.Connection,
    datasets: dict[str, int],
) -> None:
    body = _question(datasets["lead_listing"], "lead_id", row_limit=998)
    _twice(inspector, body)
    assert _is_finished(inspector, metadata, body)
    role = next(r for r in admin.items("security/roles") if r["name"] == "inspector")
    path = f"security/roles/{role['id']}/permissions"
    held = admin.request("GET", f"{path}/")["result"]
    ids = [p["id"] for p in held]
    dataset = next(
        p["id"]
        for p in held
        if p["permission_name"] == "datasource_access" and "lead_listing]" in p["view_menu_name"]
    )
    read = next(
        p["id"]
        for p in held
        if (p["permission_name"], p["view_menu_name"]) == ("can_read", "Chart")
    )
    for taken in (dataset, read):
        fewer = [one for one in ids if one != taken]
        admin.request("POST", path, json={"permission_view_menu_ids": fewer})
        try:
            with pytest.raises(SupersetError, match="Superset answered 403"):
                inspector.request("POST", "chart/data", json=body)
        finally:
            admin.request("POST", path, json={"permission_view_menu_ids": ids})
    inspector.request("POST", "chart/data", json=body)


def test_a_role_that_is_taken_away_and_an_account_that_is_closed_get_nothing(
    superset_site: SupersetSite,
    admin: SupersetClient,
    users: dict[str, str],
    metadata: psycopg.Connection,
    datasets: dict[str, int],
) -> None:
    body = _question(datasets["lead_listing"], "org_code", row_limit=997)
    name = users["auditor"]
    account = next(u for u in admin.items("security/users") if u["username"] == name)
    roles = [role["id"] for role in account["roles"]]
    engineer = next(r["id"] for r in admin.items("security/roles") if r["name"] == "data_engineer")
    path = f"security/users/{account['id']}"
    with client_of(superset_site, name) as client:
        _twice(client, body)
        assert _is_finished(client, metadata, body)
        for change, answer in (({"roles": [engineer]}, "403"), ({"active": False}, "401|403")):
            admin.request("PUT", path, json=change)
            try:
                with pytest.raises(SupersetError, match=f"Superset answered ({answer})"):
                    client.request("POST", "chart/data", json=body)
            finally:
                admin.request("PUT", path, json={"roles": roles, "active": True})


def test_rows_that_somebody_asks_for_anew_are_new_for_all(
    superset_site: SupersetSite,
    inspector: SupersetClient,
    users: dict[str, str],
    metadata: psycopg.Connection,
    datasets: dict[str, int],
) -> None:
    body = _question(datasets["lead_listing"], "org_name", row_limit=996)
    _twice(inspector, body)
    assert _is_finished(inspector, metadata, body)
    with (
        client_of(superset_site, users["auditor"]) as auditor,
        superset_site.server.connect("transformer", autocommit=True) as warehouse,
    ):
        warehouse.execute("update marts.lead_listing set org_name = org_name || '（改）'")
        try:
            assert not any("（改）" in name for name in _column(inspector, body, "org_name"))
            _text(auditor, body | {"force": True})
            assert all("（改）" in name for name in _column(inspector, body, "org_name"))
        finally:
            warehouse.execute(
                "update marts.lead_listing set org_name = replace(org_name, '（改）', '')"
            )
            _text(auditor, body | {"force": True})


def test_what_depends_on_the_day_is_not_kept(
    inspector: SupersetClient, metadata: psycopg.Connection, datasets: dict[str, int]
) -> None:
    day = {"granularity": "first_seen_at", "time_range": "Last week"}
    body = _question(datasets["lead_listing"], "lead_id", **day)
    _twice(inspector, body)
    assert not _is_finished(inspector, metadata, body)


def test_an_answer_that_only_a_dashboard_opens_is_not_kept(
    superset_site: SupersetSite,
    admin: SupersetClient,
    users: dict[str, str],
    metadata: psycopg.Connection,
    datasets: dict[str, int],
) -> None:
    page = next(d for d in admin.items("dashboard") if d["slug"] == "lead-overview")
    charts = admin.request("GET", f"dashboard/{page['id']}/charts")["result"]
    listed = [
        c for c in charts if c["form_data"]["datasource"] == f"{datasets['lead_listing']}__table"
    ]
    engineer = next(r["id"] for r in admin.items("security/roles") if r["name"] == "data_engineer")
    roles = [role["id"] for role in page["roles"]]
    body = _question(datasets["lead_listing"], "lead_id", row_limit=995)
    body["form_data"] = {"dashboardId": page["id"], "slice_id": listed[0]["id"]}
    with client_of(superset_site, users["data_engineer"]) as client:
        with pytest.raises(SupersetError, match="Superset answered 403"):
            client.request("POST", "chart/data", json=body)
        path = f"dashboard/{page['id']}"
        admin.request("PUT", path, json={"roles": [*roles, engineer]})
        try:
            _twice(client, body)
            assert not _is_finished(client, metadata, body)
        finally:
            admin.request("PUT", path, json={"roles": roles})
        with pytest.raises(SupersetError, match="Superset answered 403"):
            client.request("POST", "chart/data", json=body)


def test_what_somebody_likes_voids_nothing_and_a_chart_that_is_edited_does(
    inspector: SupersetClient, metadata: psycopg.Connection, datasets: dict[str, int]
) -> None:
    body = _question(datasets["lead_listing"], "lead_id", row_limit=993)
    _twice(inspector, body)
    assert _is_finished(inspector, metadata, body)
    metadata.execute("insert into favstar (user_id, class_name, obj_id) values (1, 'Dashboard', 1)")
    metadata.commit()
    assert _is_finished(inspector, metadata, body)
    metadata.execute(
        "update slices set cache_timeout = null where id = (select min(id) from slices)"
    )
    metadata.commit()
    assert not _is_finished(inspector, metadata, body)
    assert _is_finished(inspector, metadata, body)
