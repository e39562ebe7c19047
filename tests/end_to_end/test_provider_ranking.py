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
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from qinglian.settings import repository_root

SOURCE = repository_root() / "sources" / "examples" / "sources" / "medicare_claims.yaml"
FILES = ("inpatient.csv.gz", "outpatient.csv.gz", "beneficiary.csv.gz")
Ranking = list[dict[str, str]]


def rank(data: Path, folder: Path) -> Ranking:
    """Run the one command on `data` with its state in `folder`; the rows of its file."""
    environment = {
        **os.environ,
        "QINGLIAN_HOME": str(folder / "state"),
        "QINGLIAN_EXTERNAL_DATA": str(data),
    }
    command = [sys.executable, "-m", "qinglian.cli"]
    file = folder / "ranking.csv"
    try:
        run = [*command, "run", "--sources", str(SOURCE), "--date", "2026-11-22"]
        subprocess.run([*run, "--ranking", str(file)], env=environment, check=True, timeout=1200)
    finally:
        subprocess.run([*command, "down"], env=environment, check=True, capture_output=True)
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def ranking(external_data: Path) -> Iterator[Ranking]:
    with tempfile.TemporaryDirectory(prefix="qinglian-") as folder:
        yield rank(external_data, Path(folder))


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


def test_the_order_of_rows_changes_nothing(
    ranking: Ranking, external_data: Path, tmp_path: Path
) -> None:
    shuffled = tmp_path / "medicare_claims"
    shuffled.mkdir()
    for name in FILES:
        duckdb.sql(
            f"copy (select * from read_csv('{external_data}/medicare_claims/{name}',"
            " all_varchar = true) as line order by hash(line))"
            f" to '{shuffled / name}' (format csv, header, compression gzip)"
        )
    with tempfile.TemporaryDirectory(prefix="qinglian-") as folder:
        assert rank(tmp_path, Path(folder)) == ranking
