"""Accounts of one district or hospital try to see the others' rows, by every way there is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from dashboard_page import inspectors_browser, needs_chromium
from superset_fixture import SupersetSite

from qinglian.dashboards import publish_dashboards
from qinglian.dashboards.assets import AssetError, Assets
from qinglian.dashboards.client import SupersetClient, SupersetError
from qinglian.dashboards.english import twin_uuid
from qinglian.dashboards.publish import ACCOUNTS
from qinglian.dashboards.roles import RolesFile
from qinglian.dashboards.row_scopes import scoped_datasets
from qinglian.settings import repository_root

DISTRICT, HOSPITAL = "500104", "H50010300001"
SUPERSET = repository_root() / "superset"


@pytest.fixture(scope="module")
def published(superset_site: SupersetSite) -> Iterator[dict[str, dict[str, int]]]:
    """Datasets of both languages by name, while four accounts stand in the installation's file."""
    path = superset_site.settings.home / ACCOUNTS
    accounts = [
        _account("in_district", "district_inspector", district=DISTRICT),
        _account("in_hospital", "hospital_office", organisation=HOSPITAL),
        _account("engineer", "data_engineer"),
        _account("insurer", "insurance_supervisor"),
    ]
    path.write_text(yaml.safe_dump({"users": accounts}, allow_unicode=True), "utf-8")
    _publish(superset_site)
    known = Assets.read(SUPERSET / "assets").datasets.items()
    with SupersetClient(superset_site.url, "admin", superset_site.password("admin")) as admin:
        numbers = admin.ids_by_uuid("dataset")
    yield {
        "zh": {dataset.title: numbers[uuid] for uuid, dataset in known},
        "en": {dataset.title: numbers[twin_uuid(uuid)] for uuid, dataset in known},
    }
    path.unlink()
    superset_site.close_accounts(account["username"] for account in accounts)
    _publish(superset_site, "zh")


@pytest.fixture(scope="module", params=["zh", "en"])
def ids(published: dict[str, dict[str, int]], request: pytest.FixtureRequest) -> dict[str, int]:
    """Datasets of a language by name: a role sees no more in the one than in the other."""
    return published[request.param]


@pytest.fixture(scope="module", params=["in_district", "in_hospital"])
def reader(
    superset_site: SupersetSite,
    published: dict[str, dict[str, int]],
    request: pytest.FixtureRequest,
) -> Iterator[SupersetClient]:
    """An account whose rows are its own."""
    name = request.param
    with SupersetClient(superset_site.url, name, superset_site.password(name)) as client:
        yield client


@pytest.fixture(scope="module")
def own(superset_site: SupersetSite, reader: SupersetClient) -> set[str]:
    """The hospitals that the account may see."""
    name = reader.request("GET", "me/")["result"]["username"]
    with superset_site.server.connect("reader") as connection:
        rows = connection.execute(
            "select org_code from marts.organisation where district_code = %s", (DISTRICT,)
        ).fetchall()
    return {code for (code,) in rows} if name == "in_district" else {HOSPITAL}


def _account(name: str, role: str, **scope: str) -> dict[str, Any]:
    secret = f"SUPERSET_{name.upper()}_PASSWORD"
    names = {"first_name": "测", "last_name": "试", "email": f"{name}@localhost"}
    return {"username": name, "roles": [role], "secret": secret} | names | scope


def _publish(site: SupersetSite, *languages: str) -> None:
    wanted = {"dashboard_languages": languages or ("zh", "en")}
    publish_dashboards(site.settings.model_copy(update=wanted), site.server, site.url)


def _query(dataset: int, columns: list[str], **more: Any) -> dict[str, Any]:
    query = {"columns": columns, "metrics": [], "row_limit": 10000} | more.pop("query", {})
    return {"datasource": {"id": dataset, "type": "table"}, "queries": [query]} | more


def _organisations(answer: Any) -> set[str]:
    return {row["org_code"] for row in answer["result"][0]["data"]}


ROLES, ASSETS = RolesFile.read(SUPERSET / "roles.yaml"), Assets.read(SUPERSET / "assets")
SCOPED = scoped_datasets(ROLES, ASSETS.datasets.values())
#: Some hospitals have no lead about bidders or a chain of supply, and none that are related.
NOT_OF_EVERY_HOSPITAL = {"network_edge", "supply_chain_edge", "lead_neighbour", "lead_staff"}


@pytest.mark.parametrize("dataset", SCOPED)
def test_every_dataset_shows_own_rows_alone(
    reader: SupersetClient, own: set[str], ids: dict[str, int], dataset: str
) -> None:
    answer = reader.request("POST", "chart/data", json=_query(ids[dataset], ["org_code"]))
    seen = _organisations(answer)
    assert seen <= own if dataset in NOT_OF_EVERY_HOSPITAL else seen == own


@pytest.mark.parametrize("kind", ["samples", "drill_detail"])
def test_rows_behind_a_chart_are_own_rows(
    reader: SupersetClient, own: set[str], ids: dict[str, int], kind: str
) -> None:
    body = _query(ids["lead_listing"], ["org_code", "lead_id"], result_type=kind)
    answer = reader.request("POST", "chart/data", json=body)
    assert _organisations(answer) == own


