"""Publishing into a real Superset: idempotent, loud about what it skips, read-only for readers."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from openpyxl import load_workbook
from psycopg import sql
from superset_fixture import SupersetSite

from qinglian.dashboards import initialise_superset, publish, publish_dashboards
from qinglian.dashboards.assets import KINDS, Asset, AssetError, Assets, Chart
from qinglian.dashboards.client import SupersetClient, SupersetError
from qinglian.dashboards.english import twin_uuid
from qinglian.dashboards.held import Held
from qinglian.dashboards.publish import require_arrival
from qinglian.dashboards.pull import PullReport, pull_dashboards
from qinglian.dashboards.warm_up import COLUMNS
from qinglian.services.set_up_record import SetUp, is_set_up, remember, set_up_of
from qinglian.settings import Settings, repository_root

EXTRA_UUID = "7c1ea200-0000-4000-8000-00000000cfff"


@pytest.fixture(scope="module")
def inspector(superset_site: SupersetSite) -> Iterator[SupersetClient]:
    password = superset_site.password("inspector")
    with SupersetClient(superset_site.url, "inspector", password) as client:
        yield client


@pytest.fixture
def changed(superset_site: SupersetSite, tmp_path: Path) -> Settings:
    """Settings whose checkout is a copy of superset/ that a test may break."""
    shutil.copytree(superset_site.settings.root / "superset", tmp_path / "superset")
    return superset_site.settings.model_copy(update={"root": tmp_path})


def _edit(settings: Settings, file: str, **values: Any) -> None:
    path = settings.root / "superset" / file
    content = yaml.safe_load(path.read_text("utf-8")) | values
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")


def _stable(value: Any) -> Any:
    """The value without what tells only when it was saved and how long ago."""
    if isinstance(value, dict):
        moving = ("changed_", "last_saved_", "created_on", "thumbnail")
        return {k: _stable(v) for k, v in value.items() if not k.startswith(moving)}
    if isinstance(value, list):
        return sorted((_stable(v) for v in value), key=str)
    return value


#: What of Superset's own database says what was published, who reads it and which rows.
_HELD = (
    *("dbs", "tables", "table_columns", "sql_metrics", "slices", "dashboards"),
    *("dashboard_slices", "dashboard_roles"),
    *("row_level_security_filters", "rls_filter_tables", "rls_filter_roles"),
    *("ab_role", "ab_permission_view_role", "ab_user_role"),
)
#: Tells who saved a row and when, and numbers rows that an import writes anew.
_MOVING = ["id", "changed_on", "created_on", "last_saved_at"]


def _snapshot(site: SupersetSite) -> dict[str, list[str]]:
    rows = "select (to_jsonb(t) - {}::text[])::text from {} as t order by 1"
    with site.server.connect("superset", "superset") as connection:
        return {
            table: [
                row
                for (row,) in connection.execute(
                    sql.SQL(rows).format(sql.Literal(_MOVING), sql.Identifier(table))
                )
            ]
            for table in _HELD
        }


def test_a_database_that_is_set_up_is_left_alone(superset_site: SupersetSite) -> None:
    assert not initialise_superset(superset_site.settings, superset_site.server)


def test_a_set_up_holds_until_something_changes(
    superset_site: SupersetSite, tmp_path: Path
) -> None:
    record = tmp_path / "set_up.json"

    def now(
        table: str = "alembic_version",
        admin: str = "admin",
        given: str = "one",
        version: str = "1",
    ) -> SetUp:
        return set_up_of(
            superset_site.server, "superset", [table], (admin, given), {"superset": version}
        )

    assert not is_set_up(record, now)
    remember(record, now())
    assert is_set_up(record, now)
    assert not is_set_up(record, lambda: now(admin="nobody"))
    assert not is_set_up(record, lambda: now(given="another"))
    assert not is_set_up(record, lambda: now(version="2"))
    assert not is_set_up(record, lambda: now(table="not_migrated_yet"))


def test_publishing_twice_changes_nothing(superset_site: SupersetSite) -> None:
    before = _snapshot(superset_site)
    report = publish_dashboards(superset_site.settings, superset_site.server, superset_site.url)
    assert report == superset_site.report
    assert _snapshot(superset_site) == before
    assert report.assets == {
        kind: len(list((superset_site.settings.root / "superset/assets" / kind).rglob("*.yaml")))
        for kind in KINDS
    }
    assert all(before.values())


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The assets, by UUID, that each publication sends."""
    seen: list[set[str]] = []
    shipped = publish._import

    def note(client: SupersetClient, assets: Assets, outdated: list[Asset], *more: Any) -> Held:
        seen.append({asset.uuid for asset in outdated})
        return shipped(client, assets, outdated, *more)

    monkeypatch.setattr(publish, "_import", note)
    return seen


