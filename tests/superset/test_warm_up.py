"""Answers that are made ahead: by whom, for whom, and until when they are kept."""

import secrets
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from role_accounts import DISTRICT, HOSPITAL
from superset_fixture import SupersetSite
from superset_readers import client_of

from qinglian.dashboards.client import SupersetClient, SupersetError
from qinglian.dashboards.warm_up import COLUMNS, WarmUpReport, page_requests, warm_up
from qinglian.settings import repository_root

#: Of the pages, all of which `tests/browser` opens: two, one with a filter that chooses its
#: first value, and one that not every role may read. Filters come first, and many charts are alike.
SLUGS = ("lead-overview", "provider-ranking", "lead-detail", "lead-staff")
REQUESTS = page_requests(repository_root())
PAGES = {slug: REQUESTS[slug] for slug in SLUGS} | {"lead-overview": REQUESTS["lead-overview"][:12]}
PATIENCE = 900
KEPT = "X-Qinglian-Kept"


@pytest.fixture(scope="module", autouse=True)
def _few_pages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qinglian.dashboards.warm_up.page_requests", lambda _: PAGES)
        yield


@pytest.fixture(scope="module")
def report(superset_site: SupersetSite, users: dict[str, str]) -> WarmUpReport:
    return warm_up(superset_site.settings, superset_site.url, PATIENCE)


@pytest.fixture(scope="module")
def datasets(superset_site: SupersetSite) -> dict[str, int]:
    """Numbers by UUID."""
    with client_of(superset_site, "admin") as admin:
        return admin.ids_by_uuid("dataset")


def _listing(datasets: dict[str, int]) -> dict[str, Any]:
    """A question of the first page whose answer has hospitals in it."""
    asked = next(
        one
        for one in PAGES["lead-overview"]
        if "org_name" in str(one["queries"][0]["columns"]) and "chart" not in one
    )
    source = {"id": datasets[asked["dataset"]], "type": "table"}
    return {"datasource": source, "queries": asked["queries"], "form_data": {}}


def _in_order(value: Any) -> Any:
    """The value with its lists in one order: Superset tells charts as its database gives them."""
    if isinstance(value, dict):
        return {key: _in_order(one) for key, one in value.items()}
    return sorted((_in_order(one) for one in value), key=str) if isinstance(value, list) else value


def test_pages_are_made_for_an_account_of_each_set_of_roles(
    report: WarmUpReport, users: dict[str, str], metadata: psycopg.Connection
) -> None:
    held = dict(
        metadata.execute(
            "select username, array_agg(role_id order by role_id)::text"
            " from ab_user join ab_user_role on user_id = ab_user.id group by username"
        ).fetchall()
    )
    made_for = [held[reader] for reader in report.readers if reader in held]
    assert len(set(made_for)) == len(made_for)
    assert {held[user] for user in users.values()} <= set(made_for)
    assert report.complete
    assert report.made > sum(len(asked) for asked in PAGES.values())
    assert report.failed == 0
    assert report.refused > 0  # of roles that may not read all pages


@pytest.mark.parametrize("role", ["inspector", "auditor", "district_inspector", "hospital_office"])
def test_an_account_gets_an_answer_made_ahead_with_its_own_rows(
    superset_site: SupersetSite,
    report: WarmUpReport,
    users: dict[str, str],
    datasets: dict[str, int],
    metadata: psycopg.Connection,
    role: str,
) -> None:
    assert report.made
    with superset_site.server.connect("reader") as connection:
        rows = connection.execute(
            "select org_name, org_code, district_code from marts.organisation"
        ).fetchall()
    own = {
        "district_inspector": {name for name, _, district in rows if district == DISTRICT},
        "hospital_office": {name for name, code, _ in rows if code == HOSPITAL},
    }.get(role, {name for name, *_ in rows})
    with client_of(superset_site, users[role]) as client:
        (before,) = metadata.execute("select max(id) from logs").fetchone() or (0,)
        (result,) = client.request("POST", "chart/data", json=_listing(datasets))["result"]
    assert result["is_cached"]
    noted = metadata.execute("select action from logs where id > %s", (before,)).fetchall()
    assert noted == [("ChartDataRestApi.data",)]  # the text was there, nothing was made of rows
    seen = {row["org_name"] for row in result["data"]}
    assert seen
    assert seen <= own


