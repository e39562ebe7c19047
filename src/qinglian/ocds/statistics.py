"""Quartiles and fences as Cardinal has them, and the tests our own versions use."""

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

_FENCE = 1.5


class Quartiles(NamedTuple):
    """First and third quartile."""

    q1: float
    q3: float

    @property
    def lower_fence(self) -> float:
        """Q1 - 1.5 IQR."""
        return _multiply_add(self.q3 - self.q1, -_FENCE, self.q1)

    @property
    def upper_fence(self) -> float:
        """Q3 + 1.5 IQR."""
        return _multiply_add(self.q3 - self.q1, _FENCE, self.q3)


def quantile(values: Iterable[float], probability: float) -> float:
    """Sample quantile of Hyndman and Fan's type 8 (1996); NaN of nothing, or beyond [0, 1].

    With n sorted values h = (n + 1/3) p + 1/3, linear between the values at floor(h) and
    floor(h) + 1 counted from 1; below the first or beyond the last, that value. The same as numpy's
    `median_unbiased` and as statrs, which Cardinal uses. PostgreSQL's `percentile_cont` is type 7.
    """
    ordered = sorted(values)
    if not ordered or not 0.0 <= probability <= 1.0:
        return math.nan
    h = (len(ordered) + 1 / 3) * probability + 1 / 3
    below = int(h)
    if below <= 0 or probability == 0.0:
        return ordered[0]
    if below >= len(ordered) or probability == 1.0:
        return ordered[-1]
    low, high = ordered[below - 1], ordered[below]
    return low + (h - below) * (high - low)


def quartiles(values: Iterable[float]) -> Quartiles:
    """Both quartiles of type 8."""
    kept = list(values)
    return Quartiles(quantile(kept, 0.25), quantile(kept, 0.75))


def _multiply_add(a: float, b: float, c: float) -> float:
    """A * b + c rounded once, as Cardinal's fused operation is.

    Fences are compared inclusively, so that the last bit decides on ratios that lie on the fence.
    """
    if not all(map(math.isfinite, (a, b, c))):
        return a * b + c
    return float(Fraction(a) * Fraction(b) + Fraction(c))


def rounded(value: float) -> float:
    """To 4 decimals, halves away from zero."""
    if not math.isfinite(value):
        return value
    scaled = abs(value) * 10_000.0
    whole = math.floor(scaled)
    return math.copysign((whole + (scaled - whole >= 0.5)) / 10_000.0, value)  # noqa: PLR2004


def lower_tail(wins: int, fields: Mapping[int, int]) -> float:
    """P(at most `wins` wins) when in each process every one of its k bidders wins alike.

    `fields` counts the participations by k. Exact: the distribution of a sum of independent
    Bernoulli draws with probabilities 1/k (Poisson binomial), by convolution.
    """
    distribution = np.array([1.0])
    for bidders, times in fields.items():
        step = np.array([1.0 - 1.0 / bidders, 1.0 / bidders])
        for _ in range(times):
            distribution = np.convolve(distribution, step)
    return float(min(1.0, distribution[: wins + 1].sum()))


def discoveries(p_values: Sequence[float], rate: float) -> float:
    """Largest p that may be called a discovery at this false discovery rate; -1 when none may.

    Benjamini and Hochberg (1995).
    """
    ordered = sorted(p_values)
    accepted = [p for i, p in enumerate(ordered, 1) if p <= rate * i / len(ordered)]
    return accepted[-1] if accepted else -1.0
