"""Screens and score on bids of proven cartels: the published columns, and what the score finds."""

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from qinglian.evaluation.collusion import CollusionReport, Figure, evaluate_collusion
from qinglian.evaluation.ranking import roc_auc
from qinglian.screens.price import price_screens

#: The columns that are right in the published files; DIFFP and RD are not, see docs/collusion.md.
PUBLISHED = {"CV": "cv", "SPD": "spd", "KURT": "kurt", "SKEW": "skew", "KSTEST": "kstest"}


@pytest.fixture(scope="module")
def collusion(external_data: Path) -> Path:
    folder = external_data / "collusion"
    if not folder.is_dir():
        pytest.skip(f"bids of proven cartels are not on this machine ({folder})")
    return folder


@pytest.fixture(scope="module")
def ticino(collusion: Path) -> CollusionReport:
    return evaluate_collusion(collusion / "ticino.csv")


@pytest.fixture(scope="module")
def brazil(collusion: Path) -> CollusionReport:
    return evaluate_collusion(collusion / "brazil.csv")


@pytest.mark.parametrize(("market", "tenders"), [("ticino", 223), ("brazil", 101)])
def test_screens_equal_the_published_ones(collusion: Path, market: str, tenders: int) -> None:
    with (collusion / f"{market}.csv").open(encoding="utf-8") as file:
        rows = defaultdict(list)
        for row in csv.DictReader(file):
            rows[row["Tender"]].append(row)
    several = {tender: own for tender, own in rows.items() if len(own) > 1}
    assert len(several) == tenders
    for tender, own in several.items():
        screens = price_screens(np.array([float(row["Bid_value"]) for row in own]))
        for column, name in PUBLISHED.items():
            # Published with four decimals, and 0 where there are too few bids.
            value = 0.0 if np.isnan(screens[name]) else screens[name]
            assert abs(value - float(own[0][column])) < 0.00006, (tender, column)


def _last(report: CollusionReport, kind: str, name: str) -> Figure:
    (found,) = (m for m in report.measured if (m.kind, m.name) == (kind, name))
    assert found.figures[-1].min_bids == 4
    return found.figures[-1]


def _auc(report: CollusionReport, kind: str, name: str) -> float:
    auc = _last(report, kind, name).roc_auc
    assert auc is not None
    return auc


def test_the_score_finds_the_cartel_of_ticino(ticino: CollusionReport) -> None:
    assert (ticino.tenders, ticino.bids, ticino.collusive) == (224, 1629, 184)
    assert _last(ticino, "score", "score").without_value == 0
    assert _auc(ticino, "score", "score") >= 0.90


def test_the_score_finds_the_cartel_of_brazil(brazil: CollusionReport) -> None:
    assert (brazil.tenders, brazil.bids, brazil.collusive) == (101, 683, 33)
    assert _last(brazil, "score", "score").without_value == 0
    assert _auc(brazil, "score", "score") >= 0.85


def test_the_score_beats_the_naive_orders(ticino: CollusionReport, brazil: CollusionReport) -> None:
    for report in (ticino, brazil):
        for baseline in ("number_of_bids", "total_value", "mean_value"):
            assert _auc(report, "score", "score") > _auc(report, "baseline", baseline)


def test_the_corrected_distance_finds_more_than_the_published_one(
    collusion: Path, ticino: CollusionReport
) -> None:
    published, labels = [], []
    with (collusion / "ticino.csv").open(encoding="utf-8") as file:
        for row in {row["Tender"]: row for row in csv.DictReader(file)}.values():
            if int(row["Number_bids"]) >= 4:
                published.append(float(row["RD"]))
                labels.append(float(row["Collusive_competitor"]) > 0)
    before = roc_auc(np.array(published), np.array(labels))
    assert before is not None
    assert before < 0.7
    assert _auc(ticino, "screen", "rd") > 0.9
