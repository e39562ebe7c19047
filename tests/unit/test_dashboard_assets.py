"""The chain dashboard, chart, dataset, mart, column, from files alone."""

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import fake_marts
import pytest
import yaml

from qinglian.dashboards.assets import AssetError, Assets, Chart, Dashboard, Dataset
from qinglian.dashboards.roles import RolesFile
from qinglian.settings import repository_root

SUPERSET = repository_root() / "superset"
ASSETS = Assets.read(SUPERSET / "assets")
MARTS = repository_root() / "dbt_project" / "models" / "marts"
INDICATORS = MARTS.parent / "indicators"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
DATASETS = pytest.mark.parametrize(
    "dataset", ASSETS.datasets.values(), ids=lambda dataset: dataset.title
)
CHARTS = pytest.mark.parametrize("chart", ASSETS.charts, ids=lambda chart: chart.path.stem)


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    """The marts as empty tables; a second engine keeps the datasets' SQL portable."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute("create schema names")
    for ddl in fake_marts.definitions():
        connection.execute(ddl)
    return connection


def test_assets_are_complete_and_their_references_hold() -> None:
    assert list(ASSETS.faults()) == []


def test_there_is_something_to_check() -> None:
    assert all((ASSETS.databases, ASSETS.datasets, ASSETS.charts))
    slugs = {d.slug for d in ASSETS.dashboards}
    assert slugs == {
        "abnormal-billing",
        "cross-checks",
        "data-quality",
        "high-prescription",
        "lead-detail",
        "lead-overview",
        "lead-staff",
        "organisation-profile",
        "procurement-network",
        "provider-ranking",
    }


def test_every_chart_is_on_a_dashboard() -> None:
    placed = {uuid for dashboard in ASSETS.dashboards for uuid in dashboard.chart_uuids}
    assert {chart.uuid for chart in ASSETS.charts} == placed


def test_rows_of_a_dashboard_are_twelve_wide() -> None:
    for dashboard in ASSETS.dashboards:
        components = dashboard.components
        for row in (c for c in components.values() if c["type"] == "ROW"):
            widths = [components[child]["meta"]["width"] for child in row["children"]]
            assert sum(widths) == 12, row["id"]


@DATASETS
def test_a_dataset_lists_the_columns_of_its_relation(
    dataset: Dataset, marts: duckdb.DuckDBPyConnection
) -> None:
    returned = {c[0] for c in marts.execute(f"select * from {dataset.relation}").description}
    assert dataset.physical_columns == returned


@DATASETS
def test_expressions_of_a_dataset_run(dataset: Dataset, marts: duckdb.DuckDBPyConnection) -> None:
    content = dataset.content
    columns = [c["expression"] for c in content["columns"] if c.get("expression")]
    for expression in [*columns, *(m["expression"] for m in content["metrics"])]:
        marts.execute(f"select {expression} from {dataset.relation}")


def test_marts_of_the_tests_are_those_of_dbt(marts: duckdb.DuckDBPyConnection) -> None:
    if not MARTS.exists():
        pytest.skip("the marts' models are not in this checkout")
    files = [yaml.safe_load(path.read_text("utf-8")) for path in MARTS.glob("*.yml")]
    models = [model for file in files for model in file.get("models", ())]
    modelled = {m["name"]: {c["name"] for c in m["columns"]} for m in models}
    tables = marts.execute("select table_schema, table_name from information_schema.tables")
    placed = tables.fetchall()
    assert placed
    for schema, table in placed:
        columns = {c[0] for c in marts.execute(f"select * from {schema}.{table}").description}
        assert columns <= modelled[table], table


def test_no_chart_scans_a_fact_table() -> None:
    """Datasets read marts alone, see above; of these, one that is a view would read facts."""
    project = yaml.safe_load((MARTS.parents[1] / "dbt_project.yml").read_text("utf-8"))
    usual = project["models"]["qinglian"]["marts"]["+materialized"]
    files = [*MARTS.rglob("*.sql"), *MARTS.rglob("*.yml")]
    own = re.compile(r"materialized\W+(\w+)")
    kinds = {kind for path in files for kind in own.findall(path.read_text("utf-8"))}
    assert {usual, *kinds} <= {"table", "incremental"}


@CHARTS
def test_a_chart_of_leads_leaves_out_lapsed_ones(chart: Chart) -> None:
    of_leads = ("lead_listing", "lead_trend", "lead_evidence")
    if ASSETS.datasets[chart.dataset_uuid].title not in of_leads:
        return
    filters = {(f["subject"], f["operator"]) for f in chart.content["params"]["adhoc_filters"]}
    assert ("is_active", "IS TRUE") in filters


def test_every_focus_area_has_a_chinese_name() -> None:
    listing = next(d for d in ASSETS.datasets.values() if d.title == "lead_listing")
    named = next(c for c in listing.content["columns"] if c["column_name"] == "focus_area_zh")
    files = [yaml.safe_load(p.read_text("utf-8")) for p in INDICATORS.rglob("ind_*.yml")]
    areas = {m["config"]["meta"]["focus_area"] for f in files for m in f["models"] if "config" in m}
    assert len(areas) > 1
    assert areas <= set(re.findall(r"when '([^']+)' then", named["expression"]))


def test_every_label_is_chinese() -> None:
    for label in _labels():
        assert CHINESE.search(label), label


def _labels() -> list[str]:
    labels: list[str] = []
    for dataset in ASSETS.datasets.values():
        labels.append(dataset.content["description"])
        labels += [c["verbose_name"] for c in dataset.content["columns"]]
        for metric in dataset.content["metrics"]:
            labels += [metric["verbose_name"], metric["description"]]
    for chart in ASSETS.charts:
        labels += [chart.title, chart.content["description"]]
        labels += [v for k, v in chart.content["params"].items() if k == "subtitle"]
    for dashboard in ASSETS.dashboards:
        labels += [dashboard.title, dashboard.content["description"]]
        labels += [name for name, _, _ in dashboard.filter_targets]
        texts = (c for c in dashboard.components.values() if c["type"] == "MARKDOWN")
        labels += [text["meta"]["code"] for text in texts]
    return labels


def test_the_page_says_that_a_lead_is_no_verdict() -> None:
    of_leads = [d for d in ASSETS.dashboards if d.slug != "data-quality"]
    assert of_leads
    for dashboard in of_leads:
        first = dashboard.components["MARKDOWN-what"]["meta"]["code"]
        assert "线索是待核实的信号，不是结论" in first


def test_a_link_to_a_lead_sets_the_filter_of_its_page() -> None:
    page = next(d for d in ASSETS.dashboards if d.slug == "lead-detail")
    (name,) = [f["id"] for f in page.content["metadata"]["native_filter_configuration"]]
    (_, _, column) = page.filter_targets[0]
    links = [
        metric["expression"]
        for dataset in ASSETS.datasets.values()
        for metric in dataset.content["metrics"]
        if metric["metric_name"] == "detail_link"
    ]
    assert len(links) > 1
    for link in links:
        assert f"/superset/dashboard/{page.slug}/?native_filters=({name}:(id:{name}," in link
        assert f"col:{column}," in link
    # Every chart of the page must know the column, or it would show all leads.
    charts = [chart for chart in ASSETS.charts if chart.uuid in page.chart_uuids]
    assert all(column in ASSETS.datasets[chart.dataset_uuid].columns for chart in charts)


def test_no_file_holds_a_password() -> None:
    for path in SUPERSET.rglob("*"):
        if path.suffix in (".yaml", ".py", ".json"):
            text = path.read_text("utf-8")
            assert not re.search(r"://[^/\s:]+:[^@\s{]+@", text), path
            assert not re.search(r"^\s*password\s*:", text, re.MULTILINE), path


def test_the_bundle_carries_the_installations_database_and_no_password() -> None:
    with zipfile.ZipFile(
        io.BytesIO(ASSETS.bundle(ASSETS.all, "db.example", 6432, "qinglian"))
    ) as bundle:
        names = bundle.namelist()
        database = yaml.safe_load(bundle.read("assets/databases/warehouse.yaml"))
        of_staff = yaml.safe_load(bundle.read("assets/databases/staff_names.yaml"))
    assert len(names) == len(ASSETS.all) + 1
    assert of_staff["sqlalchemy_uri"].startswith("postgresql+psycopg2://qinglian_names:XXXX")
    assert database["sqlalchemy_uri"] == (
        "postgresql+psycopg2://qinglian_reader:XXXXXXXXXX@db.example:6432/qinglian"
    )
    assert database["allow_dml"] is False


@pytest.mark.parametrize(
    ("file", "change", "fault"),
    [
        ("charts/lead_table.yaml", {"params.groupby": ["no_such"]}, "column no_such is not in"),
        ("charts/red_leads.yaml", {"params.metric": "no_such"}, "metric no_such is not in"),
        ("charts/red_leads.yaml", {"colour": "red"}, "Superset does not know the key colour"),
        ("charts/red_leads.yaml", {"dataset_uuid": "0" * 32}, "is in no file of datasets/"),
        (
            "charts/red_leads.yaml",
            {"uuid": "7c1ea200-0000-4000-8000-00000000c002"},
            "has the UUID of",
        ),
    ],
)
def test_a_fault_is_named(tmp_path: Path, file: str, change: dict[str, Any], fault: str) -> None:
    root = tmp_path / "assets"
    shutil.copytree(ASSETS.root, root)
    content = yaml.safe_load((root / file).read_text("utf-8"))
    for key, value in change.items():
        *parents, last = key.split(".")
        target = content
        for parent in parents:
            target = target[parent]
        target[last] = value
    (root / file).write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    faults = list(Assets.read(root).faults())
    assert any(fault in sentence for sentence in faults), faults


def test_a_metric_written_into_a_chart_is_refused() -> None:
    chart = ASSETS.charts[0]
    params = chart.content["params"] | {"metric": {"expressionType": "SQL"}}
    with pytest.raises(AssetError, match="write the metric of 'metric' into the dataset"):
        _ = Chart(chart.path, chart.kind, chart.content | {"params": params}).metrics


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("chart/misplaced.yaml", "uuid: x", "not in a folder of"),
        ("charts/nameless.yaml", "slice_name: 无", "no uuid"),
    ],
)
def test_a_file_that_superset_would_skip_is_refused(
    tmp_path: Path, name: str, text: str, fault: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    with pytest.raises(AssetError, match=fault):
        Assets.read(tmp_path)


def test_read_only_roles_write_nothing_but_their_own_filters() -> None:
    roles = RolesFile.read(SUPERSET / "roles.yaml").roles
    city = {"inspector", "auditor", "data_engineer", "insurance_supervisor"}
    own = {"district_inspector", "hospital_office"}
    assert {role.name for role in roles if role.rows == "all"} == city
    assert {role.name for role in roles if role.rows == "own"} == own
    for role in roles:
        permissions = [*role.permissions, *role.further_permissions]
        granted = {(p.action, p.resource) for p in permissions}
        assert {g for g in granted if re.search("write|edit|delete|add|import", g[0])} == {
            ("can_write", "DashboardFilterStateRestApi")
        }
        assert not {g for g in granted if re.search("sql", g[1], re.IGNORECASE)}


def test_data_docs_are_for_roles_of_the_whole_citys_data_and_handbooks_for_all() -> None:
    """The pages show each hospital's rows, those of procurement among them."""
    roles = RolesFile.read(SUPERSET / "roles.yaml").roles
    granted = {
        role.name: {(p.action, p.resource) for p in (*role.permissions, *role.further_permissions)}
        for role in roles
    }
    readers = {name for name, held in granted.items() if ("can_read", "DataDocs") in held}
    assert readers == {"inspector", "auditor", "data_engineer"}
    listed = {name for name, held in granted.items() if ("menu_access", "Data Docs") in held}
    assert listed == readers
    assert all(("can_read", "Handbooks") in held for held in granted.values())