def test_a_publication_sends_what_is_another_than_it_was(
    superset_site: SupersetSite, admin: SupersetClient, changed: Settings, sent: list[set[str]]
) -> None:
    settings, server, url = superset_site.settings, superset_site.server, superset_site.url
    publish_dashboards(settings, server, url)
    assert sent == []
    red, table, deleted, page = (
        f"7c1ea200-0000-4000-8000-00000000{end}" for end in ("c001", "c010", "c156", "a103")
    )
    _edit(changed, "assets/charts/red_leads.yaml", description="另一个说明")
    publish_dashboards(changed, server, url)
    assert sent == [{red}]
    # What somebody changes or deletes in the interface comes back, with the page that lost it.
    charts = admin.ids_by_uuid("chart")
    name = admin.request("GET", f"chart/{charts[table]}")["result"]["slice_name"]
    admin.request("PUT", f"chart/{charts[table]}", json={"slice_name": "改名"})
    admin.request("DELETE", f"chart/{charts[deleted]}")
    publish_dashboards(settings, server, url)
    assert sent[1:] == [{red, table, deleted, page}]
    assert deleted in admin.ids_by_uuid("chart")
    assert admin.request("GET", f"chart/{charts[table]}")["result"]["slice_name"] == name
    require_arrival(admin, Assets.read(settings.root / "superset" / "assets"))
    publish_dashboards(settings, server, url)
    assert len(sent) == 2


def test_a_publication_without_a_memory_sends_everything(
    superset_site: SupersetSite, sent: list[set[str]]
) -> None:
    publish_dashboards(superset_site.settings, superset_site.server, superset_site.url)
    before = _snapshot(superset_site)
    sent.clear()
    (superset_site.settings.state_dir / "superset" / publish.LAST_PUBLICATION).write_text("{")
    report = publish_dashboards(superset_site.settings, superset_site.server, superset_site.url)
    assert [len(all_of_them) for all_of_them in sent] == [sum(report.assets.values())]
    assert _snapshot(superset_site) == before


def test_only_the_administrator_publishes(inspector: SupersetClient) -> None:
    for method in ("GET", "POST"):
        with pytest.raises(SupersetError, match="Superset answered 403"):
            inspector.request(method, "publication/")


def test_superset_holds_the_repository_and_nothing_else(
    superset_site: SupersetSite, admin: SupersetClient
) -> None:
    assets = Assets.read(superset_site.settings.root / "superset" / "assets")
    for kind, api in KINDS.items():
        assert set(admin.ids_by_uuid(api)) == {a.uuid for a in assets.all if a.kind == kind}


def test_an_english_set_comes_beside_the_chinese_one_and_goes_again(
    superset_site: SupersetSite, admin: SupersetClient, changed: Settings
) -> None:
    settings, server, url = superset_site.settings, superset_site.server, superset_site.url
    before = {kind: admin.ids_by_uuid(kind) for kind in KINDS.values()}
    assets = Assets.read(settings.root / "superset" / "assets")
    both = settings.model_copy(update={"dashboard_languages": ("zh", "en")})
    report = publish_dashboards(both, server, url)
    try:
        assert report.assets == {k: 2 * n for k, n in superset_site.report.assets.items()}
        for kind, api in KINDS.items():
            twins = {twin_uuid(a.uuid) for a in assets.all if a.kind == kind}
            assert set(admin.ids_by_uuid(api)) == {*before[api], *twins}
        pages = {entry["slug"]: entry for entry in admin.items("dashboard")}
        for dashboard in assets.dashboards:
            page, twin = pages[dashboard.slug], pages[f"{dashboard.slug}-en"]
            assert {r["name"] for r in twin["roles"]} == {r["name"] for r in page["roles"]}
        _expect_texts_made_ahead(superset_site, admin)
        # A pull takes neither the twins nor the links into the files.
        assert pull_dashboards(admin, changed.root / "superset") == PullReport()
    finally:
        report = publish_dashboards(settings, server, url)
    assert set(report.retired) == {twin_uuid(asset.uuid) for asset in assets.all}
    assert {kind: admin.ids_by_uuid(kind) for kind in KINDS.values()} == before


