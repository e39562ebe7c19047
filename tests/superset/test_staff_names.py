"""Names of staff come back to those who act on leads, and to nobody else by any way there is."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from role_accounts import DISTRICT, HOSPITAL, ROLES, an_account_of_each_role
from superset_fixture import SupersetSite

from qinglian.dashboards.assets import AssetError, Assets
from qinglian.dashboards.client import SupersetClient, SupersetError
from qinglian.dashboards.publish import dashboard_readers
from qinglian.dashboards.roles import datasets_of
from qinglian.settings import repository_root

ASSETS = Assets.read(repository_root() / "superset" / "assets")
DATASETS = list(ASSETS.datasets.values())
ENTITLED = {"inspector", "district_inspector", "hospital_office"}
OTHERS = sorted({role.name for role in ROLES.roles} - ENTITLED)
#: Reads the rows of others where it runs; the embedded PostgreSQL, without libxml, runs no other.
FOREIGN = "cast(ts_stat('select to_tsvector(''simple'', lead_id) from marts.lead_listing') as text)"
#: Conditions that would run a query of one's own, if the database or Superset let them.
TRICKS = [
    "(select string_agg(staff_name, ',') from names.lead_staff)",
    "cast(query_to_xml('select staff_name from names.lead_staff', true, true, '') as text)",
    "cast(table_to_xml('names.lead_staff', true, true, '') as text)",
    "cast(schema_to_xml('names', true, true, '') as text)",
    "cast(ts_stat('select to_tsvector(staff_name) from names.lead_staff') as text)",
    "{{ dataset(1) }}",
]


@pytest.fixture(scope="module")
def accounts(superset_site: SupersetSite) -> Iterator[dict[str, SupersetClient]]:
    """One account of each role, logged in."""
    with an_account_of_each_role(superset_site) as users, ExitStack() as stack:
        yield {
            role: stack.enter_context(
                SupersetClient(superset_site.url, user, superset_site.password(user))
            )
            for role, user in users.items()
        }


@pytest.fixture(scope="module")
def ids(superset_site: SupersetSite, accounts: dict[str, SupersetClient]) -> dict[str, int]:
    with SupersetClient(superset_site.url, "admin", superset_site.password("admin")) as admin:
        return {entry["table_name"]: entry["id"] for entry in admin.items("dataset")}


@pytest.fixture(scope="module")
def names(superset_site: SupersetSite) -> dict[str, str]:
    """Every name and the hospital of its bearer."""
    with superset_site.server.connect("names") as connection:
        rows = connection.execute("select staff_name, org_code from names.lead_staff").fetchall()
    assert len({org for _, org in rows}) > 2
    return dict(rows)


def _body(dataset: int, columns: list[Any], **more: Any) -> dict[str, Any]:
    query = {"columns": columns, "metrics": [], "row_limit": 10000} | more.pop("query", {})
    return {"datasource": {"id": dataset, "type": "table"}, "queries": [query]} | more


def _named(text: str, names: dict[str, str]) -> set[str]:
    """Which names stand in an answer, written as they are or as JSON escapes them."""
    return {name for name in names if name in text or json.dumps(name)[1:-1] in text}


@pytest.mark.parametrize("kind", ["full", "samples", "drill_detail", "csv"])
@pytest.mark.parametrize("role", OTHERS)
def test_no_dataset_gives_a_name_to_those_who_are_not_entitled(
    accounts: dict[str, SupersetClient],
    ids: dict[str, int],
    names: dict[str, str],
    role: str,
    kind: str,
) -> None:
    granted = next(r for r in ROLES.roles if r.name == role)
    read = datasets_of(granted, DATASETS)
    assert "lead_staff" not in read
    wanted = {"result_format": "csv"} if kind == "csv" else {"result_type": kind}
    for dataset in (d for d in DATASETS if d.title in read):
        body = _body(ids[dataset.title], sorted(dataset.columns), **wanted)
        answer = accounts[role]._send("POST", "/api/v1/chart/data", json=body)
        assert answer.text
        assert not _named(answer.text, names), dataset.title


@pytest.mark.parametrize("role", OTHERS)
def test_the_dataset_with_names_is_refused_and_not_even_listed(
    accounts: dict[str, SupersetClient], ids: dict[str, int], names: dict[str, str], role: str
) -> None:
    client, dataset = accounts[role], ids["lead_staff"]
    for wanted in ({}, {"result_type": "samples"}, {"result_format": "csv"}):
        with pytest.raises(SupersetError, match="Superset answered 403"):
            client.request("POST", "chart/data", json=_body(dataset, ["staff_name"], **wanted))
    ways = [
        f"dataset/{dataset}",
        f"dataset/{dataset}/drill_info/",
        f"datasource/table/{dataset}/column/staff_name/values/",
        "dashboard/lead-staff",
        "dashboard/lead-staff/charts",
        "dashboard/lead-staff/datasets",
    ]
    for way in ways:
        with pytest.raises(SupersetError, match=r"Superset answered (403|404) "):
            client.request("GET", way)
    assert "lead-staff" not in {entry["slug"] for entry in client.items("dashboard")}
    charts = {"线索所涉人员", "人员与线索数"}
    assert not charts & {entry["slice_name"] for entry in client.items("chart")}
    body = {"database_id": 2, "sql": "select staff_name from names.lead_staff"}
    with pytest.raises(SupersetError, match=r"Superset answered (403|404) "):
        client.request("POST", "sqllab/execute/", json=body)


@pytest.mark.parametrize(
    ("role", "trick"), [*(("auditor", trick) for trick in TRICKS), ("hospital_office", FOREIGN)]
)
def test_a_question_of_ones_own_runs_no_query(
    accounts: dict[str, SupersetClient], ids: dict[str, int], role: str, trick: str
) -> None:
    """Neither as a metric nor as a column nor as a condition, nor to see others' rows."""
    dataset = ids["indicator"]
    own = {"expressionType": "SQL", "sqlExpression": trick, "label": "x"}
    whole = {"expressionType": "SQL", "sqlExpression": f"max({trick})", "label": "x"}
    for query in (
        {"metrics": [whole], "columns": []},
        {"columns": [own]},
        {"columns": ["indicator_id"], "extras": {"where": f"{trick} <> ''"}},
        {"metrics": [whole], "columns": [], "extras": {"having": f"max({trick}) <> ''"}},
    ):
        body = _body(dataset, [], query=query)
        with pytest.raises(SupersetError, match=r"Superset answered (400|403|422) "):
            accounts[role].request("POST", "chart/data", json=body)


