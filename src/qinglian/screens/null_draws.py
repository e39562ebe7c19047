"""Draws of competitive bids for screens whose usual size depends on the number of bids alone."""

from functools import lru_cache

import numpy as np

from qinglian.screens.price import Floats

_DRAWS = 2000
_SEED = 20260101
#: Relative spread of the drawn bids; it cancels out of every screen that is compared.
_SPREAD = 0.01


@lru_cache(maxsize=256)
def normal_bids(bids: int) -> Floats:
    """Independent normal bids, shape (2000, bids), each row ascending, the same at every call."""
    drawn = np.random.default_rng((_SEED, bids)).normal(1.0, _SPREAD, (_DRAWS, bids))
    return np.sort(drawn, axis=1)


@lru_cache(maxsize=256)
def gap_variation(gaps: int) -> Floats:
    """Coefficients of variation of that many gaps between random prices, ascending.

    The gaps between uniform (or, given the range, exponential) draws are exchangeable and
    Dirichlet(1, ..., 1), whatever their scale.
    """
    drawn = np.random.default_rng((_SEED, gaps, 1)).exponential(size=(_DRAWS * 10, gaps))
    return np.sort(drawn.std(axis=1, ddof=1) / drawn.mean(axis=1))
