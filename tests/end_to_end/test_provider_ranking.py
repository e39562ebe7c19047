"""The ranking of providers from claims alone, over data that nobody here wrote.

One command in a state folder of its own: what is wrong here would send inspectors to a hospital for
its size, or to another one every night.
"""

import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from qinglian.run import write_ranking
from qinglian.settings import Settings, repository_root
from qinglian.warehouse.server import Server

SOURCE = repository_root() / "sources" / "examples" / "sources" / "medicare_claims.yaml"
TABLES = ("yb_mdtrt_d", "yb_setl_d", "yb_setl_list_diag_d")
DAY = ("--date", "2026-11-22")
Ranking = list[dict[str, str]]


@dataclass(frozen=True)
class Insurer:
    """An installation that holds the claims, and the file that the one command wrote."""

    folder: Path
    environment: dict[str, str]

    def command(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "qinglian.cli", *arguments],
            env=self.environment,
            check=True,
            timeout=1200,
        )

    def ranking(self) -> Ranking:
        with (self.folder / "ranking.csv").open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def insurer(external_data: Path) -> Iterator[Insurer]:
    with tempfile.TemporaryDirectory(prefix="qinglian-") as name:
        folder = Path(name)
        environment = {
            **os.environ,
            "QINGLIAN_HOME": str(folder / "state"),
            "QINGLIAN_EXTERNAL_DATA": str(external_data),
        }
        insurer = Insurer(folder, environment)
        try:
            file = str(folder / "ranking.csv")
            insurer.command("run", "--sources", str(SOURCE), *DAY, "--ranking", file)
            yield insurer
        finally:
            insurer.command("down")


@pytest.fixture(scope="module")
def ranking(insurer: Insurer) -> Ranking:
    return insurer.ranking()


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
    # Some of the thirty first are smaller than most.
    middle = sorted(int(row["claims"]) for row in ranked)[len(ranked) // 2]
    first = sorted(ranked, key=lambda row: int(row["score_rank"]))[:30]
    assert any(int(row["claims"]) < middle for row in first)
    assert all(row["reasons_zh"] for row in first)


def test_the_order_of_rows_changes_nothing(insurer: Insurer, ranking: Ranking) -> None:
    server = Server.open(Settings(home=insurer.folder / "state"))
    with server.connect("superuser") as connection:
        for table in TABLES:
            connection.execute(
                f"create temp table shuffled as select * from land.{table}"
                f" order by md5(_row_key), _batch_id;"
                f" truncate land.{table};"
                f" insert into land.{table} select * from shuffled; drop table shuffled"
            )
    insurer.command("dbt", *DAY, "run", "--full-refresh", "--select", "+provider_score")
    with server.connect("transformer") as connection:
        write_ranking(connection, ["medicare_claims"], insurer.folder / "ranking.csv")
    assert insurer.ranking() == ranking
