"""Answers of charts cost Superset few statements, and lose neither a right nor an entry for it."""

import secrets
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from superset_fixture import SupersetSite

from qinglian.dashboards.client import SupersetClient, SupersetError

#: What Superset notes of one answer that it had to ask the warehouse for.
NOTED = {
    "execute_sql",
    "load_into_dataframe",
    "ChartDataRestApi.json_dumps",
    "_get_data_response",
    "ChartDataRestApi.data",
}


@pytest.fixture(scope="module")
def inspector(superset_site: SupersetSite) -> Iterator[SupersetClient]:
    password = superset_site.password("inspector")
    with SupersetClient(superset_site.url, "inspector", password) as client:
        yield client


@pytest.fixture(scope="module")
def listing(inspector: SupersetClient) -> int:
    return next(d["id"] for d in inspector.items("dataset") if d["table_name"] == "lead_listing")


def _body(dataset: int, *columns: str, **query: Any) -> dict[str, Any]:
    query = {"columns": list(columns), "metrics": [], "row_limit": 10} | query
    source = {"id": dataset, "type": "table"}
    return {"datasource": source, "queries": [query], "force": True, "form_data": {}}


def _marked(dataset: int, *columns: str) -> tuple[dict[str, Any], str]:
    """A request that is known again in the log."""
    mark = secrets.token_hex(8)
    filters = [{"col": "lead_id", "op": "!=", "val": mark}]
    return _body(dataset, *columns, filters=filters), mark


def _newest(metadata: psycopg.Connection) -> int:
    row = metadata.execute("select coalesce(max(id), 0) from logs").fetchone()
    assert row is not None
    return int(row[0])


def test_all_entries_of_an_answer_are_written_in_one_commit(
    inspector: SupersetClient, listing: int, metadata: psycopg.Connection
) -> None:
    body, mark = _marked(listing, "lead_id")
    before = _newest(metadata)
    inspector.request("POST", "chart/data", json=body)
    entries = metadata.execute(
        "select action, xmin::text, json, user_id from logs where id > %s", (before,)
    ).fetchall()
    assert {action for action, *_ in entries} >= NOTED
    commits = {commit for action, commit, *_ in entries if action in NOTED}
    assert len(commits) == 1
    told = {action for action, _, text, _ in entries if mark in (text or "")}
    assert told >= {"ChartDataRestApi.json_dumps", "ChartDataRestApi.data"}
    assert len({user for *_, user in entries}) == 1


def test_a_request_that_is_refused_is_in_the_log(
    inspector: SupersetClient, listing: int, metadata: psycopg.Connection
) -> None:
    body, mark = _marked(listing, "no_such_column")
    with pytest.raises(SupersetError, match="Superset answered 400"):
        inspector.request("POST", "chart/data", json=body)
    noted = metadata.execute("select action from logs where json like %s", (f"%{mark}%",))
    assert ("ChartDataRestApi.data",) in noted.fetchall()


def test_answers_share_connections_to_the_warehouse(
    superset_site: SupersetSite, inspector: SupersetClient, listing: int
) -> None:
    body = _body(listing, "lead_id")

    def open_ones() -> set[int]:
        with superset_site.server.connect("reader") as connection:
            rows = connection.execute(
                "select pid from pg_stat_activity where usename = current_user"
                " and pid <> pg_backend_pid()"
            ).fetchall()
        return {pid for (pid,) in rows}

    inspector.request("POST", "chart/data", json=body)
    first = open_ones()
    assert first
    for _ in range(5):
        inspector.request("POST", "chart/data", json=body)
    assert open_ones() == first


def test_what_a_statement_sets_is_gone_for_the_next_answer(
    inspector: SupersetClient, listing: int
) -> None:
    setting = {
        "label": "setting",
        "sqlExpression": "set_config('qinglian.left', 'behind', false)",
        "expressionType": "SQL",
    }
    left = setting | {"sqlExpression": "coalesce(current_setting('qinglian.left', true), '')"}

    def answer(column: dict[str, str]) -> Any:
        body = _body(listing)
        body["queries"][0]["columns"] = [column]
        return inspector.request("POST", "chart/data", json=body)["result"][0]["data"][0]["setting"]

    assert answer(setting) == "behind"
    assert answer(left) == ""


def test_a_right_that_is_taken_away_is_gone_at_the_next_request(
    superset_site: SupersetSite, inspector: SupersetClient, listing: int
) -> None:
    with SupersetClient(superset_site.url, "admin", superset_site.password("admin")) as admin:
        role = next(r for r in admin.items("security/roles") if r["name"] == "inspector")
        path = f"security/roles/{role['id']}/permissions"
        held = admin.request("GET", f"{path}/")["result"]
        dataset = next(
            p["id"]
            for p in held
            if p["permission_name"] == "datasource_access"
            and "lead_listing]" in p["view_menu_name"]
        )
        ids = [p["id"] for p in held]
        body = _body(listing, "lead_id")
        inspector.request("POST", "chart/data", json=body)
        fewer = {"permission_view_menu_ids": [one for one in ids if one != dataset]}
        admin.request("POST", path, json=fewer)
        try:
            with pytest.raises(SupersetError, match="Superset answered 403"):
                inspector.request("POST", "chart/data", json=body)
        finally:
            admin.request("POST", path, json={"permission_view_menu_ids": ids})
        inspector.request("POST", "chart/data", json=body)