def test_the_coverage_matrix_has_room_for_a_line_of_each_indicator() -> None:
    """Labels of a category axis overlap below some 18 pixels each; a grid unit is eight."""
    indicators = len(
        list((repository_root() / "dbt_project/models/indicators").glob("*/ind_*.sql"))
    )
    dashboard = yaml.safe_load(
        (SUPERSET / "assets/dashboards/lead_overview.yaml").read_text("utf-8")
    )
    heights = {
        part["meta"]["sliceName"]: part["meta"]["height"]
        for part in dashboard["position"].values()
        if isinstance(part, dict) and part["type"] == "CHART"
    }
    title_and_names_of_hospitals = 220
    matrix = heights["覆盖率：指标与机构"]
    assert (matrix * 8 - title_and_names_of_hospitals) / max(indicators, 62) >= 18
    assert heights["未能计算的部分及原因"] == matrix  # the table beside it


def test_pages_are_printed_alike() -> None:
    """With their title on each sheet, without what is for the screen, and as wide as the sheet."""
    for dashboard in ASSETS.dashboards:
        _, _, printed = dashboard.content["css"].partition("/* Printed")
        assert f'@top-left {{ content: "{dashboard.title}"; ' in printed
        for rule in (
            '[data-test="dashboard-filters-panel"], [data-test="dashboard-header-container"],'
            " .filter-bar, #main-menu, header { display: none !important; }",
            ".grid-container { zoom: 1; }",
            ".dashboard-component-chart-holder, tr { break-inside: avoid; }",
        ):
            assert rule in printed, dashboard.title