def _expect_texts_made_ahead(site: SupersetSite, admin: SupersetClient) -> None:
    """Each page's texts are kept in its own language before anybody opens it."""
    page = {"slug": "lead-overview", "columns": COLUMNS}
    body = {"reader": "inspector", "requests": [], "page": page}
    assert admin.request("POST", "warm_up/", json=body)["result"]["failed"] == 0
    with SupersetClient(site.url, "inspector", site.password("inspector")) as reader:
        for language, slug in (("zh", "lead-overview"), ("en", "lead-overview-en")):
            reader._http.get(f"/lang/{language}", follow_redirects=False)
            for address in (f"{slug}/charts", f"{slug}?q={COLUMNS}", f"{slug}/datasets"):
                answer = reader._send("GET", f"/api/v1/dashboard/{address}")
                assert "X-Qinglian-Kept" in answer.headers, address


def test_a_column_that_the_marts_lack_stops_the_publication(
    superset_site: SupersetSite, changed: Settings
) -> None:
    path = changed.root / "superset/assets/datasets/warehouse/indicator.yaml"
    columns = yaml.safe_load(path.read_text("utf-8"))["columns"]
    columns.append({"column_name": "colour", "verbose_name": "颜色", "type": "VARCHAR"})
    _edit(changed, "assets/datasets/warehouse/indicator.yaml", columns=columns)
    before = _snapshot(superset_site)
    with pytest.raises(AssetError, match=r"indicator\.yaml.*column colour is not in the marts"):
        publish_dashboards(changed, superset_site.server, superset_site.url)
    assert _snapshot(superset_site) == before


def test_a_column_that_is_no_longer_calculated_is_read_again(
    superset_site: SupersetSite, changed: Settings
) -> None:
    path = changed.root / "superset/assets/datasets/warehouse/indicator.yaml"
    first, *others = yaml.safe_load(path.read_text("utf-8"))["columns"]
    assert "expression" not in first
    calculated = first | {"expression": f"upper({first['column_name']})"}
    _edit(changed, "assets/datasets/warehouse/indicator.yaml", columns=[calculated, *others])
    before = _snapshot(superset_site)
    publish_dashboards(changed, superset_site.server, superset_site.url)
    assert _snapshot(superset_site) != before
    publish_dashboards(superset_site.settings, superset_site.server, superset_site.url)
    assert _snapshot(superset_site) == before


def test_a_mart_that_is_not_built_is_named_with_the_remedy(
    superset_site: SupersetSite, changed: Settings
) -> None:
    _edit(changed, "assets/datasets/warehouse/indicator.yaml", table_name="unbuilt")
    with pytest.raises(AssetError, match=r"indicator\.yaml.*cannot be read.*qinglian detect"):
        publish_dashboards(changed, superset_site.server, superset_site.url)


def test_a_bundle_that_superset_refuses_is_an_error(
    superset_site: SupersetSite, changed: Settings
) -> None:
    _edit(changed, "assets/charts/red_leads.yaml", description=5)
    before = _snapshot(superset_site)
    with pytest.raises(SupersetError, match=r"answered 500 to POST publication/.*in the log"):
        publish_dashboards(changed, superset_site.server, superset_site.url)
    assert _snapshot(superset_site) == before


def test_an_asset_that_did_not_arrive_is_named(
    superset_site: SupersetSite, admin: SupersetClient
) -> None:
    assets = Assets.read(superset_site.settings.root / "superset" / "assets")
    lost = Chart(Path("lost.yaml"), "charts", {"slice_name": "丢失", "uuid": EXTRA_UUID})
    with pytest.raises(AssetError, match=r"charts/lost\.yaml \(丢失, .*was skipped"):
        require_arrival(admin, Assets(assets.root, [*assets.all, lost]))


def test_a_chart_that_fell_off_its_dashboard_is_named(
    superset_site: SupersetSite, admin: SupersetClient
) -> None:
    uuid = "7c1ea200-0000-4000-8000-00000000c001"
    chart = admin.ids_by_uuid("chart")[uuid]
    admin.request("PUT", f"chart/{chart}", json={"dashboards": []})
    assets = Assets.read(superset_site.settings.root / "superset" / "assets")
    with pytest.raises(AssetError, match=f"lost chart {uuid}"):
        require_arrival(admin, assets)
    publish_dashboards(superset_site.settings, superset_site.server, superset_site.url)
    require_arrival(admin, assets)