@pytest.mark.parametrize("role", ["inspector", "auditor", "district_inspector", "hospital_office"])
def test_pages_that_nobody_opened_yet_are_told_from_what_is_kept(
    superset_site: SupersetSite, report: WarmUpReport, users: dict[str, str], role: str
) -> None:
    assert report.texts_made > len(PAGES)
    with client_of(superset_site, users[role]) as client:
        pages = [page for page in client.items("dashboard") if page["slug"] in SLUGS]
        assert pages
        for page in pages:
            slug = page["slug"]
            charts = _own(client, f"dashboard/{slug}/charts")["result"]
            datasets = {int(c["form_data"]["datasource"].partition("__")[0]) for c in charts}
            asked = [
                f"dashboard/{slug}/charts",
                f"dashboard/{slug}?q={COLUMNS}",
                f"dashboard/{slug}/datasets",
                *(f"dataset/{one}/drill_info/?q=(dashboard_id:{page['id']})" for one in datasets),
            ]
            for address in asked:
                kept = client._send("GET", f"/api/v1/{address}")
                assert KEPT in kept.headers, address
                # Where a minute is over between the two, their ages differ, and not a second time.
                differ = (
                    _in_order(_own(client, address)) != _in_order(client.request("GET", address))
                    for _ in range(2)
                )
                assert not all(differ), address


def _own(client: SupersetClient, address: str) -> Any:
    """Superset's own answer: another address is another question."""
    mark = secrets.token_hex(8)
    own = client._send("GET", f"/api/v1/{address}{'&' if '?' in address else '?'}mark={mark}")
    assert KEPT not in own.headers
    return own.json()


def test_a_text_that_is_there_is_not_made_again(
    report: WarmUpReport, users: dict[str, str], admin: SupersetClient
) -> None:
    assert report.texts_made
    page = {"slug": "lead-overview", "columns": COLUMNS}
    body = {"reader": users["inspector"], "requests": [], "page": page}
    counts = admin.request("POST", "warm_up/", json=body)["result"]
    assert counts["texts_kept"] > 3
    assert "texts_made" not in counts


def test_only_the_administrator_has_answers_made(
    superset_site: SupersetSite, users: dict[str, str]
) -> None:
    with client_of(superset_site, users["auditor"]) as client:
        for method, body in (("GET", None), ("POST", {"reader": "inspector", "requests": []})):
            with pytest.raises(SupersetError, match="Superset answered 403"):
                client.request(method, "warm_up/", json=body)


def test_the_log_says_who_had_answers_made_and_not_that_anybody_looked(
    superset_site: SupersetSite, users: dict[str, str], metadata: psycopg.Connection
) -> None:
    row = metadata.execute("select max(id) from logs").fetchone()
    assert row is not None
    asked = [one for one in PAGES["provider-ranking"] if "chart" in one]
    with client_of(superset_site, "admin") as admin:
        # Texts that are kept, and one that is not.
        for columns in (COLUMNS, "(columns:!(id,slug))"):
            page = {"slug": "provider-ranking", "columns": columns}
            body = {"reader": users["inspector"], "requests": asked, "page": page}
            counts = admin.request("POST", "warm_up/", json=body)["result"]
            assert counts["failed"] == 0
        assert counts["texts_made"] == 1
    entries = metadata.execute(
        "select l.action, u.username from logs as l left join ab_user as u on l.user_id = u.id"
        " where l.id > %s",
        (row[0],),
    ).fetchall()
    assert ("WarmUpRestApi.warm_up", "admin") in entries
    assert users["inspector"] not in {user for _, user in entries}
    assert "execute_sql" not in {action for action, _ in entries}


def test_marts_that_are_built_without_a_publication_make_answers_anew(
    superset_site: SupersetSite,
    report: WarmUpReport,
    users: dict[str, str],
    datasets: dict[str, int],
) -> None:
    assert report.made

    def is_cached() -> bool:
        answer = client.request("POST", "chart/data", json=_listing(datasets))
        return bool(answer["result"][0]["is_cached"])

    with (
        client_of(superset_site, users["auditor"]) as client,
        superset_site.server.connect("transformer", autocommit=True) as connection,
    ):
        assert is_cached()
        connection.execute("create table marts.built_anew ()")
        try:
            time.sleep(2.5)
            assert not is_cached()
            assert is_cached()
        finally:
            connection.execute("drop table marts.built_anew")


def test_a_warm_up_ends_when_its_time_is_over(superset_site: SupersetSite) -> None:
    report = warm_up(superset_site.settings, superset_site.url, 0)
    assert not report.complete
    assert report.made == 0
    assert "stopped for lack of time" in str(report)
