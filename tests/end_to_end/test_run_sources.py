"""`qinglian run` over data that nobody here wrote: one command ends in leads and reasons."""

import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from qinglian.settings import repository_root

SOURCES = repository_root() / "sources" / "examples" / "sources"


@pytest.fixture(scope="module")
def report(external_data: Path) -> Any:
    """What the command printed, in a state folder of its own."""
    with tempfile.TemporaryDirectory(prefix="qinglian-") as folder:
        environment = {
            **os.environ,
            "QINGLIAN_HOME": str(Path(folder) / "state"),
            "QINGLIAN_EXTERNAL_DATA": str(external_data),
        }
        command = [sys.executable, "-m", "qinglian.cli"]
        try:
            run = [*command, "run", "--sources", str(SOURCES), "--date", "2026-11-22", "--json"]
            done = subprocess.run(
                run, env=environment, check=True, stdout=subprocess.PIPE, text=True
            )
            yield json.loads(done.stdout)
        finally:
            subprocess.run([*command, "down"], env=environment, check=True, capture_output=True)


def indicators(report: Any, source_id: str) -> dict[str, Any]:
    return {i["indicator_id"]: i for i in report["indicators"] if i["source_id"] == source_id}


def test_every_source_comes_in_and_its_rows_add_up(report: Any) -> None:
    assert report["failures"] == []
    assert {r["source_id"] for r in report["ingested"]} == {
        path.stem for path in SOURCES.glob("*.yaml")
    }
    for table in (table for run in report["ingested"] for table in run["tables"]):
        landed = table["loaded"] + table["quarantined"] + table["duplicates"] + table["unchanged"]
        assert table["extracted"] == landed, table


def test_every_stay_of_the_insurer_is_evaluated_and_some_are_leads(
    report: Any, external_data: Path
) -> None:
    with gzip.open(external_data / "medicare_claims" / "inpatient.csv.gz", "rt") as file:
        stays = sum(1 for _ in file) - 1
    split_admission = indicators(report, "medicare_claims")["BL06"]
    assert split_admission["evaluated"] == stays
    assert 0 < split_admission["red"] + split_admission["yellow"] < stays / 100


def test_concentration_of_purchases_is_judged_and_thin_markets_are_not(report: Any) -> None:
    concentration = indicators(report, "ocds_rio")["PR01"]
    judged = concentration["evaluated"] - concentration["not_computable"]
    assert 0 < concentration["red"] + concentration["yellow"] <= judged < concentration["evaluated"]
    # A year with purchases is judged or says why not; only months without any lack the table.
    assert {"missing_table:pr_order", "below_volume", "missing_company"} == {
        reason for reason, _ in concentration["reasons"]
    }


def test_what_an_input_cannot_support_is_not_computable_with_its_reason(report: Any) -> None:
    for indicator in report["indicators"]:
        if indicator["evaluated"] == 0 or indicator["not_computable"] == indicator["evaluated"]:
            assert indicator["reasons"], f"{indicator['source_id']} {indicator['indicator_id']}"
            assert indicator["red"] + indicator["yellow"] == 0
    assert "missing_table:yb_price_limit" in dict(indicators(report, "synthea")["BL03"]["reasons"])
