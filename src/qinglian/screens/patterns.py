"""Patterns in bids: identical prices, and differences or ratios that follow a rule.

Regulation for the law on bidding, article 40 (4): offers that are abnormally alike or that differ
by a rule. Prices that a regulation fixes are legitimately equal: look at the share of the market's
tenders that have such pairs before looking at one of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from scipy.stats import false_discovery_control, poisson

from qinglian.screens.market import Market, Tender
from qinglian.screens.null_draws import gap_variation
from qinglian.screens.price import Floats

#: Three gaps at least: two are alike by chance too often.
MIN_PRICES = 4
#: Ratios are compared to so many decimals, as R023 of the OCP catalogue does with two; bids of one
#: market lie so close that two make everything equal.
_RATIO_DECIMALS = 4
#: A pair has to meet this often before its ratios are counted.
MIN_JOINT = 4


@dataclass(frozen=True)
class Regularity:
    """How evenly the distinct offers of one tender are spaced.

    `arithmetic`: coefficient of variation of the differences of neighbours; `geometric`: that of
    the logarithms of their ratios. The p-values say how often random prices are as even; `q` is the
    smaller of them, doubled, among all tenders of the market (Benjamini and Hochberg 1995).
    """

    tender_id: str
    arithmetic: float | None
    geometric: float | None
    p_arithmetic: float | None
    p_geometric: float | None
    q: float | None
    reason: str | None = None


@dataclass(frozen=True)
class RepeatedRatio:
    """Two bidders whose prices stood in one ratio in several tenders.

    `expected`: coincidences of ratios by chance among the `joint` tenders, given how often ratios
    of any two bidders coincide in this market; `p`, `q` from the Poisson distribution.
    """

    first: str
    second: str
    joint: int
    ratio: float
    repeats: int
    expected: float
    p: float
    q: float


def identical_offers(tender: Tender) -> int:
    """Number of pairs of offers with the same price; a consortium's offer is one."""
    _, counts = np.unique(tender.offers, return_counts=True)
    return int(sum(comb(int(count), 2) for count in counts))


def regular_differences(market: Market) -> tuple[Regularity, ...]:
    """The spacing of the offers of every tender, in the order of the market."""
    found = [_spacing(np.unique(tender.offers)) for tender in market.tenders]
    best = np.array([np.nan if f is None else min(1.0, 2 * min(f[2:])) for f in found])
    q_values = adjusted(best)
    return tuple(
        Regularity(tender.tender_id, None, None, None, None, None, "fewer_than_4_prices")
        if spacing is None
        else Regularity(tender.tender_id, *spacing, float(q))
        for tender, spacing, q in zip(market.tenders, found, q_values, strict=True)
    )


def adjusted(p_values: Floats) -> Floats:
    """Benjamini-Hochberg q-values of the known p-values; NaN stays NaN."""
    known = np.isfinite(p_values)
    q_values = np.full(len(p_values), np.nan)
    if known.any():
        q_values[known] = false_discovery_control(p_values[known])
    return q_values


def _spacing(prices: Floats) -> tuple[float, float, float, float] | None:
    if len(prices) < MIN_PRICES:
        return None
    arithmetic, geometric = _variation(np.diff(prices)), _variation(np.diff(np.log(prices)))
    return arithmetic, geometric, _by_chance(arithmetic, prices), _by_chance(geometric, prices)


def _variation(gaps: Floats) -> float:
    return float(gaps.std(ddof=1) / gaps.mean())


def _by_chance(variation: float, prices: Floats) -> float:
    drawn = gap_variation(len(prices) - 1)
    return float((np.searchsorted(drawn, variation, side="right") + 1) / (len(drawn) + 1))


def repeated_ratios(market: Market) -> tuple[RepeatedRatio, ...] | str:
    """Pairs of bidders that met at least four times, the most surprising ratio first.

    Or why there are none. Equal prices are no ratio here: `identical_offers` counts them.
    """
    if not market.has_bidders:
        return "no_bidder_identity"
    ratios: dict[tuple[str, str], list[float]] = defaultdict(list)
    for tender in market.tenders:
        for (first, a), (second, b) in combinations(sorted(_sole_bids(tender)), 2):
            if a != b:
                ratios[first, second].append(round(a / b, _RATIO_DECIMALS))
    chance = _coincidence(ratio for own in ratios.values() for ratio in own)
    pairs = [pair for pair, own in sorted(ratios.items()) if len(own) >= MIN_JOINT]
    rows = [_most_repeated(ratios[pair], chance) for pair in pairs]
    q_values = adjusted(np.array([row[3] for row in rows]))
    found = [
        RepeatedRatio(*pair, len(ratios[pair]), ratio, repeats, expected, p, float(q))
        for pair, (ratio, repeats, expected, p), q in zip(pairs, rows, q_values, strict=True)
    ]
    return tuple(sorted(found, key=lambda pair: (pair.p, -pair.repeats)))


def _sole_bids(tender: Tender) -> list[tuple[str, float]]:
    """Bidders with one bid in the tender; of two bids nobody knows which to compare."""
    by_bidder: dict[str, list[float]] = defaultdict(list)
    for bidder, price in zip(tender.bidders, tender.prices, strict=True) if tender.bidders else ():
        if bidder is not None:
            by_bidder[bidder].append(float(price))
    return [(bidder, prices[0]) for bidder, prices in by_bidder.items() if len(prices) == 1]


def _coincidence(ratios: Iterable[float]) -> float:
    """Chance that two ratios of the market are equal to the decimals that are compared."""
    counts = np.unique(list(ratios), return_counts=True)[1].astype(float)
    total = counts.sum()
    return float((counts * (counts - 1)).sum() / (total * (total - 1))) if total > 1 else 0.0


def _most_repeated(ratios: Sequence[float], chance: float) -> tuple[float, int, float, float]:
    values, counts = np.unique(ratios, return_counts=True)
    most = int(counts.argmax())
    coincidences = int(sum(comb(int(count), 2) for count in counts))
    expected = comb(len(ratios), 2) * chance
    p = float(poisson.sf(coincidences - 1, expected)) if coincidences else 1.0
    return float(values[most]), int(counts[most]), expected, p