def test_an_export_holds_own_rows(
    superset_site: SupersetSite, reader: SupersetClient, own: set[str], ids: dict[str, int]
) -> None:
    body = _query(ids["lead_listing"], ["org_code"], result_format="csv")
    answer = reader._send("POST", "/api/v1/chart/data", json=body)
    assert set(answer.text.splitlines()[1:]) == own  # below the header, of one word or more


def test_asking_for_another_hospital_gives_nothing(
    superset_site: SupersetSite, reader: SupersetClient, own: set[str], ids: dict[str, int]
) -> None:
    with superset_site.server.connect("reader") as connection:
        foreign = connection.execute(
            "select lead_id from marts.lead_listing where org_code <> all(%s) limit 1",
            (sorted(own),),
        ).fetchone()
    assert foreign is not None
    wanted = [{"col": "lead_id", "op": "==", "val": foreign[0]}]
    of_leads = ("lead_listing", "lead_evidence", "lead_trend", "network_edge")
    of_its_page = ("lead_detail", "lead_neighbour", "lead_batch", "lead_entity")
    for dataset in (*of_leads, *of_its_page):
        body = _query(ids[dataset], ["org_code"], query={"filters": wanted})
        assert _organisations(reader.request("POST", "chart/data", json=body)) == set()


@pytest.mark.parametrize(
    "condition", ["1 = 1) or (1 = 1", "1 = 1 or 1 = 1", "org_code is not null --"]
)
def test_a_condition_of_ones_own_opens_nothing(
    reader: SupersetClient, own: set[str], ids: dict[str, int], condition: str
) -> None:
    body = _query(ids["lead_listing"], ["org_code"], query={"extras": {"where": condition}})
    try:
        answer = reader.request("POST", "chart/data", json=body)
    except SupersetError as error:
        assert "Superset answered 400" in str(error)
        return
    assert _organisations(answer) == own


@needs_chromium
def test_samples_in_the_browser_are_own_rows(
    superset_site: SupersetSite, published: dict[str, dict[str, int]], tmp_path: Path
) -> None:
    url, password = superset_site.url, superset_site.password("in_hospital")
    with inspectors_browser(url, password, tmp_path, account="in_hospital") as page:
        token = page.request.get(f"{url}/api/v1/security/csrf_token/").json()["result"]
        answer = page.request.post(
            f"{url}/datasource/samples?datasource_id={published['en']['lead_listing']}"
            "&datasource_type=table",
            headers={"X-CSRFToken": token, "Referer": url},
            data={},
        )
        assert answer.ok
        assert {row["org_code"] for row in answer.json()["result"]["data"]} == {HOSPITAL}


def test_a_saved_chart_shows_own_rows(
    superset_site: SupersetSite, reader: SupersetClient, own: set[str]
) -> None:
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select count(*) from marts.lead_listing"
            " where is_active and light = 'red' and org_code = any(%s)",
            (sorted(own),),
        ).fetchone()
    assert row is not None
    with SupersetClient(superset_site.url, "admin", superset_site.password("admin")) as admin:
        chart = next(c for c in admin.items("chart") if c["slice_name"] == "红色线索")
    body = _query(chart["datasource_id"], [], query={"metrics": ["red_leads"]})
    body["queries"][0]["filters"] = [{"col": "is_active", "op": "IS TRUE"}]
    answer = reader.request("POST", "chart/data", json=body)
    assert answer["result"][0]["data"] == [{"red_leads": row[0]}]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "rowlevelsecurity/"),
        ("GET", "security/roles/"),
        ("GET", "database/"),
        ("POST", "sqllab/execute/"),
        ("GET", "report/"),
        ("GET", "datasource/table/1/column/org_code/values/"),
    ],
)
def test_rules_accounts_and_sql_are_out_of_reach(
    reader: SupersetClient, method: str, path: str
) -> None:
    body = {"database_id": 1, "sql": "select * from marts.lead_listing"}
    with pytest.raises(SupersetError, match=r"Superset answered (403|404) "):
        reader.request(method, path, json=body if method == "POST" else None)


def test_the_data_engineer_sees_the_data_s_state_and_no_lead(
    superset_site: SupersetSite, ids: dict[str, int]
) -> None:
    password = superset_site.password("engineer")
    with SupersetClient(superset_site.url, "engineer", password) as client:
        body = _query(ids["quality_delivery_month"], ["source_id"])
        assert client.request("POST", "chart/data", json=body)["result"][0]["data"]
        of_leads = ("lead_listing", "lead_evidence", "lead_detail", "lead_neighbour", "lead_entity")
        for dataset in (*of_leads, "subject_score", "organisation_comparison"):
            with pytest.raises(SupersetError, match="Superset answered 403"):
                client.request("POST", "chart/data", json=_query(ids[dataset], ["org_code"]))


