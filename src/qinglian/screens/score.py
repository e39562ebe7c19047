"""A collusion score for every tender of a market, from nothing but the market's own bids.

Four things that theory says of a tender where the losers cover for the winner, each as the place
of the tender among those of its market:

| component | high where | since |
|---|---|---|
| spread | the coefficient of variation of all offers is low | prices are agreed, not estimated |
| losing_spread | the losing offers lie close together | cover offers are made up in one go |
| cover | the relative distance (RD) is large for that number of offers | covers keep clear |
| level | the lowest offer is high for the buyer's estimate | that is what a cartel is for |

Half of the score is this evidence, half what the tenders around predict of it
(`qinglian.screens.surroundings`). No absolute cut-off is used, and no label.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from qinglian.screens.market import Market, Tender
from qinglian.screens.null_draws import normal_bids
from qinglian.screens.price import REASONS, Floats, price_screens, screens_of_sorted
from qinglian.screens.surroundings import Surroundings, predict

COMPONENTS = ("spread", "losing_spread", "cover", "level")

#: A component that fewer tenders have says nothing of the market.
MIN_TENDERS = 20
#: Weight of the tender's own evidence beside what surrounds it.
OWN_WEIGHT = 0.5


@dataclass(frozen=True)
class TenderScore:
    """The score of one tender, 0 to 1: 0.5 is usual in this market, whatever is usual there.

    `percentiles`: place of the tender in its market by component, 0 to 1, 1 the most like a cartel.
    `own`: evidence of its own offers; `surroundings`: what each context adds, in the same unit
    (standard deviations of `own` over the market). `missing`: why a component has no value.
    `reason`: why there is no score.
    """

    tender_id: str
    score: float | None
    own: float | None
    surroundings: Mapping[str, float]
    percentiles: Mapping[str, float]
    missing: Mapping[str, str]
    reason: str | None = None


@dataclass(frozen=True)
class MarketScores:
    """The scores of a market in the order of its tenders, and what they were made with.

    `components`: those that enough tenders have. `variances` of the contexts and of the noise, and
    the range of the effect of time in tenders, see `Surroundings`.
    """

    tenders: tuple[TenderScore, ...]
    components: tuple[str, ...]
    variances: Mapping[str, float]
    time_range: float | None


def score_market(market: Market, without: Sequence[str] = ()) -> MarketScores:
    """Score every tender of a market.

    A tender with one offer or with no component is scored by its surroundings alone, and not at
    all where nothing is known of these. `without`: components or contexts (`time`, `bidders`,
    `place`) to leave out, to see what each of them does.
    """
    found = [_components(tender) for tender in market.tenders]
    raw = {
        name: np.array([values.get(name, np.nan) for values, _ in found])
        for name in COMPONENTS
        if name not in without
    }
    used = {
        name: values for name, values in raw.items() if np.isfinite(values).sum() >= MIN_TENDERS
    }
    percentiles = {name: within_market(values) for name, values in used.items()}
    own = _own_evidence(percentiles, len(market.tenders))
    around = predict([_known_context(tender, without) for tender in market.tenders], own)
    scores = _scores(own, around)
    tenders = tuple(
        _tender_score(market, place, own, around, scores, percentiles, missing)
        for place, (_, missing) in enumerate(found)
    )
    return MarketScores(tenders, tuple(used), around.variances, around.time_range)


def within_market(values: Floats) -> Floats:
    """Mid-rank percentile of each value among those that are known, strictly between 0 and 1."""
    known = np.isfinite(values)
    places = np.full(len(values), np.nan)
    if known.any():
        # Rounded: what a change of the unit of money does to the last digit must not part ties.
        places[known] = (rankdata(_rounded(values[known])) - 0.5) / known.sum()
    return places


def _rounded(values: Floats) -> Floats:
    digits = 9
    with np.errstate(divide="ignore"):
        magnitude = np.floor(np.log10(np.abs(values)))
    unit = 10.0 ** np.where(np.isfinite(magnitude), magnitude - digits, 0.0)
    return np.asarray(np.round(values / unit) * unit)


def _components(tender: Tender) -> tuple[dict[str, float], dict[str, str]]:
    """The components of one tender, high where it looks like a cartel, and why others are not."""
    screens = price_screens(tender.offers)
    readings: Mapping[str, tuple[str, Callable[[float], float]]] = {
        "spread": ("cv", lambda value: -value),
        "losing_spread": ("cv_losing", lambda value: -value),
        "cover": ("rd", lambda value: _place_under_competition("rd", value, len(tender.offers))),
    }
    values, missing = {}, {}
    for name, (screen, reading) in readings.items():
        if np.isfinite(screens[screen]):
            values[name] = reading(screens[screen])
        else:
            missing[name] = REASONS[screen]
    if tender.level is not None:
        values["level"] = tender.level
    else:
        missing["level"] = "no_estimate"
    return values, missing


def _place_under_competition(screen: str, value: float, offers: int) -> float:
    """Share of as many independent normal bids with a lower value of the screen."""
    drawn = screens_of_sorted(normal_bids(offers))[screen]
    return float(np.mean(drawn < value))


def _own_evidence(percentiles: Mapping[str, Floats], tenders: int) -> Floats:
    """Mean normal score of the components, a missing one taken as usual; variance 1, mean 0."""
    if not percentiles:
        return np.full(tenders, np.nan)
    normal = np.array([norm.ppf(places) for places in percentiles.values()])
    known = np.isfinite(normal).any(axis=0)
    evidence = np.where(known, np.nansum(normal, axis=0), np.nan)
    centred = evidence - np.nanmean(evidence)
    spread = np.nanstd(centred)
    return np.asarray(centred / spread if spread > 0 else centred)


def _known_context(tender: Tender, without: Sequence[str]) -> Tender:
    return Tender(
        tender.tender_id,
        tender.prices,
        tender.offers,
        bidders=() if "bidders" in without else tender.bidders,
        time=None if "time" in without else tender.time,
        place=None if "place" in without else tender.place,
    )


def _scores(own: Floats, around: Surroundings) -> Floats:
    """Both halves on a scale of 0 to 1; NaN where neither says anything."""
    says = np.isfinite(own) | (around.predicted != 0)
    known = np.where(np.isfinite(own), own, around.predicted)
    combined = OWN_WEIGHT * known + (1 - OWN_WEIGHT) * around.predicted
    spread = combined[says].std() if says.any() else 0.0
    return np.where(says, norm.cdf(combined / spread if spread > 0 else 0 * combined), np.nan)


def _tender_score(
    market: Market,
    place: int,
    own: Floats,
    around: Surroundings,
    scores: Floats,
    percentiles: Mapping[str, Floats],
    missing: Mapping[str, str],
) -> TenderScore:
    scored = bool(np.isfinite(scores[place]))
    too_few = {name: "too_few_tenders" for name in COMPONENTS if name not in percentiles}
    return TenderScore(
        market.tenders[place].tender_id,
        float(scores[place]) if scored else None,
        float(own[place]) if np.isfinite(own[place]) else None,
        {name: float(part[place]) for name, part in around.by_context.items()},
        {name: float(v[place]) for name, v in percentiles.items() if np.isfinite(v[place])},
        {**too_few, **missing},
        None if scored else "no_component_and_no_surroundings",
    )
