"""Quality of a ranking with ties: average precision, ROC-AUC and precision among the first.

Entities with equal scores share their place: the figures are those of a random order among them,
so that no figure depends on the order in which a database happens to return rows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Share of the entities that an audit can look at.
AUDIT_CAPACITY = 0.05
#: Orders of the shuffled control, and the seed that they are drawn with.
_SHUFFLES = 1000
_SEED = 20260101


@dataclass(frozen=True)
class RankingQuality:
    """How well a score puts the relevant entities first; None where a figure does not exist.

    `precision_at_capacity` is that among the first `capacity` entities, `AUDIT_CAPACITY` of all.
    """

    entities: int
    relevant: int
    average_precision: float | None
    roc_auc: float | None
    precision_at: dict[int, float | None]
    capacity: int
    precision_at_capacity: float | None

    @property
    def base_rate(self) -> float | None:
        """Precision of a random order."""
        return self.relevant / self.entities if self.entities else None


@dataclass(frozen=True)
class ShuffledControl:
    """Average precision of the same order where the labels say nothing: its mean, and the range
    that holds 95 % of the shuffles.
    """

    shuffles: int
    mean: float
    low: float
    high: float


def ranking_quality(
    scores: Sequence[Sequence[float]], relevant: Sequence[bool], cutoffs: Sequence[int]
) -> RankingQuality:
    """Quality of the order by `scores`, highest first, against `relevant`.

    A score is a tuple compared from left to right, e.g. (red leads, yellow leads, amount).
    """
    labels = np.asarray(relevant, dtype=bool)
    if len(scores) != len(labels):
        raise ValueError(f"{len(scores)} scores for {len(labels)} entities")
    ranks = dense_ranks(scores)
    capacity = audit_capacity(len(labels))
    return RankingQuality(
        entities=len(labels),
        relevant=int(labels.sum()),
        average_precision=average_precision(ranks, labels),
        roc_auc=roc_auc(ranks, labels),
        precision_at={k: precision_at(ranks, labels, k) for k in cutoffs},
        capacity=capacity,
        precision_at_capacity=precision_at(ranks, labels, capacity) if capacity else None,
    )


def audit_capacity(entities: int) -> int:
    """How many of so many entities an audit looks at: `AUDIT_CAPACITY` of them, rounded up."""
    return math.ceil(AUDIT_CAPACITY * entities)


def dense_ranks(scores: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """One number for each score tuple, in the same order and equal where the tuples are equal."""
    if not scores:
        return np.empty(0)
    _, ranks = np.unique(np.asarray(scores, dtype=np.float64), axis=0, return_inverse=True)
    return np.asarray(ranks, dtype=np.float64).reshape(-1)


def average_precision(scores: NDArray[np.float64], relevant: NDArray[np.bool_]) -> float | None:
    """Sum over the distinct scores of (gain in recall) x (precision down to that score).

    None where nothing is relevant. Bounded by 0 and 1; 1 where every relevant entity lies above
    every other; the base rate where all scores are equal.
    """
    if not relevant.any():
        return None
    found, seen = _cumulated_by_score(scores, relevant)
    gained = np.diff(found, prepend=0)
    return float(np.sum(gained / relevant.sum() * found / seen))


def roc_auc(scores: NDArray[np.float64], relevant: NDArray[np.bool_]) -> float | None:
    """Share of the pairs (relevant, other) of which the relevant one is higher; a tie is half.

    None where there is no such pair. 0.5 where the score says nothing.
    """
    positives = int(relevant.sum())
    negatives = len(relevant) - positives
    if not positives or not negatives:
        return None
    found, seen = _cumulated_by_score(scores, relevant)
    gained = np.diff(found, prepend=0)
    others_here = np.diff(seen, prepend=0) - gained
    others_below = negatives - (seen - found)
    return float(np.sum(gained * (others_below + others_here / 2)) / (positives * negatives))


def shuffled_control(
    scores: Sequence[Sequence[float]], relevant: Sequence[bool], shuffles: int = _SHUFFLES
) -> ShuffledControl | None:
    """Average precision with the labels permuted `shuffles` times; None where none is relevant.

    The permutations are drawn with a fixed seed: the same data give the same control.
    """
    labels = np.asarray(relevant, dtype=bool)
    if not labels.any():
        return None
    ranks = dense_ranks(scores)
    draw = np.random.default_rng(_SEED)
    figures = [average_precision(ranks, draw.permutation(labels)) for _ in range(shuffles)]
    drawn = np.asarray(figures, dtype=np.float64)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return ShuffledControl(shuffles, float(drawn.mean()), float(low), float(high))


def precision_recall(
    scores: Sequence[Sequence[float]], relevant: Sequence[bool]
) -> tuple[tuple[float, float], ...]:
    """(recall, precision) down to each distinct score, from the highest; empty without relevant."""
    labels = np.asarray(relevant, dtype=bool)
    if not labels.any():
        return ()
    found, seen = _cumulated_by_score(dense_ranks(scores), labels)
    return tuple(
        (float(recall), float(precision))
        for recall, precision in zip(found / labels.sum(), found / seen, strict=True)
    )


def precision_at(scores: NDArray[np.float64], relevant: NDArray[np.bool_], k: int) -> float | None:
    """Expected share of relevant entities among the first `k`; None with fewer than `k` of them."""
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    if len(scores) < k:
        return None
    found, seen = _cumulated_by_score(scores, relevant)
    last = int(np.searchsorted(seen, k))
    found_above = found[last - 1] if last else 0
    seen_above = seen[last - 1] if last else 0
    share_of_ties = (found[last] - found_above) / (seen[last] - seen_above)
    return float((found_above + (k - seen_above) * share_of_ties) / k)


def _cumulated_by_score(
    scores: NDArray[np.float64], relevant: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Relevant and all entities down to each distinct score, highest score first."""
    values, positions = np.unique(-scores, return_inverse=True)
    seen = np.bincount(positions.reshape(-1), minlength=len(values))
    found = np.bincount(positions.reshape(-1), weights=relevant, minlength=len(values))
    return np.cumsum(found).astype(np.int64), np.cumsum(seen).astype(np.int64)