def _months() -> Iterator[tuple[Dashboard, Chart, int]]:
    """The columns of tables that hold a month or period, by their place."""
    for dashboard in ASSETS.dashboards:
        for chart in ASSETS.charts:
            params = chart.content["params"]
            if chart.uuid in dashboard.chart_uuids and params["viz_type"] == "table":
                columns = [*params.get("groupby", []), *params.get("all_columns", [])]
                for place, column in enumerate(columns, start=1):
                    if column in ("month", "period"):
                        yield dashboard, chart, place


@pytest.mark.parametrize(
    ("dashboard", "chart", "place"),
    [pytest.param(*found, id=f"{found[0].slug}-{found[1].path.stem}") for found in _months()],
)
def test_a_month_is_not_broken_at_its_hyphen(
    dashboard: Dashboard, chart: Chart, place: int
) -> None:
    rules = re.findall(r"([^{}]+)\{ white-space: nowrap;", dashboard.content["css"])
    chosen = [
        (sign, title)
        for rule in rules
        for sign, title, number in re.findall(
            r'\[data-test-chart-name(\^?=)"(.+?)"\] td:nth-child\((\d+)\)', rule
        )
        if int(number) == place
    ]
    assert any(
        chart.title.startswith(title) if sign == "^=" else chart.title == title
        for sign, title in chosen
    )
