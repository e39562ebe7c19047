"""`qinglian run` over data that nobody here wrote: one command, leads, reasons and a ranking.

What is wrong with the ranking would send inspectors to a hospital for its size, or to another one
every night.
"""

import csv
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from parsed_project import begin_with_parsed_project

from qinglian.run import write_ranking
from qinglian.settings import Settings, repository_root
from qinglian.warehouse.server import Server

SOURCES = repository_root() / "sources" / "examples" / "sources"
DAY = ("--date", "2026-11-22")
CLAIMS = ("yb_mdtrt_d", "yb_setl_d", "yb_setl_list_diag_d")
#: The heads of the files, and claims of every fourth provider.
_PART_OF_PROVIDERS = re.compile(r'"Provider"|"PRV\d{3}[02468][048]"|"PRV\d{3}[13579][26]"')
Ranking = list[dict[str, str]]


@dataclass(frozen=True)
class Installation:
    """Where the one command ran: its state and what it wrote."""

    folder: Path
    environment: dict[str, str]

    def command(self, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "qinglian.cli", *arguments],
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def ranking(self) -> Ranking:
        """The rows of the ranking's file that are of the Medicare claims."""
        with (self.folder / "ranking.csv").open(encoding="utf-8", newline="") as lines:
            return [row for row in csv.DictReader(lines) if row["cohort"] == "medicare_claims"]


@pytest.fixture(scope="module")
def external_data(external_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of others with one in four of the insurer's 1,353 providers.

    What a month of a hospital costs in tables of quality and coverage, the others cost again.
    """
    part = tmp_path_factory.mktemp("external")
    shutil.copytree(external_data, part, dirs_exist_ok=True)
    for path in (part / "medicare_claims").glob("*patient.csv.gz"):
        path.chmod(0o600)
        path.unlink()
        claims = external_data / "medicare_claims" / path.name
        with gzip.open(claims, "rt") as every, gzip.open(path, "wt", compresslevel=1) as some:
            some.writelines(line for line in every if _PART_OF_PROVIDERS.search(line))
    return part


@pytest.fixture(scope="module")
def installation(external_data: Path) -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="qinglian-") as name:
        folder = Path(name)
        environment = {
            **os.environ,
            "QINGLIAN_HOME": str(folder / "state"),
            "QINGLIAN_EXTERNAL_DATA": str(external_data),
        }
        installation = Installation(folder, environment)
        try:
            begin_with_parsed_project(
                folder / "state" / "dbt", Server.open(Settings(home=folder / "state"))
            )
            file = str(folder / "ranking.csv")
            run = ("run", "--sources", str(SOURCES), *DAY, "--ranking", file, "--json")
            (folder / "report.json").write_text(installation.command(*run), "utf-8")
            yield installation
        finally:
            installation.command("down")


@pytest.fixture(scope="module")
def report(installation: Installation) -> Any:
    """What the command printed."""
    return json.loads((installation.folder / "report.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def ranking(installation: Installation) -> Ranking:
    return installation.ranking()


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
    assert 0 < judged < concentration["evaluated"]
    # One company alone won an auction of thirteen items: that is one order and no market yet.
    assert concentration["red"] + concentration["yellow"] == 0
    # A year with purchases is judged or says why not; only months without any lack the table.
    assert {"missing_table:pr_order", "below_volume", "missing_company"} == {
        reason for reason, _ in concentration["reasons"]
    }


def test_every_awarded_item_is_looked_at_though_nobody_dates_the_opening_of_its_bids(
    report: Any, external_data: Path
) -> None:
    awarded = sum(1 for item in _rio_items(external_data) if item["awards"])
    assert indicators(report, "ocds_rio")["PR05"]["evaluated"] == awarded


def test_a_company_is_one_supplier_wherever_it_bids(
    installation: Installation, external_data: Path
) -> None:
    numbers = {
        bid["tenderers"][0]["id"]
        for item in _rio_items(external_data)
        for bid in item["bids"]["details"]
    }
    with Server.open(Settings(home=installation.folder / "state")).connect("superuser") as reader:
        found = reader.execute(
            "select count(distinct supplier_id) from core.dim_supplier"
            " where org_code in (select org_code from land.pr_bid)"
        ).fetchone()
    assert found == (len(numbers),)


def _rio_items(external_data: Path) -> list[dict[str, Any]]:
    with gzip.open(external_data / "ocds_rio" / "bids_health.jsonl.gz", "rt") as file:
        return [{"awards": [], **json.loads(line)} for line in file]


def test_what_an_input_cannot_support_is_not_computable_with_its_reason(report: Any) -> None:
    for indicator in report["indicators"]:
        if indicator["evaluated"] == 0 or indicator["not_computable"] == indicator["evaluated"]:
            assert indicator["reasons"], f"{indicator['source_id']} {indicator['indicator_id']}"
            assert indicator["red"] + indicator["yellow"] == 0
    assert "missing_table:yb_price_limit" in dict(indicators(report, "synthea")["BL03"]["reasons"])


def test_every_provider_is_ranked_once(ranking: Ranking, external_data: Path) -> None:
    claims = duckdb.sql(
        "select Provider, count(*) from"
        f" read_csv('{external_data}/medicare_claims/*patient.csv.gz', union_by_name = true,"
        " all_varchar = true) group by 1"
    ).fetchall()
    assert {row["org_code"]: int(row["claims"]) for row in ranking} == dict(claims)
    for place in ("score_rank", "priority_rank"):
        assert sorted(int(row[place]) for row in ranking) == list(range(1, len(ranking) + 1))


def test_thin_providers_have_no_score_but_a_reason(ranking: Ranking) -> None:
    thin = [row for row in ranking if int(row["claims"]) < 20]
    assert thin
    assert {(row["state"], row["reason"], float(row["score"])) for row in thin} == {
        ("not_computable", "below_volume", 0.0)
    }
    assert {row["state"] for row in ranking if int(row["claims"]) >= 20} == {"ranked"}


def test_size_does_not_make_the_score(ranking: Ranking) -> None:
    """Neither the number of claims nor that of patients says much of the score."""
    ranked = [row for row in ranking if row["state"] == "ranked"]
    ranks = pd.DataFrame(ranked)[["score", "claims", "persons"]].astype(float).rank()
    for size in ("claims", "persons"):
        assert abs(ranks["score"].corr(ranks[size])) < 0.2
    # Some of the ten first are smaller than most.
    middle = sorted(int(row["claims"]) for row in ranked)[len(ranked) // 2]
    first = sorted(ranked, key=lambda row: int(row["score_rank"]))[:10]
    assert any(int(row["claims"]) < middle for row in first)
    assert all(row["reasons_zh"] for row in first)


def test_the_order_of_rows_changes_nothing(installation: Installation, ranking: Ranking) -> None:
    server = Server.open(Settings(home=installation.folder / "state"))
    with server.connect("superuser") as connection:
        for table in CLAIMS:
            connection.execute(
                f"create temp table shuffled as select * from land.{table} order by _row_hash;"
                f" truncate land.{table};"
                f" insert into land.{table} select * from shuffled; drop table shuffled"
            )
    installation.command("dbt", *DAY, "run", "--full-refresh", "--select", "+provider_score")
    with server.connect("transformer") as connection:
        write_ranking(connection, ["medicare_claims"], installation.folder / "ranking.csv")
    assert installation.ranking() == ranking