def test_a_page_that_gains_a_dataset_is_nobodys_until_its_rows_are_closed(
    superset_site: SupersetSite, admin: SupersetClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def holders() -> dict[str, list[str]]:
        pages = admin.items("dashboard")
        return {p["slug"]: sorted(role["name"] for role in p["roles"]) for p in pages}

    def stop(*_: object) -> None:
        raise SupersetError("the import breaks off")

    before = holders()
    assert all(before.values())
    # The only chart of its dataset on the overview: with the files this page gains the dataset.
    chart = admin.ids_by_uuid("chart")["7c1ea200-0000-4000-8000-00000000c523"]
    admin.request("PUT", f"chart/{chart}", json={"dashboards": []})
    with monkeypatch.context() as patched, pytest.raises(SupersetError, match="breaks off"):
        patched.setattr("qinglian.dashboards.publish._import", stop)
        publish_dashboards(superset_site.settings, superset_site.server, superset_site.url)
    assert holders() == before | {"lead-overview": []}
    publish_dashboards(superset_site.settings, superset_site.server, superset_site.url)
    assert holders() == before


def test_a_retired_asset_leaves_superset(
    superset_site: SupersetSite, changed: Settings, admin: SupersetClient
) -> None:
    charts = changed.root / "superset/assets/charts"
    shutil.copy(charts / "red_leads.yaml", charts / "extra.yaml")
    _edit(changed, "assets/charts/extra.yaml", uuid=EXTRA_UUID)
    publish_dashboards(changed, superset_site.server, superset_site.url)
    assert EXTRA_UUID in admin.ids_by_uuid("chart")
    entry = {"kind": "charts", "uuid": EXTRA_UUID, "reason": "用于测试"}
    _edit(changed, "retired_assets.yaml", retired=[entry])
    with pytest.raises(AssetError, match=r"extra\.yaml.*is also in retired_assets\.yaml"):
        publish_dashboards(changed, superset_site.server, superset_site.url)
    (charts / "extra.yaml").unlink()
    report = publish_dashboards(changed, superset_site.server, superset_site.url)
    assert report.retired == [EXTRA_UUID]
    assert EXTRA_UUID not in admin.ids_by_uuid("chart")


def test_a_permission_granted_by_hand_is_taken_back(
    superset_site: SupersetSite, admin: SupersetClient
) -> None:
    path = f"security/roles/{_role_id(admin, 'inspector')}/permissions"
    before = admin.request("GET", path + "/")["result"]
    extra = next(
        entry["id"]
        for entry in admin.items("security/permissions-resources")
        if (entry["permission"]["name"], entry["view_menu"]["name"]) == ("can_write", "Chart")
    )
    ids = [*(entry["id"] for entry in before), extra]
    admin.request("POST", path, json={"permission_view_menu_ids": ids})
    publish_dashboards(superset_site.settings, superset_site.server, superset_site.url)
    assert _stable(admin.request("GET", path + "/")["result"]) == _stable(before)


def test_a_permission_that_superset_lacks_is_named(
    superset_site: SupersetSite, changed: Settings
) -> None:
    role = {
        "name": "inspector",
        "label": "督查员",
        "description": "测试",
        "datasets": "all",
        "permissions": [{"action": "can_fly", "resource": "Dashboard", "reason": "测试"}],
    }
    _edit(changed, "roles.yaml", roles=[role])
    with pytest.raises(SupersetError, match="inspector asks for can_fly on Dashboard"):
        publish_dashboards(changed, superset_site.server, superset_site.url)


def _role_id(client: SupersetClient, name: str) -> int:
    return next(int(r["id"]) for r in client.items("security/roles") if r["name"] == name)


def test_the_inspector_reads_the_dashboard_and_its_data(
    superset_site: SupersetSite, inspector: SupersetClient
) -> None:
    dashboard = inspector.request("GET", "dashboard/lead-overview")["result"]
    assert dashboard["dashboard_title"] == "集中整治总览"
    datasets = inspector.request("GET", "dashboard/lead-overview/datasets")["result"]
    listing = next(d for d in datasets if d["table_name"] == "lead_listing")
    answer = inspector.request(
        "POST",
        "chart/data",
        json={
            "datasource": {"id": listing["id"], "type": "table"},
            "queries": [{"metrics": ["red_leads"], "columns": [], "row_limit": 1}],
        },
    )
    with superset_site.server.connect("reader") as connection:
        row = connection.execute(
            "select count(*) from marts.lead_listing where light = 'red'"
        ).fetchone()
    assert row is not None
    assert answer["result"][0]["data"] == [{"red_leads": row[0]}]


def test_an_answer_is_kept_for_equal_readers_until_its_dataset_is_published_anew(
    superset_site: SupersetSite,
    admin: SupersetClient,
    inspector: SupersetClient,
    changed: Settings,
) -> None:
    ids = {entry["table_name"]: entry["id"] for entry in admin.items("dataset")}
    body = {
        "datasource": {"id": ids["lead_listing"], "type": "table"},
        "queries": [{"metrics": ["red_leads"], "columns": ["org_code"], "row_limit": 77}],
    }

    def kept(reader: SupersetClient) -> bool:
        return bool(reader.request("POST", "chart/data", json=body)["result"][0]["is_cached"])

    assert not kept(inspector)
    assert kept(inspector)
    assert kept(admin)
    publish_dashboards(superset_site.settings, superset_site.server, superset_site.url)
    assert kept(admin)
    _edit(changed, "assets/datasets/warehouse/lead_listing.yaml", description="另一个说明")
    for settings in (changed, superset_site.settings):
        publish_dashboards(settings, superset_site.server, superset_site.url)
        assert not kept(admin)
        assert kept(admin)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "chart/1", {"slice_name": "改名"}),
        ("POST", "chart/", {"slice_name": "新图", "datasource_id": 1, "datasource_type": "table"}),
        ("DELETE", "chart/1", None),
        ("PUT", "dashboard/1", {"dashboard_title": "改名"}),
        ("DELETE", "dashboard/1", None),
        ("PUT", "dataset/1", {"description": "改"}),
        ("GET", "database/", None),
        ("GET", "assets/export/", None),
        ("POST", "sqllab/execute/", {"database_id": 1, "sql": "select 1"}),
        ("GET", "security/users/", None),
        ("GET", "rowlevelsecurity/", None),
    ],
)
def test_the_inspector_can_change_nothing_and_write_no_sql(
    inspector: SupersetClient, method: str, path: str, body: dict[str, Any] | None
) -> None:
    with pytest.raises(SupersetError, match=r"Superset answered (403|404) "):
        inspector.request(method, path, json=body)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_holds_addresses_and_lights_by_name(
    superset_site: SupersetSite, admin: SupersetClient, inspector: SupersetClient, form: str
) -> None:
    ids = {entry["table_name"]: entry["id"] for entry in admin.items("dataset")}
    shown = [
        ("lead_listing", "lead_no", "detail_link"),
        ("organisation_family_month", "org_name", "light_cell"),
    ]
    cells = []
    for dataset, column, metric in shown:
        query = {"columns": [column], "metrics": [metric], "row_limit": 100}
        body = {
            "datasource": {"id": ids[dataset], "type": "table"},
            "queries": [query],
            "result_format": form,
        }
        content = inspector._send("POST", "/api/v1/chart/data", json=body).content
        if form == "csv":
            rows = list(csv.reader(content.decode("utf-8-sig").splitlines()))
        else:
            rows = [[*r] for r in load_workbook(io.BytesIO(content)).active.values]
        cells.append([str(row[-1]) for row in rows[1:]])
    links, lights = cells
    page = f"{superset_site.url}/superset/dashboard/lead-detail/?native_filters="
    assert links
    assert all(link.startswith(page) and "<" not in link for link in links)
    assert {light[0] for light in lights} <= set("红黄绿灰")
    assert "红" in {light[0] for light in lights}


