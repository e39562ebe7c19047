"""Price screens of one tender: how its bids lie to each other.

With bids b1 <= ... <= bn, L the losing bids (all above b1) and l1 the lowest of them:

| screen | formula | needs |
|---|---|---|
| cv | sd(b) / mean(b), sd with n - 1 | 2 bids |
| spd | (bn - b1) / b1 | 2 bids |
| diffp | (l1 - b1) / b1, percentage difference to the next distinct price | 2 distinct prices |
| rd | (l1 - b1) / sd(L), relative distance | 2 losing bids that differ |
| rdnor | (l1 - b1) / mean gap of all bids, (bn - b1) / (n - 1) | 3 bids, 2 distinct prices |
| rdalt | (l1 - b1) / mean gap of L, alternative distance | 2 losing bids that differ |
| cv_losing | sd(L) / mean(L) | 2 losing bids |
| skew, kurt | bias-corrected skewness and excess kurtosis | 3, 4 bids |
| kstest | Kolmogorov-Smirnov distance to the uniform distribution on (b1, bn) | 2 distinct prices |

Imhof 2018 and Huber and Imhof 2019 for the screens, Garcia Rodriguez et al. 2022 for their use.
Equal lowest bids are one price with one distance to the next: a consortium whose members are
recorded as a bid each would otherwise have no distance at all.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Screens in the order in which they are reported.
SCREENS = (
    "cv",
    "spd",
    "diffp",
    "rd",
    "rdnor",
    "rdalt",
    "cv_losing",
    "skew",
    "kurt",
    "kstest",
)

#: What is missing where a screen has no value.
REASONS = {
    "cv": "fewer_than_2_bids",
    "spd": "fewer_than_2_bids",
    "diffp": "no_second_price",
    "rd": "losing_bids_have_no_spread",
    "rdnor": "no_second_price",
    "rdalt": "losing_bids_have_no_spread",
    "cv_losing": "fewer_than_2_losing_bids",
    "skew": "fewer_than_3_bids",
    "kurt": "fewer_than_4_bids",
    "kstest": "no_second_price",
}

_MIN_BIDS_SKEW, _MIN_BIDS_KURT, _MIN_BIDS_RDNOR = 3, 4, 3
#: Spread below this share of the mean is rounding of equal prices, not spread.
_ROUNDING = 1e-12


def price_screens(prices: Floats) -> dict[str, float]:
    """Every screen of `SCREENS` for the bids of one tender; NaN where it has no value.

    `prices`: shape (n,), above zero, in one currency and any order. Raises `ValueError` for a
    price that is not a number above zero: a ratio to it would say nothing.
    """
    if not (np.isfinite(prices).all() and (prices > 0).all()):
        raise ValueError(f"prices must be numbers above zero, not {prices[~(prices > 0)][:3]}")
    if len(prices) < 2:  # noqa: PLR2004
        return dict.fromkeys(SCREENS, np.nan)
    values = screens_of_sorted(np.sort(prices)[np.newaxis, :])
    return {name: float(values[name][0]) for name in SCREENS}


def screens_of_sorted(bids: Floats) -> dict[str, Floats]:
    """The screens of many sets of bids of one size at once.

    `bids`: shape (m, n), n >= 2, each row ascending and above zero. Each result has shape (m,).
    """
    lowest, highest = bids[:, 0], bids[:, -1]
    spread = np.where(highest - lowest > _ROUNDING * highest, highest - lowest, 0.0)
    losing = bids > (lowest * (1 + _ROUNDING))[:, np.newaxis]
    losers = losing.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        next_price = np.where(losing, bids, np.inf).min(axis=1)
        distance = np.where(losers > 0, next_price - lowest, np.nan)
        losing_mean = np.where(losing, bids, 0.0).sum(axis=1) / losers
        losing_squares = np.where(losing, (bids - losing_mean[:, np.newaxis]) ** 2, 0.0)
        losing_sd = np.sqrt(losing_squares.sum(axis=1) / np.where(losers > 1, losers - 1, np.nan))
        losing_sd[losing_sd < _ROUNDING * highest] = 0.0
        losing_gap = (highest - next_price) / np.where(losers > 1, losers - 1, np.nan)
        count = bids.shape[1]
        return {
            "cv": np.where(spread > 0, bids.std(axis=1, ddof=1) / bids.mean(axis=1), 0.0),
            "spd": spread / lowest,
            "diffp": distance / lowest,
            "rd": distance / np.where(losing_sd > 0, losing_sd, np.nan),
            "rdnor": _if_enough(bids, _MIN_BIDS_RDNOR, lambda _: distance / (spread / (count - 1))),
            "rdalt": distance / np.where(losing_sd > 0, losing_gap, np.nan),
            "cv_losing": losing_sd / losing_mean,
            "skew": _if_enough(bids, _MIN_BIDS_SKEW, _skewness),
            "kurt": _if_enough(bids, _MIN_BIDS_KURT, _kurtosis),
            "kstest": _distance_to_uniform(bids, spread),
        }


def _if_enough(bids: Floats, needed: int, screen: Callable[[Floats], Floats]) -> Floats:
    return screen(bids) if bids.shape[1] >= needed else np.full(len(bids), np.nan)


def _skewness(bids: Floats) -> Floats:
    """G1 = sqrt(n (n - 1)) / (n - 2) x m3 / m2^1.5; 0 without spread."""
    n = bids.shape[1]
    second, third = _moment(bids, 2), _moment(bids, 3)
    skewness = np.sqrt(n * (n - 1)) / (n - 2) * third / second**1.5
    return np.where(_has_spread(bids), skewness, 0.0)


def _kurtosis(bids: Floats) -> Floats:
    """G2 = (n - 1) / ((n - 2)(n - 3)) x ((n + 1)(m4 / m2^2 - 3) + 6); 0 without spread."""
    n = bids.shape[1]
    second, fourth = _moment(bids, 2), _moment(bids, 4)
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (fourth / second**2 - 3) + 6)
    return np.where(_has_spread(bids), kurtosis, 0.0)


def _moment(bids: Floats, order: int) -> Floats:
    # Divided by the highest bid first: the fourth power of an amount in yuan loses its digits.
    scaled = bids / bids[:, -1:]
    return np.asarray(((scaled - scaled.mean(axis=1, keepdims=True)) ** order).mean(axis=1))


def _has_spread(bids: Floats) -> NDArray[np.bool_]:
    return np.asarray(bids[:, -1] - bids[:, 0] > _ROUNDING * bids[:, -1])


def _distance_to_uniform(bids: Floats, spread: Floats) -> Floats:
    n = bids.shape[1]
    place = (bids - bids[:, :1]) / np.where(spread > 0, spread, np.nan)[:, np.newaxis]
    steps = np.arange(n)
    above = ((steps + 1) / n - place).max(axis=1)
    below = (place - steps / n).max(axis=1)
    return np.asarray(np.maximum(above, below))
