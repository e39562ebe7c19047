"""Chinese labels of the marts' values beside their English ones, from where each pair is kept."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from qinglian.contracts.read import load_contracts

#: Of two labels that read the same in Chinese the first one counts.
Labels = dict[str, str]


def value_labels(root: Path) -> dict[str, Labels]:
    """List of labels by name; those of code_label.csv by code set. `root` is the checkout."""
    project = root / "dbt_project"
    lists: dict[str, Labels] = {}
    for row in _rows(project / "seeds" / "code_label.csv"):
        _add(lists, row["code_set"], row["label_zh"], row["label_en"])
    for row in _rows(project / "seeds" / "provider_measure.csv"):
        _add(lists, "provider_concept", row["concept_zh"], row["concept_en"])
        _add(lists, "provider_measure", row["measure_zh"], row["measure_en"])
    for meta in _metadata(project / "models" / "indicators"):
        if "indicator_id" in meta:
            _add_indicator(lists, meta)
    for meta in _metadata(project / "models" / "quality"):
        for identity in meta.get("identities", []):
            _add(lists, "identity", identity["name_zh"], identity["name_en"])
    for contract in load_contracts(root / "expectations").values():
        _add(lists, "table", contract.name_zh, contract.name_en)
    return lists | _composed(lists)


def _add_indicator(lists: dict[str, Labels], meta: Mapping[str, Any]) -> None:
    number, name_zh, name_en = (str(meta[k]) for k in ("indicator_id", "name_zh", "name_en"))
    _add(lists, "indicator", name_zh, name_en)
    _add(lists, "numbered_indicator", f"{number} {name_zh}", f"{number} {name_en}")
    for reason in (*meta.get("missing_inputs", []), *meta.get("guards", [])):
        _add(lists, "indicator_reason", reason["zh"], reason["en"])


def _composed(lists: Mapping[str, Labels]) -> dict[str, Labels]:
    """Labels that the marts put together from others."""
    sources = lists["source_table"]
    groups = dict(lists["level_group"]) | lists["org_type"]
    for level, level_en in lists["level_group"].items():
        for kind, kind_en in lists["org_type"].items():
            groups[level + kind] = f"{level_en}, {kind_en}"
    return {
        "missing_table": {
            f"缺少数据表：{zh}": f"Table missing: {en}" for zh, en in sources.items()
        },
        "bracketed_source": {f"（{zh}）": f"({en})" for zh, en in sources.items()},
        "peer_group": groups,
    }


def _add(lists: dict[str, Labels], name: str, chinese: str, english: str) -> None:
    lists.setdefault(name, {}).setdefault(chinese, english)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _metadata(folder: Path) -> Iterator[dict[str, Any]]:
    """Metadata of the models that the YAML files of a folder describe."""
    for path in sorted(folder.rglob("*.yml")):
        for model in yaml.load(path.read_text("utf-8"), Loader=_LOADER).get("models", []):  # noqa: S506
            yield model.get("config", {}).get("meta", {})


#: Reads as yaml.safe_load does, ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
