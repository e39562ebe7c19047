"""Rules of the dbt project that its manifest can prove without a database."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import jinja2
import pytest
from parsed_project import begin_with_parsed_project

from qinglian.contracts import load_contracts
from qinglian.settings import Settings, repository_root
from qinglian.transform import indicator_models, write_manifest

PROJECT = repository_root() / "dbt_project"
FAMILIES = {"prescribing", "billing", "procurement", "cross_system"}
REQUIRED_META = (
    *("indicator_id", "rule_version", "family", "concept", "name_zh", "name_en", "kind", "grain"),
    *("focus_area", "topic", "formula_zh", "legal_basis", "guards", "false_positives"),
    *("explanation_zh", "required_columns", "author"),
)

#: Tables whose money is netted on the way to core, so that control totals have rules of their own.
WITH_OWN_TOTALS = {"his_fee", "yb_fee_list_d", "his_settle", "yb_setl_d", "pr_order"}

_LATEST = re.compile(r"latest_version\(\s*'(\w+)',\s*\[([^\]]*)\]")
_MULTIPLIES = re.compile(r"\b(join|union|lateral|unnest)\b")

Node = dict[str, Any]
Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    folder = tmp_path_factory.mktemp("dbt")
    begin_with_parsed_project(folder, server=None)
    path = write_manifest(PROJECT, folder)
    parsed: Manifest = json.loads(path.read_text("utf-8"))
    return parsed


def _models(manifest: Manifest, layer: str | None = None) -> list[Node]:
    models = [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]
    assert models
    return [m for m in models if layer is None or _layer(m) == layer]


def _layer(node: Node) -> str:
    return str(node["fqn"][1])


def _indicators(manifest: Manifest) -> list[Node]:
    return [m for m in _models(manifest, "indicators") if m["name"].startswith("ind_")]


def _parents(manifest: Manifest, node: Node) -> list[Node]:
    known = manifest["nodes"] | manifest["sources"]
    return [known[name] for name in node["depends_on"]["nodes"] if name in known]


def test_what_only_weekly_models_read_is_weekly(manifest: Manifest) -> None:
    """What the maintenance alone needs must not be built with every detection."""
    nodes = manifest["nodes"]
    for model in _models(manifest):
        names = [c for c in manifest["child_map"][model["unique_id"]] if c.startswith("model.")]
        if names and all("weekly" in nodes[name]["tags"] for name in names):
            read_elsewhere = _layer(model) in ("indicators", "marts")
            # An incremental model is also what the next build of its own begins with.
            kind = model["config"]["materialized"]
            elsewhere = read_elsewhere or kind in ("view", "incremental")
            assert "weekly" in model["tags"] or elsewhere, model["name"]


def test_every_layer_has_models(manifest: Manifest) -> None:
    layers = {_layer(m) for m in _models(manifest)}
    assert layers == {"staging", "core", "peers", "indicators", "quality", "marts"}


#: Of the operations ledger: which months changed, and which leads were found before.
_READ_ANYWHERE = {"stg_ops__changed_month", "stg_ops__lead_register"}


@pytest.mark.parametrize(
    ("layer", "may_read"),
    [
        ("core", {"staging", "core"}),
        ("peers", {"core", "peers"}),
        ("indicators", {"core", "peers", "indicators"}),
        ("quality", {"staging", "core", "indicators", "quality"}),
        ("marts", {"core", "peers", "indicators", "quality", "marts"}),
    ],
)
def test_layers_read_only_what_is_below(manifest: Manifest, layer: str, may_read: set[str]) -> None:
    for model in _models(manifest, layer):
        for parent in _parents(manifest, model):
            if parent["resource_type"] == "seed":
                continue
            assert parent["resource_type"] == "model", (
                f"{model['name']} reads source {parent['name']}: only staging may"
            )
            assert _layer(parent) in may_read or parent["name"] in _READ_ANYWHERE, (
                f"{layer} model {model['name']} reads {parent['name']} of {_layer(parent)}: "
                f"it may read {sorted(may_read)}"
            )


def test_names_match_folders(manifest: Manifest) -> None:
    patterns = {
        "staging": r"stg_(?P<folder>his|procurement|insurance|reference|supervision|ops)__\w+",
        "core": r"(dim|fct)_\w+|org_(threshold|month)|source_(month|availability|span)"
        r"|evidence_row|supplier_row|batch_built",
        "peers": r"peer_\w+",
        "indicators": r"ind_[a-z]{2}\d{2}_\w+|int_\w+|indicator_result",
        "quality": r"dq_\w+|identity_(result|month)|(item|arrival|check|backdated|delivery)_month"
        r"|day_coverage|upload_match|control_total|present_line|row_(fate|balance|place)"
        r"|row_fate_(main|his|insurance|procurement|reference|supervision)",
        "marts": r"\w+",
    }
    for model in _models(manifest):
        match = re.fullmatch(patterns[_layer(model)], model["name"])
        assert match, f"{model['original_file_path']}: name does not fit its layer"
        folder = match.groupdict().get("folder")
        assert folder is None or model["fqn"][2] == folder, model["original_file_path"]


def test_every_model_and_seed_is_described_and_has_a_key_test(manifest: Manifest) -> None:
    tested = {
        parent
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == "unique_key"
        for parent in node["depends_on"]["nodes"]
    }
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] not in ("model", "seed"):
            continue
        assert node["description"].strip(), f"{node['name']} has no description"
        # One test on indicator_result holds for all indicators; `int_` models are steps of one.
        # One on identity_result likewise for all identities.
        if node["name"].startswith(("ind_", "int_", "dq_")) or _types_last_versions(node):
            continue
        assert unique_id in tested, f"{node['name']} has no unique_key test"


def test_last_versions_are_taken_by_the_key_of_their_contract(manifest: Manifest) -> None:
    """One row a key then holds by the primary key of landing, without reading the rows."""
    contracts = load_contracts(Settings().contracts_dir)
    views = [m for m in _models(manifest, "staging") if _types_last_versions(m)]
    assert views
    for view in views:
        ((table, keys),) = _LATEST.findall(view["raw_code"])
        found = ("org_code", *re.findall(r"'(\w+)'", keys))
        assert found == contracts[table].key, view["original_file_path"]


def _types_last_versions(node: Node) -> bool:
    """Whether a view types the last versions of a landing table and joins nothing that doubles."""
    code = re.sub(r"\{#.*?#\}|--[^\n]*", "", node.get("raw_code") or "", flags=re.DOTALL)
    return bool(_LATEST.search(code)) and not _MULTIPLIES.search(code)


def _core_of_landing() -> dict[str, dict[str, Any]]:
    """What the macro `core_of_landing` says, table by table."""
    said: list[dict[str, dict[str, Any]]] = []
    stubs = {"return": said.append, "month_of": str, "detect_date": lambda: "current_date"}
    text = (PROJECT / "macros" / "quality" / "core_of_landing.sql").read_text("utf-8")
    template = jinja2.Environment(autoescape=True).from_string(text, globals=stubs)
    template.module.core_of_landing()  # type: ignore[attr-defined]
    return {table: entry for group in said[0].values() for table, entry in group.items()}


def _sources_of(manifest: Manifest, name: str) -> set[str]:
    """Landing tables that a model descends from, and the models in between."""
    above: set[str] = set()
    waiting = [f"model.qinglian.{name}"]
    while waiting:
        unique_id = waiting.pop()
        node = manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]
        if unique_id not in above:
            above.add(unique_id)
            waiting += node.get("depends_on", {}).get("nodes", [])
    return {unique_id.split(".")[-1] for unique_id in above}


def test_core_answers_for_every_landed_table() -> None:
    contracts = load_contracts(Settings().contracts_dir)
    entries = _core_of_landing()
    assert set(entries) == set(contracts)
    for table, entry in entries.items():
        assert ("org_code", *entry["key"]) == contracts[table].key, table
        assert ("core" in entry) != ("not_in_core" in entry), table
        in_money = "amount" in entry or "not_in_core" in entry or table in WITH_OWN_TOTALS
        assert in_money or contracts[table].control_total is None, table


def test_every_fate_has_a_label() -> None:
    with (PROJECT / "seeds" / "code_label.csv").open(encoding="utf-8") as labels:
        named = {r["code"] for r in csv.DictReader(labels) if r["code_set"] == "row_fate"}
    stated = {
        fate for entry in _core_of_landing().values() for _, fate in entry.get("fates", ())
    } | {"landed", "superseded", "vanished", "due_in_core", "in_core", "not_in_core"}
    assert named == stated


def test_what_core_answers_with_comes_from_the_table(manifest: Manifest) -> None:
    """View and core model descend from it, and fates are judged by what is answered for as well."""
    entries = _core_of_landing()
    held = {entry["core"]["relation"] for entry in entries.values() if "core" in entry}
    views = {entry["rows"] for entry in entries.values() if "rows" in entry}
    refunds = {"stg_his__fee_refund", "stg_insurance__fee_refund"}
    for table, entry in entries.items():
        if "rows" in entry:
            view = manifest["nodes"][f"model.qinglian.{entry['rows']}"]
            assert {parent["name"] for parent in _parents(manifest, view)} >= {table}, table
        if "core" in entry:
            core = entry["core"]["relation"]
            assert _layer(manifest["nodes"][f"model.qinglian.{core}"]) == "core", table
            assert entry["rows"] in _sources_of(manifest, core), f"{core} does not read {table}"
        for join in entry.get("joins", []):
            assert join["relation"] in views | held | refunds | {"code_label"}, (table, join["as"])


def test_reasons_why_rows_are_not_in_core_are_true(manifest: Manifest) -> None:
    for table, entry in _core_of_landing().items():
        if "core" in entry:
            continue
        assert entry["not_in_core"].endswith("。") and entry["en"].endswith("."), table
        source = f"source.qinglian.land.{table}"
        readers = {
            name.split(".")[-1]
            for name in manifest["child_map"][source]
            if name != "model.qinglian.stg_ops__landed_key"
        }
        assert readers == ({entry["rows"]} if "rows" in entry else set()), table
        assert (entry["because"] == "unread") == (not readers), table
        if readers:
            children = manifest["child_map"][f"model.qinglian.{entry['rows']}"]
            reading = {name.split(".")[-1] for name in children if name.startswith("model.")}
            counting = {n for n in reading if n.startswith(("row_fate_", "source_"))}
            assert reading - counting == set(entry["read_by"]), table


def test_every_data_test_says_what_its_failure_means(manifest: Manifest) -> None:
    tests = [n for n in manifest["nodes"].values() if n["resource_type"] == "test"]
    assert tests
    for test in tests:
        assert test["description"].strip(), f"{test['name']} has no sentence for its reader"


#: Who reads a mart: those with names of staff are read by nobody else, and by what reads no other.
READERS = {"qinglian_reader", "qinglian_auditor"}
READERS_OF = {
    "lead_staff": {"qinglian_names"},
    "organisation": READERS | {"qinglian_names"},
}


def test_only_one_mart_has_names_of_staff(manifest: Manifest) -> None:
    """By what models read: a name that is carried on under another name is found in a city."""
    naming = {
        m["name"] for m in _models(manifest) if re.search(r"(doctor|staff)_name\b", m["raw_code"])
    }
    assert naming == {"stg_his__staff", "dim_doctor", "lead_staff"}
    (mart,) = [m for m in _models(manifest, "marts") if m["name"] == "lead_staff"]
    assert mart["schema"] == "names"
    assert "lead_staff" not in {
        node.split(".")[-1] for m in _models(manifest) for node in m["depends_on"]["nodes"]
    }


def test_marts_have_enforced_contracts_and_grants(manifest: Manifest) -> None:
    for mart in _models(manifest, "marts"):
        assert mart["config"]["contract"]["enforced"], mart["name"]
        assert set(mart["config"]["grants"]["select"]) == READERS_OF.get(mart["name"], READERS)
        for column in mart["columns"].values():
            assert column["description"], f"{mart['name']}.{column['name']} has no description"
            assert column["data_type"] != "numeric", (
                f"{mart['name']}.{column['name']}: write numeric(precision, scale) in full"
            )


def test_models_end_in_their_last_step_and_say_their_grain(manifest: Manifest) -> None:
    for model in _models(manifest):
        code = re.sub(r"\{%.*?%\}", "", model["raw_code"], flags=re.DOTALL).strip()
        last_line = code.splitlines()[-1].strip()
        assert re.fullmatch(r"select \* from \w+", last_line), f"{model['name']}: {last_line}"
        assert "-- Grain:" in code, f"{model['name']}: say its grain in a comment"


def test_indicator_metadata_is_complete(manifest: Manifest) -> None:
    indicators = _indicators(manifest)
    assert {m["name"] for m in indicators} == set(indicator_models(PROJECT))
    with (PROJECT / "seeds" / "code_label.csv").open(encoding="utf-8") as labels:
        concepts = {r["code"] for r in csv.DictReader(labels) if r["code_set"] == "concept"}
    seen: set[str] = set()
    for model in indicators:
        meta = model["config"]["meta"]
        missing = [key for key in REQUIRED_META if not meta.get(key)]
        assert not missing, f"{model['name']}: metadata lacks {', '.join(missing)}"
        assert meta["family"] in FAMILIES
        assert model["fqn"][2] == meta["family"], f"{model['name']} lies in another family's folder"
        assert meta["kind"] in {"D", "S", "R"}
        assert meta.get("evidence_gives", "sum") in {"sum", "largest", "complement"}
        assert meta["concept"] in concepts, f"{model['name']}: no label of {meta['concept']}"
        assert model["name"].startswith(f"ind_{meta['indicator_id'].lower()}_")
        assert meta["indicator_id"] not in seen, f"{meta['indicator_id']} is defined twice"
        seen.add(meta["indicator_id"])


def test_indicators_name_columns_that_the_contracts_have(manifest: Manifest) -> None:
    landing = {s["name"]: set(s["columns"]) for s in manifest["sources"].values()}
    for model in _indicators(manifest):
        meta = model["config"]["meta"]
        named = meta["required_columns"] | meta.get("optional_columns", {})
        for table, columns in named.items():
            if table.startswith("ref."):
                continue
            assert table in landing, f"{model['name']} names {table}, which no contract has"
            unknown = set(columns) - landing[table] - {"org_code"}
            assert not unknown, f"{model['name']} names {table}.{sorted(unknown)}: no contract"


def test_indicators_have_unit_tests(manifest: Manifest) -> None:
    tested = {name for t in manifest["unit_tests"].values() for name in t["depends_on"]["nodes"]}
    for model in _indicators(manifest):
        assert model["unique_id"] in tested, f"{model['name']} has no dbt unit test"


def test_every_identity_is_described_once_and_has_unit_tests(manifest: Manifest) -> None:
    tested = {name for t in manifest["unit_tests"].values() for name in t["depends_on"]["nodes"]}
    numbers = []
    for model in _models(manifest, "quality"):
        for identity in model["config"]["meta"].get("identities", []):
            numbers.append(identity["number"])
            assert model["unique_id"] in tested, f"{identity['id']} has no dbt unit test"
            assert identity["id"] == f"DQ{identity['number']}"
            for key in ("name_zh", "name_en", "dimension", "meaning_zh", "tolerance_zh", "checks"):
                assert identity.get(key), f"{identity['id']}: metadata lacks {key}"
    assert sorted(numbers) == list(range(1, 19))


def test_every_threshold_is_read(manifest: Manifest) -> None:
    """A value that nobody reads looks like a limit that holds; indicators to come may wait."""
    code = [str(m["raw_code"]) for m in _models(manifest)]
    own = (m for m in manifest["macros"].values() if m["package_name"] == "qinglian")
    code += [str(m["macro_sql"]) for m in own]
    built = {str(i["config"]["meta"]["indicator_id"]) for i in _indicators(manifest)}
    with (PROJECT / "seeds/threshold.csv").open(encoding="utf-8") as file:
        rows = {(row["indicator_id"], row["param"]) for row in csv.DictReader(file)}
    unread = {
        f"{indicator}.{param}"
        for indicator, param in rows
        if (indicator in built or not re.match(r"[A-Z]{2}\d{2}$", indicator))
        and not any(_reads(text, indicator, param) for text in code)
    }
    assert not unread, f"read by no model: {sorted(unread)}"


def _reads(code: str, indicator: str, param: str) -> bool:
    """Whether a model names both; checks of data quality go by their common parameter alone."""
    family = param.split("_", maxsplit=1)[0] + "_"
    named = f"'{param}'" in code or f"'{family}' ||" in code
    return named and (f"'{indicator}'" in code or indicator.startswith("DQ"))


def test_folders_have_a_readme() -> None:
    for layer in ("staging", "core", "peers", "indicators", "quality", "marts"):
        assert (Path(PROJECT) / "models" / layer / "README.md").is_file()