@pytest.fixture(scope="module")
def procurement_leads(superset_site: SupersetSite) -> set[str]:
    with superset_site.server.connect("reader") as connection:
        rows = connection.execute(
            "select lead_id from marts.lead_listing where family = 'procurement'"
        ).fetchall()
    assert rows
    return {lead for (lead,) in rows}


@pytest.fixture(scope="module")
def insurer(
    superset_site: SupersetSite, published: dict[str, dict[str, int]]
) -> Iterator[SupersetClient]:
    password = superset_site.password("insurer")
    with SupersetClient(superset_site.url, "insurer", password) as client:
        yield client


LEAD_DATASETS = sorted(
    dataset.title
    for dataset in ASSETS.datasets.values()
    if "lead_id" in dataset.columns
    and dataset.title in next(r.datasets for r in ROLES.roles if r.name == "insurance_supervisor")
)


@pytest.mark.parametrize("dataset", LEAD_DATASETS)
def test_the_insurer_sees_leads_but_none_of_procurement(
    insurer: SupersetClient, procurement_leads: set[str], ids: dict[str, int], dataset: str
) -> None:
    answer = insurer.request("POST", "chart/data", json=_query(ids[dataset], ["lead_id"]))
    seen = {row["lead_id"] for row in answer["result"][0]["data"]}
    assert seen
    assert not seen & procurement_leads


def test_the_insurer_sees_no_indicator_and_no_score_of_procurement(
    insurer: SupersetClient, ids: dict[str, int]
) -> None:
    body = _query(ids["indicator"], ["family"])
    families = insurer.request("POST", "chart/data", json=body)["result"][0]["data"]
    assert families
    assert "procurement" not in {row["family"] for row in families}
    body = _query(ids["subject_score"], ["entity_type"])
    scored = insurer.request("POST", "chart/data", json=body)["result"][0]["data"]
    assert "doctor" in {row["entity_type"] for row in scored}
    assert not {"supplier", "supplier_hospital"} & {row["entity_type"] for row in scored}
    body = _query(ids["subject_score"], ["entity_type", "tells_of_procurement"])
    told = insurer.request("POST", "chart/data", json=body)["result"][0]["data"]
    assert {row["tells_of_procurement"] for row in told} == {False}
    assert "hospital" in {row["entity_type"] for row in told}
    chain = insurer.request("POST", "chart/data", json=_query(ids["supply_chain_edge"], ["stage"]))
    assert {row["stage"] for row in chain["result"][0]["data"]} == {2, 3, 4}
    body = _query(ids["organisation_comparison"], ["measure"])
    compared = insurer.request("POST", "chart/data", json=body)["result"][0]["data"]
    assert compared == [{"measure": "quality"}]
    for dataset in ("supplier_market", "network_edge", "entity_risk_month"):
        with pytest.raises(SupersetError, match="Superset answered 403"):
            insurer.request("POST", "chart/data", json=_query(ids[dataset], ["org_code"]))


def test_an_account_that_lost_its_scope_sees_nothing(
    superset_site: SupersetSite, published: dict[str, dict[str, int]]
) -> None:
    with SupersetClient(superset_site.url, "admin", superset_site.password("admin")) as admin:
        account = next(u for u in admin.items("security/users") if u["username"] == "in_hospital")
        base = [r["id"] for r in account["roles"] if r["name"] == "hospital_office"]
        admin.request("PUT", f"security/users/{account['id']}", json={"roles": base})
        password = superset_site.password("in_hospital")
        with SupersetClient(superset_site.url, "in_hospital", password) as client:
            for ids in published.values():
                body = _query(ids["lead_listing"], ["org_code"])
                assert _organisations(client.request("POST", "chart/data", json=body)) == set()
    _publish(superset_site)


def test_a_visitor_without_an_account_gets_nothing(
    superset_site: SupersetSite, ids: dict[str, int]
) -> None:
    body = _query(ids["lead_listing"], ["org_code"])
    answer = httpx.post(f"{superset_site.url}/api/v1/chart/data", json=body)
    assert answer.status_code in (400, 401, 403)


def test_publishing_again_leaves_the_rules_as_they_are(
    superset_site: SupersetSite, published: dict[str, dict[str, int]]
) -> None:
    with SupersetClient(superset_site.url, "admin", superset_site.password("admin")) as admin:
        before = [(r["id"], r["name"], r["clause"]) for r in admin.items("rowlevelsecurity")]
        _publish(superset_site)
        after = [(r["id"], r["name"], r["clause"]) for r in admin.items("rowlevelsecurity")]
    assert after == before
    assert {name for _, name, _ in before if ":" not in name} == {
        *("district_inspector", "hospital_office"),
        *(f"district {DISTRICT}", f"organisation {HOSPITAL}"),
    }


def test_a_dataset_without_an_organisation_is_not_given_to_those_with_own_rows() -> None:
    broken = ROLES.model_copy(update={"without_hospitals": ["indicator"]})
    with pytest.raises(AssetError, match="rule_threshold has no column org_code"):
        scoped_datasets(broken, ASSETS.datasets.values())