def test_the_connection_of_the_marts_cannot_read_names(superset_site: SupersetSite) -> None:
    with superset_site.server.connect("reader") as connection:
        for query in (
            "select staff_name from names.lead_staff",
            "select query_to_xml('select 1', true, true, '')",
            "select ts_stat('select to_tsvector(''a'')')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(query.encode())
    with superset_site.server.connect("names") as connection, pytest.raises(psycopg.Error):
        connection.execute("select * from marts.lead_listing")


def test_those_who_act_see_the_names_of_their_own_hospitals(
    superset_site: SupersetSite,
    accounts: dict[str, SupersetClient],
    ids: dict[str, int],
    names: dict[str, str],
) -> None:
    with superset_site.server.connect("reader") as connection:
        rows = connection.execute(
            "select org_code from marts.organisation where district_code = %s", (DISTRICT,)
        ).fetchall()
    own = {
        "inspector": set(names.values()),
        "district_inspector": {code for (code,) in rows},
        "hospital_office": {HOSPITAL},
    }
    assert set(own) == ENTITLED
    for role, hospitals in own.items():
        wanted = {name for name, org in names.items() if org in hospitals}
        assert wanted
        for form in ({}, {"result_format": "csv"}, {"result_type": "samples"}):
            body = _body(ids["lead_staff"], ["staff_name", "org_code"], **form)
            answer = accounts[role]._send("POST", "/api/v1/chart/data", json=body)
            assert _named(answer.text, names) == wanted, (role, form)
        assert accounts[role].request("GET", "dashboard/lead-staff")["result"]["slug"]


@pytest.mark.parametrize("role", [role.name for role in ROLES.roles])
def test_a_role_opens_the_dashboards_that_it_may_read_whole(
    accounts: dict[str, SupersetClient], role: str
) -> None:
    wanted = {d.slug for d in ASSETS.dashboards if role in dashboard_readers(ASSETS, d, ROLES)}
    listed = {entry["slug"] for entry in accounts[role].items("dashboard")}
    assert listed == wanted
    for dashboard in ASSETS.dashboards:
        if dashboard.slug in wanted:
            accounts[role].request("GET", f"dashboard/{dashboard.slug}")
        else:
            with pytest.raises(SupersetError, match=r"Superset answered (403|404) "):
                accounts[role].request("GET", f"dashboard/{dashboard.slug}")


def test_who_opens_what() -> None:
    """The choice itself: a page that a role loses, or gains, is a decision."""
    readers = {d.slug: set(dashboard_readers(ASSETS, d, ROLES)) for d in ASSETS.dashboards}
    city, own = {"inspector", "auditor"}, {"district_inspector", "hospital_office"}
    insurer = {"insurance_supervisor"}
    assert readers["lead-staff"] == ENTITLED
    assert readers["data-quality"] == city | own | insurer | {"data_engineer"}
    assert readers["procurement-network"] == city | own
    for slug in set(readers) - {"lead-staff", "data-quality", "procurement-network"}:
        assert readers[slug] == city | own | insurer, slug


def test_names_are_given_by_the_entitlement_alone() -> None:
    auditor = next(role for role in ROLES.roles if role.name == "auditor")
    asking = auditor.model_copy(update={"datasets": ["lead_listing", "lead_staff"]})
    with pytest.raises(AssetError, match="auditor lists lead_staff, which names staff"):
        datasets_of(asking, DATASETS)
    assert "lead_staff" in datasets_of(auditor.model_copy(update={"staff_names": True}), DATASETS)


@pytest.mark.parametrize("table", ["lead_staff", "lead_listing"])
def test_names_and_other_data_do_not_share_a_connection(tmp_path: Path, table: str) -> None:
    dataset = next(d for d in DATASETS if d.title == table)
    others = {d.content["database_uuid"] for d in DATASETS} - {dataset.content["database_uuid"]}
    (other,) = others
    moved = type(dataset)(dataset.path, dataset.kind, dataset.content | {"database_uuid": other})
    broken = Assets(ASSETS.root, [moved if a is dataset else a for a in ASSETS.all])
    assert any("are read by the database of qinglian_names" in fault for fault in broken.faults())
