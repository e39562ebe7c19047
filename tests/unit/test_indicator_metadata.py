"""The metadata of the indicators: complete, and in step with the SQL beside it."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from qinglian.settings import repository_root

FOLDER = repository_root() / "dbt_project" / "models" / "indicators"
MODELS = sorted(FOLDER.glob("*/ind_*.sql"))
#: Rows of core that a lead can point to.
EVIDENCE = FOLDER.parent / "core" / "evidence_row.sql"
REQUIRED = (
    "indicator_id", "rule_version", "family", "concept", "name_zh", "name_en", "kind", "grain",
    "focus_area", "topic", "campaign_topic", "formula_zh", "formula_en", "explanation_zh",
    "legal_basis", "parameters", "required_columns", "guards", "missing_inputs", "false_positives",
    "author", "change_log",
)  # fmt: skip
SEEDS = repository_root() / "dbt_project" / "seeds"
#: What `marts.lead_listing` fills in.
PLACEHOLDERS = {
    *("subject", "period", "value", "threshold", "expected", "deviation", "n", "peer_n"),
    *("risk_gross", "risk_fund", "detail"),
}
#: Verdicts that no row of the output carries, and marks of a step before the verdict.
NOT_REASONS = {"fired", "clear", "no_limit", "counted", "excluded", "unknown"}
#: What an indicator saw before it judges: labels of `peer_group`, no reasons.
SIGNS = {
    row["code"]
    for row in csv.DictReader((SEEDS / "code_label.csv").read_text("utf-8").splitlines())
    if row["code_set"] in ("bid_sign", "interest_sign")
}
#: Steps that reach a verdict for the indicators that read them.
VERDICT_STEPS = (
    "int_product_growth",
    "int_product_verdict",
    "int_rate_verdict",
    "int_list_difference",
)


def metadata(model: Path) -> dict[str, Any]:
    content = yaml.safe_load(model.with_suffix(".yml").read_text("utf-8"))
    (own,) = [entry for entry in content["models"] if entry["name"] == model.stem]
    meta: dict[str, Any] = own["config"]["meta"]
    return meta


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.stem)
class TestIndicator:
    def test_metadata_is_complete(self, model: Path) -> None:
        meta = metadata(model)
        assert [field for field in REQUIRED if not meta.get(field)] == []
        assert meta["kind"] in ("D", "S", "R")
        assert model.stem.startswith(f"ind_{meta['indicator_id'].lower()}_")
        assert meta["family"] == model.parent.name
        assert {"reviewer", "reviewed_on"} <= meta.keys()

    def test_version_is_that_of_the_sql_and_of_the_last_change(self, model: Path) -> None:
        meta = metadata(model)
        assert f"'{meta['indicator_id']}', '{meta['rule_version']}'," in model.read_text("utf-8")
        assert meta["change_log"][-1].startswith(f"{meta['rule_version']}:")

    def test_thresholds_that_the_sql_reads_are_named(self, model: Path) -> None:
        meta = metadata(model)
        steps = re.findall(r"ref\('(int_\w+)'\)", model.read_text("utf-8"))
        texts = [model, *(path for step in steps for path in FOLDER.rglob(f"{step}.sql"))]
        read = {
            f"{indicator}.{param}"
            for text in texts
            for indicator, param in re.findall(
                r"threshold_join\(\s*'\w+',\s*'(\w+)',\s*'(\w+)'", text.read_text("utf-8")
            )
        }
        assert read <= set(meta["parameters"])

    def test_control_limits_are_explained(self, model: Path) -> None:
        meta = metadata(model)
        limits = meta.get("control_limits", {})
        has_limits = "limits=true" in model.read_text("utf-8")
        if has_limits or meta["kind"] == "S":
            assert limits.get("zh") and limits.get("en")
        assert not has_limits or "ALL.funnel_z" in meta["parameters"]

    def test_its_sentences_can_be_filled_in(self, model: Path) -> None:
        meta = metadata(model)
        own = meta.get("explanations_zh", {})
        for sentence in (meta["explanation_zh"], *own.values()):
            found = re.findall(r"{(\w+)(?::(money|percent|points))?}", sentence)
            assert {name for name, _ in found} <= PLACEHOLDERS, sentence
            assert not {name for name, form in found if form} & {"subject", "period", "detail"}, (
                sentence
            )
            assert len(found) == sentence.count("{") == sentence.count("}"), sentence
            assert not re.search(r"{\w+} ?元", sentence), "an amount shows its cents"
        text = model.read_text("utf-8")
        assert all(f"'{subject_type}'" in text for subject_type in own)

    def test_rows_that_it_points_to_can_be_shown(self, model: Path) -> None:
        """Else a lead lists keys without content, as if the rows had been reversed."""
        shown = re.findall(r"'table': '(\w+)'", EVIDENCE.read_text("utf-8"))
        steps = re.findall(r"ref\('(int_\w+)'\)", model.read_text("utf-8"))
        texts = [model, *(path for step in steps for path in FOLDER.rglob(f"{step}.sql"))]
        named = {
            table
            for text in texts
            for table in re.findall(r"'(\w+)' as source_table", text.read_text("utf-8"))
        }
        assert named <= set(shown)

    def test_every_reason_in_the_sql_is_explained(self, model: Path) -> None:
        meta = metadata(model)
        explained = {entry["code"] for entry in meta["guards"] + meta["missing_inputs"]}
        assert all(entry["zh"] and entry["en"] for entry in meta["guards"] + meta["missing_inputs"])
        text = model.read_text("utf-8")
        steps = [path for s in VERDICT_STEPS if s in text for path in FOLDER.rglob(f"{s}.sql")]
        verdicts = {
            verdict
            for path in (model, *steps)
            for verdict in re.findall(
                r"then '(\w+)'", path.read_text("utf-8").split(" as verdict")[0]
            )
        }
        assert verdicts - NOT_REASONS - SIGNS <= explained


def test_complaints_are_no_required_input_of_denied_stays() -> None:
    """They only guard: a hospital without a complaint is not blind."""
    meta = metadata(FOLDER / "cross_system" / "ind_xs13_denied_stay.sql")
    assert "sv_complaint" in meta["optional_columns"]
    assert "sv_complaint" not in meta["required_columns"]
