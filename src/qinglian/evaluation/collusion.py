"""The collusion score and every screen measured against the labels of a market.

The labels are read here and nowhere else: `score_market` takes a `Market`, which has none.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qinglian.evaluation.ranking import average_precision, roc_auc
from qinglian.screens.market import (
    COLUMNS,
    Market,
    MarketFileError,
    find_column,
    is_missing,
    read_market,
    read_rows,
)
from qinglian.screens.price import Floats
from qinglian.screens.report import MarketScreens, screen_market
from qinglian.screens.score import COMPONENTS, MarketScores, score_market

LABEL_COLUMNS = ("collusivecompetitor", "collusive", "cartel", "label")
#: Tenders are judged with at least so many recorded bids; the last is what is compared elsewhere.
MIN_BIDS = (2, 3, 4)
CONTEXTS = ("time", "bidders", "place")
#: Where theory puts cartels: low for these screens, high for all others.
LOW_SCREENS = ("cv", "spd", "cv_losing", "skew")

_RESAMPLES, _SEED = 300, 20260101
Labels = NDArray[np.bool_]


@dataclass(frozen=True)
class Figure:
    """How well one order finds the collusive tenders among those with at least `min_bids` bids.

    `tenders`, `collusive`: those that have a value, out of all that are asked for. The intervals
    hold 95 % of 300 resamples of the tenders; None without both kinds of tender.
    """

    min_bids: int
    tenders: int
    collusive: int
    without_value: int
    roc_auc: float | None
    roc_auc_interval: tuple[float, float] | None
    average_precision: float | None
    average_precision_interval: tuple[float, float] | None


@dataclass(frozen=True)
class Measured:
    """One order of the tenders: `kind` is score, without, component, screen, group or baseline."""

    kind: str
    name: str
    direction: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class CollusionReport:
    """What the orders find in one market, and on which data.

    `unlabelled`: tenders left out since no bid of theirs has a label. `mixed`: tenders whose bids
    differ in label; such a tender counts as collusive.
    """

    file: str
    columns: Mapping[str, str]
    label_column: str
    tenders: int
    bids: int
    bids_without_price: int
    tenders_without_date: int
    collusive: int
    unlabelled: int
    mixed: int
    score_variances: Mapping[str, float]
    score_time_range: float | None
    measured: tuple[Measured, ...]

    @property
    def base_rate(self) -> float:
        """Share of collusive tenders among those with a label."""
        return self.collusive / (self.tenders - self.unlabelled)

    def to_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`."""
        return {**asdict(self), "base_rate": self.base_rate}


def evaluate_collusion(path: Path, ablation: bool = False) -> CollusionReport:
    """Measure score, screens and naive orders against the labels in a file of bids.

    `ablation`: also the score without each of its components and contexts. Raises
    `MarketFileError` for a file that cannot be used, or in which all tenders have one label.
    """
    market = read_market(path)
    label_column, labels = read_labels(path)
    screens = screen_market(market)
    marks = [labels.get(tender.tender_id, frozenset()) for tender in market.tenders]
    known = np.array([bool(mark) for mark in marks])
    collusive = np.array([True in mark for mark in marks])
    if len(np.unique(collusive[known])) < 2:  # noqa: PLR2004
        raise MarketFileError(
            f"{path}, column {label_column}: all tenders have the same label, nothing can be "
            "measured; a file with collusive and with competitive tenders is needed"
        )
    orders = _orders(screens) + (_without(market) if ablation else [])
    bids = np.array([len(tender.prices) for tender in market.tenders])
    return CollusionReport(
        file=str(path),
        columns=market.columns,
        label_column=label_column,
        tenders=len(market.tenders),
        bids=market.bids,
        bids_without_price=market.unusable_prices,
        tenders_without_date=market.undated_tenders,
        collusive=int(collusive[known].sum()),
        unlabelled=int((~known).sum()),
        mixed=sum(len(mark) > 1 for mark in marks),
        score_variances=screens.scores.variances,
        score_time_range=screens.scores.time_range,
        measured=tuple(
            Measured(
                kind,
                name,
                direction,
                tuple(
                    _figure(values, collusive, known & (bids >= least), least)
                    for least in (MIN_BIDS[-1:] if kind == "group" else MIN_BIDS)
                ),
            )
            for kind, name, direction, values in orders
        ),
    )


def read_labels(path: Path) -> tuple[str, dict[str, frozenset[bool]]]:
    """The label column, and the labels of each tender's bids; empty where none is stated."""
    rows, names = read_rows(path)
    column = find_column(names, LABEL_COLUMNS)
    tender_column = find_column(names, COLUMNS["tender"])
    if column is None or tender_column is None:
        raise MarketFileError(
            f"{path}: no column for the label; name one 'Collusive_competitor' with 1 for "
            f"collusive and 0 for competitive. Columns: {', '.join(names)}"
        )
    labels: dict[str, set[bool]] = {}
    for number, row in enumerate(rows, start=2):
        own = labels.setdefault(row[tender_column], set())
        text = row[column]
        if not is_missing(text):
            own.add(_label(path, number, column, text))
    return column, {tender: frozenset(own) for tender, own in labels.items()}


