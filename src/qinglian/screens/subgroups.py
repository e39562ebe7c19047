"""Screens of every group of three and of four bids of a tender, summed up.

A cartel that does not hold every bidder hides in the screens of the whole tender and shows in those
of its own bids; the extremes over all groups find it (Wallimann, Huber and Imhof 2022).
"""

from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from qinglian.screens.price import SCREENS, Floats, screens_of_sorted

SIZES = (3, 4)
SUMMARIES = ("mean", "median", "min", "max")

#: All groups are computed up to this number: four of 40 bids make 91,390, three of 85 98,770. A
#: tender with more has no summary; part of its groups, however chosen, would not be comparable.
MAX_GROUPS = 100_000

TOO_MANY = "too_many_groups"
TOO_FEW = "fewer_bids_than_group"


def subgroup_screens(prices: Floats, size: int) -> dict[str, float] | str:
    """`{screen}_{size}_{summary}` over all groups of `size` bids, or why there is none.

    `prices`: shape (n,), above zero. A group without a screen's value (e.g. equal losing bids) is
    left out of that screen's summary; NaN where no group has one.
    """
    if len(prices) < size:
        return TOO_FEW
    if comb(len(prices), size) > MAX_GROUPS:
        return TOO_MANY
    groups = np.sort(prices)[_places(len(prices), size)]
    values = screens_of_sorted(groups)
    return {
        f"{screen}_{size}_{name}": figure
        for screen in SCREENS
        for name, figure in _summary(values[screen]).items()
    }


def summary_names() -> tuple[str, ...]:
    """Names of all summaries, in the order in which they are reported."""
    return tuple(
        f"{screen}_{size}_{name}" for size in SIZES for screen in SCREENS for name in SUMMARIES
    )


@lru_cache(maxsize=64)
def _places(bids: int, size: int) -> NDArray[np.intp]:
    """Shape (groups, size): places of each group's bids, ascending as the sorted bids are."""
    flat = (place for group in combinations(range(bids), size) for place in group)
    return np.fromiter(flat, dtype=np.intp, count=comb(bids, size) * size).reshape(-1, size)


def _summary(values: Floats) -> dict[str, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return dict.fromkeys(SUMMARIES, np.nan)
    return {
        "mean": float(known.mean()),
        "median": float(np.median(known)),
        "min": float(known.min()),
        "max": float(known.max()),
    }
