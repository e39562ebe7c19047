"""The handbook says of each indicator what its model's metadata says."""

import json
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from qinglian.indicator_handbook import indicator_handbook

META: dict[str, Any] = {
    "indicator_id": "RX01",
    "rule_version": "1.0.0",
    "family": "prescribing",
    "name_zh": "单张处方品种数超标",
    "name_en": "More than five drugs on one prescription",
    "kind": "D",
    "grain": "doctor x month",
    "focus_area": "6",
    "topic": "合理用药",
    "formula_zh": "品种数大于 5",
    "legal_basis": "《处方管理办法》",
    "guards": [{"code": "solvents", "zh": "溶媒", "en": "solvents"}],
    "false_positives": "皮试液",
    "parameters": ["RX01.max_drugs"],
    "required_columns": {"his_rx": ["rx_id", "status"]},
    "author": "某人",
}
THRESHOLDS = (
    "indicator_id,param,scope,value,unit,source,verified_by\n"
    "RX01,max_drugs,*,5,种,[L:S10],\n"
    "RX02,max_days,outpatient,7,day,[L:S10],\n"
)


def _render(tmp_path: Path, *metas: dict[str, Any]) -> str:
    nodes: dict[str, Any] = {
        f"model.qinglian.{number}": {
            "resource_type": "model",
            "name": f"ind_{number}",
            "config": {"meta": meta},
        }
        for number, meta in enumerate(metas)
    }
    (tmp_path / "threshold.csv").write_text(THRESHOLDS, "utf-8")
    nodes["seed.qinglian.threshold"] = {
        "resource_type": "seed",
        "name": "threshold",
        "root_path": str(tmp_path),
        "original_file_path": "threshold.csv",
    }
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"nodes": nodes}), "utf-8")
    return indicator_handbook(manifest)


def test_an_indicator_is_described_in_both_languages(tmp_path: Path) -> None:
    text = _render(tmp_path, META)
    for expected in (
        "| [RX01](#rx01) | 单张处方品种数超标 More than five drugs on one prescription |",
        "`RX01.max_drugs` * = 5 种（[L:S10]；未核对 not verified）",
        "`solvents` 溶媒 solvents",
        "`his_rx`: rx_id, status",
        "待复核 to be reviewed",
    ):
        assert expected in text
    assert "max_days" not in text


def test_indicators_stand_in_order(tmp_path: Path) -> None:
    text = _render(tmp_path, META | {"indicator_id": "XS01"}, META)
    assert text.index("## RX01") < text.index("## XS01")


def test_missing_metadata_is_an_error(tmp_path: Path) -> None:
    without = {key: value for key, value in META.items() if key != "legal_basis"}
    with pytest.raises(UndefinedError, match="legal_basis"):
        _render(tmp_path, without)
