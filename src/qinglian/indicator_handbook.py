"""The indicator handbook (docs/indicators.md), rendered from what the indicator models say."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

_TEMPLATE = "indicators.md.j2"
_FAMILIES = {
    "prescribing": "处方 prescribing",
    "billing": "收费 billing",
    "procurement": "采购 procurement",
    "cross_system": "跨系统 cross-system",
}
_KINDS = {"D": "规则 deterministic", "S": "统计 statistical", "R": "对账 reconciliation"}
_OPTIONAL: dict[str, Any] = {
    "formula_en": "",
    "guards": [],
    "missing_inputs": [],
    "optional_columns": {},
    "parameters": [],
    "reviewer": "",
    "reviewed_on": "",
}


def indicator_metadata(manifest_path: Path) -> list[dict[str, Any]]:
    """Metadata of all indicator models of a dbt manifest, ordered by indicator."""
    nodes = json.loads(manifest_path.read_text("utf-8"))["nodes"].values()
    found = [
        _OPTIONAL | node["config"]["meta"]
        for node in nodes
        if node["resource_type"] == "model" and node["name"].startswith("ind_")
    ]
    return sorted(found, key=lambda meta: str(meta["indicator_id"]))


def indicator_handbook(manifest_path: Path) -> str:
    """The handbook of a parsed project as Markdown, in Chinese and English."""
    return render_handbook(indicator_metadata(manifest_path), _thresholds(manifest_path))


def render_handbook(
    metadata: Sequence[Mapping[str, Any]], thresholds: Sequence[Mapping[str, str]]
) -> str:
    """The handbook of these indicators.

    `thresholds` are rows of the seed; an indicator shows those that its `parameters` name
    (``RX01.max_drugs``).
    """
    indicators = [
        {**meta, "thresholds": _of_parameters(thresholds, meta["parameters"])} for meta in metadata
    ]
    environment = Environment(  # noqa: S701 (Markdown for a repository, no HTML from users)
        loader=PackageLoader("qinglian"), undefined=StrictUndefined, keep_trailing_newline=True
    )
    template = environment.get_template(_TEMPLATE)
    return template.render(indicators=indicators, families=_FAMILIES, kinds=_KINDS)


def _thresholds(manifest_path: Path) -> list[dict[str, str]]:
    seed = json.loads(manifest_path.read_text("utf-8"))["nodes"]["seed.qinglian.threshold"]
    path = Path(seed["root_path"]) / seed["original_file_path"]
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _of_parameters(
    thresholds: Sequence[Mapping[str, str]], parameters: Sequence[str]
) -> list[Mapping[str, str]]:
    return [t for t in thresholds if f"{t['indicator_id']}.{t['param']}" in parameters]