def _label(path: Path, number: int, column: str, text: str) -> bool:
    if text.lower() in {"1", "1.0", "true", "yes"}:
        return True
    if text.lower() in {"0", "0.0", "false", "no"}:
        return False
    raise MarketFileError(
        f"{path}, row {number}, column {column}: {text!r} is no label; "
        "write 1 for collusive, 0 for competitive, nothing for unknown"
    )


Order = tuple[str, str, str, Floats]


def _orders(screens: MarketScreens) -> list[Order]:
    """Every order that is measured, the value high where collusion is expected."""
    tenders, scores = screens.market.tenders, screens.scores
    orders: list[Order] = [("score", "score", "high", _values(scores))]
    for name in scores.components:
        own = [score.percentiles.get(name, np.nan) for score in scores.tenders]
        orders.append(("component", name, "high", np.array(own)))
    for context in scores.variances:
        if context != "noise":
            own = [score.surroundings[context] for score in scores.tenders]
            orders.append(("component", context, "high", np.array(own)))
    for name, values in screens.screens.items():
        orders.append(_oriented("screen", name, name, values))
    for name in ("arithmetic", "geometric"):
        chances = [getattr(regular, f"p_{name}") for regular in screens.regularity]
        values = -np.array(chances, dtype=float)
        orders.append(("screen", f"regular_{name}_p", "low", values))
    orders.append(("screen", "identical_pairs", "high", np.array(screens.identical, dtype=float)))
    if screens.excess is not None:
        orders.append(("screen", "co_bidding_excess", "high", screens.excess))
    for name, values in screens.subgroups.items():
        orders.append(_oriented("group", name, name.rsplit("_", 2)[0], values))
    baselines: Mapping[str, Callable[[Floats], float]] = {
        "number_of_bids": lambda prices: float(len(prices)),
        "total_value": lambda prices: float(prices.sum()),
        "mean_value": lambda prices: float(prices.mean()),
    }
    for name, value in baselines.items():
        own = [value(tender.prices) for tender in tenders]
        orders.append(("baseline", name, "high", np.array(own)))
    return orders


def _oriented(kind: str, name: str, screen: str, values: Floats) -> Order:
    low = screen in LOW_SCREENS
    return kind, name, "low" if low else "high", -values if low else values


def _without(market: Market) -> list[Order]:
    parts = [*((part,) for part in (*COMPONENTS, *CONTEXTS)), CONTEXTS]
    return [
        ("without", " ".join(part), "high", _values(score_market(market, part))) for part in parts
    ]


def _values(scores: MarketScores) -> Floats:
    return np.array([np.nan if own.score is None else own.score for own in scores.tenders])


def _figure(values: Floats, collusive: Labels, asked: Labels, min_bids: int) -> Figure:
    used = asked & np.isfinite(values)
    scores, labels = values[used], collusive[used]
    auc_interval, precision_interval = _intervals(scores, labels)
    return Figure(
        min_bids,
        tenders=int(used.sum()),
        collusive=int(labels.sum()),
        without_value=int(asked.sum() - used.sum()),
        roc_auc=roc_auc(scores, labels),
        roc_auc_interval=auc_interval,
        average_precision=average_precision(scores, labels),
        average_precision_interval=precision_interval,
    )


Interval = tuple[float, float] | None


def _intervals(scores: Floats, labels: Labels) -> tuple[Interval, Interval]:
    """Intervals of ROC-AUC and average precision; each kind of tender is resampled by itself."""
    if labels.all() or not labels.any():
        return None, None
    draw = np.random.default_rng(_SEED)
    drawn = np.zeros((_RESAMPLES, len(labels)), dtype=np.int64)
    for kind in (labels, ~labels):
        size = int(kind.sum())
        drawn[:, kind] = draw.multinomial(size, np.full(size, 1 / size), _RESAMPLES)
    low, high = np.quantile(resampled_figures(scores, labels, drawn), (0.025, 0.975), axis=1)
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def resampled_figures(scores: Floats, labels: Labels, drawn: NDArray[np.int64]) -> Floats:
    """ROC-AUC and average precision where each tender counts as often as it was drawn.

    `drawn`: shape (resamples, tenders), with tenders of both kinds in each. Shape (2, resamples).
    The same as `roc_auc` and `average_precision` on the tenders repeated, but for all at once.
    """
    order = np.argsort(-scores, kind="stable")
    first = np.flatnonzero(np.diff(scores[order], prepend=np.inf))
    gained = np.add.reduceat((drawn * labels)[:, order], first, axis=1)
    passed = np.add.reduceat((drawn * ~labels)[:, order], first, axis=1)
    found, false = gained.cumsum(axis=1), passed.cumsum(axis=1)
    relevant, others = found[:, -1], false[:, -1]
    below = others[:, np.newaxis] - false + passed / 2
    precision = found / np.maximum(found + false, 1)
    return np.array(
        [
            (gained * below).sum(axis=1) / (relevant * others),
            (gained * precision).sum(axis=1) / relevant,
        ]
    )