def test_the_connection_of_the_dashboards_cannot_write(
    superset_site: SupersetSite, admin: SupersetClient
) -> None:
    identifiers = admin.ids_by_uuid("database").values()
    assert len(identifiers) > 1
    for identifier in identifiers:
        sql = "delete from marts.lead_listing"
        body = {"database_id": identifier, "sql": sql, "runAsync": False}
        with pytest.raises(SupersetError, match=r"DML|read-only|permission denied|not allowed"):
            admin.request("POST", "sqllab/execute/", json=body)


def test_a_wrong_password_is_refused(superset_site: SupersetSite) -> None:
    with pytest.raises(SupersetError, match="Superset answered 401"):
        SupersetClient(superset_site.url, "inspector", "wrong")


def test_pages_load_nothing_from_other_hosts(superset_site: SupersetSite) -> None:
    policy = httpx.get(f"{superset_site.url}/login/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "scarf" not in policy


def test_the_language_pack_is_corrected_and_needs_no_login(superset_site: SupersetSite) -> None:
    pack = httpx.get(f"{superset_site.url}/superset/language_pack/zh/").json()
    assert pack["locale_data"]["superset"]["Sign in"] == ["登录"]


def _files(folder: Path) -> dict[str, list[str]]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8").splitlines()
        for path in folder.rglob("*.yaml")
    }


