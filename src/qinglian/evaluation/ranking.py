"""Quality of a ranking with ties: average precision and precision among the first k.

Entities with equal scores share their place: the figures are those of a random order among them,
so that no figure depends on the order in which a database happens to return rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class RankingQuality:
    """How well a score puts the relevant entities first."""

    entities: int
    relevant: int
    average_precision: float | None
    precision_at: dict[int, float | None]

    @property
    def base_rate(self) -> float | None:
        """Precision of a random order."""
        return self.relevant / self.entities if self.entities else None


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
    return RankingQuality(
        entities=len(labels),
        relevant=int(labels.sum()),
        average_precision=average_precision(ranks, labels),
        precision_at={k: precision_at(ranks, labels, k) for k in cutoffs},
    )


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
