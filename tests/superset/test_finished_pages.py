"""What pages read of themselves is Superset's own text, and follows rights and roles at once."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from superset_fixture import SupersetSite
from superset_readers import client_of

from qinglian.dashboards.client import SupersetClient, SupersetError

SLUG = "lead-overview"
KEPT = "X-Qinglian-Kept"
ACTIONS = {
    "DashboardRestApi.get",
    "DashboardRestApi.get_charts",
    "DashboardRestApi.get_datasets",
    "DatasetRestApi.get_drill_info",
}


@pytest.fixture(scope="module")
def inspector(superset_site: SupersetSite, users: dict[str, str]) -> Iterator[SupersetClient]:
    with client_of(superset_site, users["inspector"]) as client:
        yield client


@pytest.fixture
def metadata(superset_site: SupersetSite) -> Iterator[psycopg.Connection]:
    """Superset's own database, where each statement holds at once."""
    with superset_site.server.connect("superset", "superset", autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def page(admin: SupersetClient) -> dict[str, Any]:
    return next(one for one in admin.items("dashboard") if one["slug"] == SLUG)


@pytest.fixture(scope="module")
def addresses(admin: SupersetClient, page: dict[str, Any]) -> list[str]:
    """What the page reads of itself."""
    dataset = next(d["id"] for d in admin.items("dataset") if d["table_name"] == "lead_listing")
    columns = "(columns:!(id,slug,dashboard_title,position_json,changed_on_delta_humanized))"
    return [
        f"dashboard/{SLUG}",
        f"dashboard/{SLUG}?q={columns}",
        f"dashboard/{SLUG}/charts",
        f"dashboard/{SLUG}/datasets",
        f"dataset/{dataset}/drill_info/?q=(dashboard_id:{page['id']})",
    ]


def _read(client: SupersetClient, address: str) -> httpx.Response:
    return client._send("GET", f"/api/v1/{address}")


def _kept(client: SupersetClient, address: str) -> httpx.Response:
    """The answer as it is kept; where the words for an age changed in between, at the third."""
    answers = [_read(client, address) for _ in range(3)]
    return next((one for one in answers if KEPT in one.headers), answers[-1])


def _is_kept(client: SupersetClient, address: str) -> bool:
    return KEPT in _kept(client, address).headers


def _own(client: SupersetClient, address: str) -> httpx.Response:
    """Superset's own answer: another address is another question."""
    mark = secrets.token_hex(8)
    answer = _read(client, f"{address}{'&' if '?' in address else '?'}mark={mark}")
    assert KEPT not in answer.headers
    return answer


@pytest.fixture(autouse=True)
def _settled(metadata: psycopg.Connection) -> None:
    _make_old(metadata)


def _make_old(metadata: psycopg.Connection) -> None:
    """Let nothing be changed a moment ago, so that the words for it stay as they are."""
    for table in ("dashboards", "tables"):
        metadata.execute(
            f"update {table} set changed_on = changed_on - interval '3 days',"
            " created_on = created_on - interval '3 days'"
            " where changed_on > now()::timestamp - interval '2 days'"
        )


def test_kept_texts_are_superset_s_own_to_the_letter(
    inspector: SupersetClient, addresses: list[str]
) -> None:
    for address in addresses:
        kept = _kept(inspector, address)
        assert KEPT in kept.headers, address
        own = _own(inspector, address)
        assert kept.text == own.text
        assert kept.headers["content-type"] == own.headers["content-type"]


def test_kept_texts_are_in_the_log_as_superset_s_own(
    inspector: SupersetClient, addresses: list[str], metadata: psycopg.Connection
) -> None:
    def noted(read: Callable[[], httpx.Response]) -> list[tuple[Any, ...]]:
        last = metadata.execute("select coalesce(max(id), 0) from logs").fetchone()
        assert last is not None
        read()
        entries = metadata.execute(
            "select action, user_id, dashboard_id, slice_id, json from logs where id > %s", last
        ).fetchall()
        told = [(*entry, json.loads(text)) for *entry, text in entries]
        for *_, content in told:
            content.pop("mark", None)
        return told

    actions = set()
    for address in addresses:
        assert _is_kept(inspector, address)
        kept = noted(lambda address=address: _read(inspector, address))  # type: ignore[misc]
        own = noted(lambda address=address: _own(inspector, address))  # type: ignore[misc]
        assert kept == own
        assert len(kept) == 1
        actions.add(kept[0][0])
    assert actions == ACTIONS


def test_accounts_share_the_texts_of_what_they_may_read_alike(
    superset_site: SupersetSite,
    inspector: SupersetClient,
    users: dict[str, str],
    addresses: list[str],
) -> None:
    address = addresses[2]
    assert _is_kept(inspector, address)
    with client_of(superset_site, "inspector") as colleague:
        shared = _read(colleague, address)
        assert KEPT in shared.headers
        assert shared.text == _own(colleague, address).text
    with client_of(superset_site, users["hospital_office"]) as office:
        assert KEPT not in _read(office, address).headers
        assert _is_kept(office, address)
    with httpx.Client(base_url=superset_site.url) as stranger:
        assert stranger.get(f"/api/v1/{address}").status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.parametrize(
    ("table", "owned"),
    [
        ("dashboard_user", "dashboard_id"),
        ("slice_user", "slice_id"),
        ("sqlatable_user", "table_id"),
    ],
)
def test_who_owns_something_has_texts_of_its_own(
    superset_site: SupersetSite,
    inspector: SupersetClient,
    addresses: list[str],
    metadata: psycopg.Connection,
    table: str,
    owned: str,
) -> None:
    """An owner may read what others of these roles may not."""
    address = addresses[2]
    query = f"select {owned}, (select id from ab_user where username = 'inspector') from {table}"
    metadata.execute(f"insert into {table} ({owned}, user_id) {query} limit 1".encode())
    try:
        with client_of(superset_site, "inspector") as owner:
            assert _is_kept(inspector, address)
            assert KEPT not in _read(owner, address).headers
            assert _is_kept(owner, address)
    finally:
        metadata.execute(
            f"delete from {table} where user_id ="
            " (select id from ab_user where username = 'inspector')".encode()
        )


def test_a_page_that_is_closed_to_a_role_is_closed_at_once(
    admin: SupersetClient,
    inspector: SupersetClient,
    page: dict[str, Any],
    addresses: list[str],
    metadata: psycopg.Connection,
) -> None:
    roles = [role["id"] for role in page["roles"]]
    engineer = next(r["id"] for r in admin.items("security/roles") if r["name"] == "data_engineer")
    for address in addresses[:4]:
        _make_old(metadata)
        assert _is_kept(inspector, address)
        admin.request("PUT", f"dashboard/{page['id']}", json={"roles": [engineer]})
        try:
            # As Superset answers where nothing is kept: `datasets` knows no other refusal.
            with pytest.raises((SupersetError, httpx.HTTPStatusError), match=r"40[34]|500"):
                inspector.request("GET", address)
        finally:
            admin.request("PUT", f"dashboard/{page['id']}", json={"roles": roles})
        inspector.request("GET", address)


def test_a_right_that_is_taken_away_takes_kept_texts_with_it(
    admin: SupersetClient, inspector: SupersetClient, addresses: list[str]
) -> None:
    role = next(r for r in admin.items("security/roles") if r["name"] == "inspector")
    path = f"security/roles/{role['id']}/permissions"
    held = admin.request("GET", f"{path}/")["result"]
    ids = [p["id"] for p in held]
    read = {
        (p["permission_name"], p["view_menu_name"]): p["id"]
        for p in held
        if p["view_menu_name"] in ("Dashboard", "Dataset")
    }
    for address, right in (
        (addresses[3], ("can_read", "Dashboard")),
        (addresses[4], ("can_get_drill_info", "Dataset")),
    ):
        assert _is_kept(inspector, address)
        fewer = [one for one in ids if one != read[right]]
        admin.request("POST", path, json={"permission_view_menu_ids": fewer})
        try:
            with pytest.raises(SupersetError, match="Superset answered 403"):
                inspector.request("GET", address)
        finally:
            admin.request("POST", path, json={"permission_view_menu_ids": ids})
        inspector.request("GET", address)


def test_a_role_that_is_taken_away_and_an_account_that_is_closed_get_nothing(
    superset_site: SupersetSite, admin: SupersetClient, users: dict[str, str], addresses: list[str]
) -> None:
    name = users["auditor"]
    account = next(u for u in admin.items("security/users") if u["username"] == name)
    roles = [role["id"] for role in account["roles"]]
    engineer = next(r["id"] for r in admin.items("security/roles") if r["name"] == "data_engineer")
    path = f"security/users/{account['id']}"
    with client_of(superset_site, name) as client:
        address = addresses[2]
        assert _is_kept(client, address)
        for change, answer in (({"roles": [engineer]}, "403|404"), ({"active": False}, "401|403")):
            admin.request("PUT", path, json=change)
            try:
                with pytest.raises(SupersetError, match=f"Superset answered ({answer})"):
                    client.request("GET", address)
            finally:
                admin.request("PUT", path, json={"roles": roles, "active": True})


def test_what_is_changed_and_who_is_renamed_is_told_at_once(
    inspector: SupersetClient, addresses: list[str], metadata: psycopg.Connection
) -> None:
    charts, datasets = addresses[2], addresses[3]
    assert _is_kept(inspector, charts)
    assert _is_kept(inspector, datasets)
    mark = secrets.token_hex(8)
    for address, change in (
        (charts, "update slices set description = %s where description is not null"),
        (datasets, "update ab_user set last_name = %s where username = 'admin'"),
    ):
        column = change.split()[3]
        table = change.split()[1]
        before = metadata.execute(f"select id, {column} from {table}").fetchall()
        metadata.execute(change, (mark,))
        try:
            answer = _read(inspector, address)
        finally:
            for number, value in before:
                metadata.execute(f"update {table} set {column} = %s where id = %s", (value, number))
        assert KEPT not in answer.headers
        assert mark in answer.text
    metadata.execute("update ab_user set last_login = now() where username = 'admin'")
    assert _is_kept(inspector, charts)
    metadata.execute("update ab_user set last_login = now() where username = 'admin'")
    assert KEPT in _read(inspector, charts).headers


def test_words_for_an_age_are_told_anew(
    superset_site: SupersetSite,
    inspector: SupersetClient,
    addresses: list[str],
    metadata: psycopg.Connection,
) -> None:
    clock = datetime.now(ZoneInfo(superset_site.settings.timezone)).replace(tzinfo=None)
    # Minutes are rounded: half a minute before the hour it reads as an hour.
    nearly_an_hour = clock - timedelta(minutes=59, seconds=10)
    for table in ("dashboards", "tables"):
        metadata.execute(f"update {table} set changed_on = %s".encode(), (nearly_an_hour,))
    told_of = (addresses[1], addresses[4])
    before = [_kept(inspector, address) for address in told_of]
    assert all(KEPT in answer.headers for answer in before)
    end = time.monotonic() + 60
    while _read(inspector, told_of[0]).text == before[0].text and time.monotonic() < end:
        time.sleep(0.5)
    for address, then in zip(told_of, before, strict=True):
        now = _read(inspector, address)
        assert now.text != then.text
        assert KEPT in now.headers
        assert now.text == _own(inspector, address).text
