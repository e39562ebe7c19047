"""The English set of dashboards: complete, whole, and of the same tables as the Chinese one."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import fake_marts
import pytest
import yaml
from pydantic import ValidationError

from qinglian.dashboards.assets import Asset, AssetError, Assets, Chart, Dashboard, Dataset
from qinglian.dashboards.english import CATALOGUE, CHINESE, Catalogue, English, twin_uuid
from qinglian.dashboards.languages import in_languages, without_link
from qinglian.dashboards.publish import dashboard_readers
from qinglian.dashboards.roles import RolesFile
from qinglian.dashboards.row_scopes import rules_of
from qinglian.settings import Settings, repository_root

ROOT = repository_root()
ASSETS = Assets.read(ROOT / "superset" / "assets")
READ = Catalogue.read(ROOT)
TWINS = {twin.uuid: twin for twin in English(ASSETS, READ).twins()}
DATASETS = [twin for twin in TWINS.values() if isinstance(twin, Dataset)]
#: Of an expression: what it compares a value of the marts with, or puts another text for.
_VALUES = re.compile(r"when '[^']*' then|= '[^']*'|, '[^']*', '")


def test_every_asset_has_a_twin_of_its_kind() -> None:
    for asset in ASSETS.all:
        twin = TWINS[twin_uuid(asset.uuid)]
        assert type(twin) is type(asset)
        assert twin.path != asset.path
    assert len(TWINS) == len(ASSETS.all)


def test_references_of_both_sets_together_hold() -> None:
    assert list(in_languages(ASSETS, ("zh", "en"), ROOT).faults()) == []


@pytest.mark.parametrize("name", ["subject_label", "staff_label", "entity_label"])
def test_who_and_what_a_lead_is_about_is_told_in_english(name: str) -> None:
    told = [dataset for dataset in DATASETS if f"{name}_en" in dataset.columns]
    assert told
    assert [dataset.title for dataset in DATASETS if name in dataset.columns] == []
    asked = [twin for twin in TWINS.values() if isinstance(twin, Chart)]
    texts = [repr(chart.content["params"]) for chart in asked]
    assert any(f"{name}_en" in text for text in texts)
    assert not any(re.search(rf"\b{name}\b", text) for text in texts)


def test_a_column_stands_in_a_twin_once_and_a_code_beside_its_label_as_it_is() -> None:
    for twin in DATASETS:
        names = [column["column_name"] for column in twin.content["columns"]]
        assert len(set(names)) == len(names), twin
    fates = _twin_of("landed_row_fate", Dataset)
    assert {"fate", "fate_en"} <= set(fates.columns)


def test_no_twin_leads_to_a_chinese_asset() -> None:
    chinese = {asset.uuid for asset in ASSETS.all}
    pages = {dashboard.slug for dashboard in ASSETS.dashboards}
    for twin in TWINS.values():
        texts = list(_texts(twin.content))
        assert not chinese & set(texts), twin
        linked = {slug for text in texts for slug in re.findall(r"/dashboard/([a-z-]+)/", text)}
        assert not linked & pages, twin


def test_nothing_of_a_twin_is_in_chinese_but_values_of_the_marts() -> None:
    for twin in TWINS.values():
        for text in _texts(twin.content):
            assert not CHINESE.search(_VALUES.sub("", text)), (str(twin), text)


def test_the_catalogue_has_no_entry_that_nothing_asks_for() -> None:
    assert (set(READ.texts) | set(READ.sql)) - READ.used == set()
    columns = {c for dataset in ASSETS.datasets.values() for c in dataset.columns}
    tables = {dataset.title for dataset in ASSETS.datasets.values()}
    stems = {chart.path.stem for chart in ASSETS.charts}
    assert {*READ.params, *READ.widths} <= stems
    for name in [*READ.values, *READ.chinese]:
        table, _, column = name.rpartition(".")
        assert column in columns and (not table or table in tables), name


def test_the_catalogue_is_sorted() -> None:
    content = yaml.safe_load((ROOT / "superset" / CATALOGUE).read_text("utf-8"))
    for part in ("texts", "sql", "values", "chinese", "params", "widths"):
        assert list(content[part]) == sorted(content[part]), part


def test_rows_of_a_page_are_twelve_wide() -> None:
    for dashboard in TWINS.values():
        if not isinstance(dashboard, Dashboard):
            continue
        components = dashboard.components
        for row in (c for c in components.values() if c["type"] == "ROW"):
            widths = [components[child]["meta"]["width"] for child in row["children"]]
            assert sum(widths) == 12, (dashboard, row["id"])


def test_a_text_without_english_is_named() -> None:
    chart = ASSETS.charts[0]
    untold = replace(chart, content=chart.content | {"slice_name": "没有译文的标题"})
    rest = [asset for asset in ASSETS.all if asset is not chart]
    with pytest.raises(AssetError, match="no English for '没有译文的标题'"):
        English(replace(ASSETS, all=[untold, *rest]), READ).twins()


def test_headers_of_a_dataset_differ_where_the_chinese_ones_do() -> None:
    """Superset draws two metrics of one name as one."""
    for dataset in ASSETS.datasets.values():
        twin = TWINS[twin_uuid(dataset.uuid)]
        for part, name in (("metrics", "metric_name"), ("columns", "column_name")):
            chinese = [entry["verbose_name"] for entry in dataset.content[part]]
            shown = {entry[name] for entry in twin.content[part]}
            assert shown
            if part == "metrics":
                english = [entry["verbose_name"] for entry in twin.content[part]]
                assert len(set(english)) == len(set(chinese)), dataset


def test_a_column_with_chinese_values_is_in_english_or_says_that_it_is_not() -> None:
    for dataset in DATASETS:
        for column in dataset.content["columns"]:
            if column["column_name"].endswith("_zh"):
                assert column["verbose_name"].endswith(" (in Chinese)"), (dataset, column)


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute("create schema names")
    for ddl in fake_marts.definitions():
        connection.execute(ddl)
    return connection


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.title)
def test_a_twin_reads_its_relation_and_its_expressions_run(
    dataset: Dataset, marts: duckdb.DuckDBPyConnection
) -> None:
    content = dataset.content
    columns = [c.get("expression") or c["column_name"] for c in content["columns"]]
    every = [*columns, *(m["expression"] for m in content["metrics"])]
    for expression in every:
        marts.execute(f"select {expression} from {dataset.relation}")


def test_values_are_put_into_english_by_their_lists(marts: duckdb.DuckDBPyConnection) -> None:
    def shown(table: str, column: str, **row: str) -> str:
        (dataset,) = [d for d in DATASETS if d.title == table]
        (entry,) = [c for c in dataset.content["columns"] if c["column_name"] == column]
        values = ", ".join(f"'{value}' as {name}" for name, value in row.items())
        answer = marts.execute(f"select {entry['expression']} from (select {values})").fetchone()
        assert answer is not None
        return str(answer[0])

    assert shown("lead_listing", "light_en", light_zh="红") == "Red"
    assert shown("lead_listing", "state_en", state="疑点") == "Finding"
    assert shown("lead_listing", "org_type_en", org_type_zh="儿童医院") == "Children's hospital"
    assert shown("lead_listing", "district_name_en", district_name="别的区") == "别的区"
    outcome = shown("indicator_outcome", "indicator_name_en", indicator_name_zh="BL01 重复收费")
    assert outcome == "BL01 Duplicate charge"
    reason = shown("indicator_coverage", "reason_en", reason_zh="缺少数据表：处方明细")
    assert reason == "Table missing: Prescription line"
    won = shown("network_edge", "evidence_en", evidence_zh="报价 1200 元，未中标")
    assert won == "price 1200 CNY, did not win"


def test_no_expression_nests_deeper_than_superset_reads() -> None:
    for dataset in DATASETS:
        for column in dataset.content["columns"]:
            assert (column.get("expression") or "").count("replace(") <= 15, column["column_name"]


def test_a_filter_and_a_colour_name_the_english_value() -> None:
    chart = _twin_of("lead_table", Chart)
    assert {rule["targetValue"] for rule in chart.content["params"]["conditional_formatting"]} == {
        "Red",
        "Yellow",
    }
    evidence = _twin_of("prescribing_evidence", Chart)
    compared = {
        f["subject"]: f.get("comparator") for f in evidence.content["params"]["adhoc_filters"]
    }
    assert compared["family_en"] == ["Prescribing"]
    colours = _twin_of("lead_overview", Dashboard).content["metadata"]["label_colors"]
    assert colours["Red"] == "#c62f38"


def test_every_rule_on_rows_and_every_page_holds_for_the_twins_too() -> None:
    """Rules name tables: the twins ask for the same ones, and for the same readers."""
    roles = RolesFile.read(ROOT / "superset" / "roles.yaml")
    both = in_languages(ASSETS, ("zh", "en"), ROOT)
    twins = {twin_uuid(uuid): dataset for uuid, dataset in ASSETS.datasets.items()}
    closed = {name for rule in rules_of(roles, ASSETS.datasets.values()) for name in rule.datasets}
    assert closed
    for uuid, dataset in twins.items():
        twin = both.datasets[uuid]
        assert (twin.title, twin.names_staff) == (dataset.title, dataset.names_staff)
        assert both.role_of(twin) == both.role_of(dataset)
        # What a rule asks of a row is not renamed.
        asked = {"org_code", "family", "indicator_id", "lead_id", "other_lead_id", "entity_type"}
        assert asked & twin.columns == asked & dataset.columns
        assert {"stage", "of_all_families"} & twin.columns == (
            {"stage", "of_all_families"} & dataset.columns
        )
    readers = {d.slug: dashboard_readers(both, d, roles) for d in both.dashboards}
    for dashboard in ASSETS.dashboards:
        assert readers[f"{dashboard.slug}-en"] == readers[dashboard.slug] != []


def test_pages_lead_to_each_other_only_where_both_are_published() -> None:
    assert in_languages(ASSETS, ("zh",), ROOT) is ASSETS
    both = in_languages(ASSETS, ("zh", "en"), ROOT)
    for dashboard in both.dashboards:
        line = dashboard.components["MARKDOWN-language"]["meta"]["code"]
        other = dashboard.slug.removesuffix("-en")
        other = other if dashboard.slug.endswith("-en") else f"{other}-en"
        assert f"(/superset/dashboard/{other}/)" in line
    own = {dashboard.uuid: dashboard.content["position"] for dashboard in ASSETS.dashboards}
    linked = {d.uuid: d.content["position"] for d in both.dashboards if d.uuid in own}
    assert linked != own
    assert {uuid: without_link(position) for uuid, position in linked.items()} == own


def test_languages_are_named_in_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().dashboard_languages == ("zh",)
    monkeypatch.setenv("QINGLIAN_DASHBOARD_LANGUAGES", "zh, en")
    assert Settings().dashboard_languages == ("zh", "en")
    monkeypatch.setenv("QINGLIAN_DASHBOARD_LANGUAGES", "en")
    with pytest.raises(ValidationError, match="zh is missing"):
        Settings()


def _twin_of(stem: str, kind: type[Asset]) -> Asset:
    (asset,) = [a for a in ASSETS.all if isinstance(a, kind) and a.path == _path(a, stem)]
    return TWINS[twin_uuid(asset.uuid)]


def _path(asset: Asset, stem: str) -> Path:
    return asset.path.with_name(f"{stem}.yaml")


def _texts(value: Any) -> Iterator[str]:
    """Every text of a file, keys too."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