def _lines_changed(before: list[str], after: list[str]) -> list[str]:
    lines = unified_diff(before, after, n=0, lineterm="")
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_what_was_imported_into_an_empty_superset_is_exported_as_the_same_files(
    superset_site: SupersetSite, changed: Settings, admin: SupersetClient
) -> None:
    publish_dashboards(superset_site.settings, superset_site.server, superset_site.url)
    before = _files(changed.root / "superset")
    assert pull_dashboards(admin, changed.root / "superset") == PullReport()
    assert _files(changed.root / "superset") == before
    # The comparison sees a difference where there is one.
    _edit(changed, "assets/charts/red_leads.yaml", description="以前的说明")
    report = pull_dashboards(admin, changed.root / "superset")
    assert report.changed == ["assets/charts/red_leads.yaml"]


@pytest.fixture
def edited_in_the_interface(
    superset_site: SupersetSite, admin: SupersetClient
) -> Iterator[dict[str, str]]:
    """A chart renamed, one made and placed on a dashboard, a filter renamed, a chart deleted."""
    charts = admin.ids_by_uuid("chart")
    red = charts["7c1ea200-0000-4000-8000-00000000c001"]
    admin.request("PUT", f"chart/{red}", json={"slice_name": "红灯线索", "certified_by": ""})
    _save_as_the_chart_editor_does(admin, charts["7c1ea200-0000-4000-8000-00000000c010"])
    dataset = admin.ids_by_uuid("dataset")["7c1ea200-0000-4000-8000-00000000d005"]
    params = {"viz_type": "table", "all_columns": ["family"], "datasource": f"{dataset}__table"}
    body = {"slice_name": "新的图", "viz_type": "table", "datasource_type": "table"}
    body |= {"datasource_id": dataset, "params": json.dumps(params)}
    made = admin.request("POST", "chart/", json=body)["id"]
    uuid = admin.request("GET", f"chart/{made}")["result"]["uuid"]
    _place(admin, made, uuid)
    gone = "7c1ea200-0000-4000-8000-00000000c156"
    admin.request("DELETE", f"chart/{charts[gone]}")
    yield {"new": uuid, "gone": gone}
    admin.request("DELETE", f"chart/{made}")
    # A publication leaves what only the editor writes, and pages stumble over this one.
    body = {"query_context": None}
    admin.request("PUT", f"chart/{charts['7c1ea200-0000-4000-8000-00000000c010']}", json=body)
    publish_dashboards(superset_site.settings, superset_site.server, superset_site.url)


def _save_as_the_chart_editor_does(admin: SupersetClient, chart: int) -> None:
    """Another number of rows, with all that the page of a chart saves beside it."""
    params = json.loads(admin.request("GET", f"chart/{chart}")["result"]["params"])
    params |= {"page_length": 30, "slice_id": chart, "dashboards": [1], "extra_form_data": {}}
    body = {"params": json.dumps(params), "query_context": json.dumps({"queries": [{}]})}
    admin.request("PUT", f"chart/{chart}", json=body)


def _place(admin: SupersetClient, chart: int, uuid: str) -> None:
    """Put a chart on the overview and rename its first filter, as the page saves both."""
    dashboard = admin.request("GET", "dashboard/lead-overview")["result"]
    position = json.loads(dashboard["position_json"])
    position["GRID_ID"]["children"].append("ROW-new")
    meta = {"chartId": chart, "uuid": uuid, "sliceName": "新的图", "width": 6, "height": 40}
    parents = ["ROOT_ID", "GRID_ID"]
    position |= {
        "ROW-new": {"id": "ROW-new", "type": "ROW", "children": ["CHART-new"], "parents": parents},
        "CHART-new": {"id": "CHART-new", "type": "CHART", "children": [], "meta": meta},
    }
    metadata = json.loads(dashboard["json_metadata"])
    metadata["positions"] = position
    metadata["native_filter_configuration"][0] |= {"name": "改名", "chartsInScope": [chart]}
    metadata["chart_configuration"][str(chart)] = {
        "id": chart,
        "crossFilters": {"scope": {"rootPath": ["ROOT_ID"], "excluded": [chart]}},
    }
    body = {"json_metadata": json.dumps(metadata), "position_json": json.dumps(position)}
    admin.request("PUT", f"dashboard/{dashboard['id']}", json=body)


def test_an_edit_in_the_interface_comes_back_as_the_lines_that_say_it(
    changed: Settings, admin: SupersetClient, edited_in_the_interface: dict[str, str]
) -> None:
    folder = changed.root / "superset"
    before = _files(folder)
    report = pull_dashboards(admin, folder)
    after = _files(folder)
    assert sorted(report.changed) == [
        "assets/charts/lead_table.yaml",
        "assets/charts/red_leads.yaml",
        "assets/dashboards/lead_overview.yaml",
    ]
    assert report.added == ["assets/charts/新的图.yaml"]
    # What was deleted is named and stays until somebody says so.
    assert report.missing == ["assets/charts/cross_by_hospital.yaml"]
    assert report.left_out == report.retired == report.faults == []
    assert {name for name in after if before.get(name) != after[name]} == {
        *report.changed,
        *report.added,
    }
    assert {
        name: _lines_changed(before[name], after[name]) for name in sorted(report.changed)[:2]
    } == {
        "assets/charts/lead_table.yaml": ["-  page_length: 24", "+  page_length: 30"],
        "assets/charts/red_leads.yaml": ["-slice_name: 红色线索", "+slice_name: 红灯线索"],
    }
    overview = "assets/dashboards/lead_overview.yaml"
    page = _lines_changed(before[overview], after[overview])
    assert len([line for line in page if line.startswith("-")]) == 2  # the grid and the filter
    number = max(
        int(part["meta"]["chartId"])
        for dashboard in Assets.read(repository_root() / "superset" / "assets").dashboards
        for part in dashboard.components.values()
        if part["type"] == "CHART"
    )
    dashboards = Assets.read(folder / "assets").dashboards
    (dashboard,) = [dashboard for dashboard in dashboards if dashboard.slug == "lead-overview"]
    assert dashboard.components["CHART-new"]["meta"]["chartId"] == number + 1
    scopes = dashboard.content["metadata"]["chart_configuration"][str(number + 1)]
    assert scopes["crossFilters"]["scope"]["excluded"] == [number + 1]


def test_what_was_deleted_in_the_interface_is_retired_when_asked(
    superset_site: SupersetSite,
    changed: Settings,
    admin: SupersetClient,
    edited_in_the_interface: dict[str, str],
) -> None:
    folder = changed.root / "superset"
    report = pull_dashboards(admin, folder, retire=True)
    assert report.retired == ["assets/charts/cross_by_hospital.yaml"]
    # Its place on a dashboard is for somebody to fill.
    assert report.faults == [
        f"dashboards/cross_checks.yaml (跨系统核验, 7c1ea200-0000-4000-8000-00000000a103):"
        f" places chart {edited_in_the_interface['gone']}, which no file of charts/ has"
    ]
    text = (folder / "retired_assets.yaml").read_text("utf-8")
    assert text.startswith("# UUIDs of assets that left superset/assets/")
    (entry,) = yaml.safe_load(text)["retired"]
    assert (entry["kind"], entry["uuid"]) == ("charts", edited_in_the_interface["gone"])
    # A file that is retired does not come back, though Superset still has the asset.
    chart = admin.ids_by_uuid("chart")[edited_in_the_interface["new"]]
    assert chart
    (folder / "assets/charts/新的图.yaml").unlink()
    retired = [entry, {"kind": "charts", "uuid": edited_in_the_interface["new"], "reason": "试"}]
    _edit(changed, "retired_assets.yaml", retired=retired)
    assert pull_dashboards(admin, folder).added == []
