"""What the tenders around a tender say of it: those near in time, of its bidders and of its place.

Cartels last, their members bid again, and they divide places. The evidence e of the tenders is
modelled as e = m + noise, m a sum of Gaussian effects of time (correlation exp(-|difference of
places in the order of dates| / range)), of bidders (each with an effect, a tender the mean of its
bidders') and of place. Variances and range are those under which the market's own evidence is most
likely; a context that explains nothing gets a variance near zero. The best linear unbiased
prediction of m follows (Henderson 1975).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.stats import rankdata

from qinglian.screens.market import Tender
from qinglian.screens.price import Floats

Places = NDArray[np.intp]

#: Ranges of the effect of time that are tried, in tenders.
TIME_RANGES = (10.0, 30.0, 100.0)
#: Fewer tenders than this say too little of variances.
MIN_TENDERS = 20
#: The effort grows with the cube of the tenders: variances are estimated on at most so many of
#: them and the prediction is made from at most so many, evenly taken in the order of time.
MAX_FITTED, MAX_PREDICTING = 1200, 4000
#: Bounds of the logarithm of a variance; the evidence has variance 1.
_LOG_VARIANCE = (-8.0, 3.0)


#: Covariance of tenders with tenders, by their places; shape (first, second).
Context = Callable[[Places, Places], Floats]


@dataclass(frozen=True)
class Surroundings:
    """`predicted`: m for each tender, shape (tenders,). `by_context`: its parts, same shape each.

    `variances` by context and of the `noise`; `time_range` in tenders, None without dates.
    """

    predicted: Floats
    by_context: Mapping[str, Floats]
    variances: Mapping[str, float]
    time_range: float | None


def predict(tenders: Sequence[Tender], evidence: Floats) -> Surroundings:
    """Predict the lasting part of each tender's evidence from all tenders.

    `evidence`: shape (tenders,), mean 0 and variance 1 over those that have it, else NaN; those
    without are predicted from the others. Too few tenders or no context give 0 throughout.
    """
    known = np.flatnonzero(np.isfinite(evidence))
    contexts = _fixed_contexts(tenders)
    times = np.array([np.nan if t.time is None else t.time for t in tenders])
    dated = len(np.unique(times[np.isfinite(times)])) > 1
    if len(known) < MIN_TENDERS or not (contexts or dated):
        return Surroundings(np.zeros(len(tenders)), {}, {}, None)
    # Ordered by what the bids say, not by the file: its order must not change a score.
    ordered = known[np.lexsort((evidence[known], times[known]))]
    trials: list[tuple[dict[str, Context], float | None]] = [
        ({**contexts, "time": _time_context(times, time_range)}, time_range)
        for time_range in TIME_RANGES
        if dated
    ] or [(contexts, None)]
    fitted = _evenly(ordered, MAX_FITTED)
    fits = [_most_likely(trial.values(), fitted, evidence[fitted]) for trial, _ in trials]
    best = min(range(len(trials)), key=lambda number: fits[number][0])
    contexts, time_range = trials[best]
    *variances, noise = (float(variance) for variance in fits[best][1])
    used = _evenly(ordered, MAX_PREDICTING)
    covariance = noise * np.eye(len(used))
    for variance, context in zip(variances, contexts.values(), strict=True):
        covariance += variance * context(used, used)
    weights = cho_solve(cho_factor(covariance), evidence[used])
    everyone = np.arange(len(tenders))
    parts = {
        name: variance * (context(everyone, used) @ weights)
        for variance, (name, context) in zip(variances, contexts.items(), strict=True)
    }
    named = {**dict(zip(contexts, variances, strict=True)), "noise": noise}
    return Surroundings(np.sum(list(parts.values()), axis=0), parts, named, time_range)


def _fixed_contexts(tenders: Sequence[Tender]) -> dict[str, Context]:
    """The contexts that need no fitted range, of those that the tenders know."""
    contexts: dict[str, Context] = {}
    members = _shares([{b for b in t.bidders if b is not None} for t in tenders])
    if members.any():
        own = (members**2).sum(axis=1)
        contexts["bidders"] = _common(members / np.sqrt(own[own > 0].mean()))
    places = _shares([set() if t.place is None else {t.place} for t in tenders])
    if places.shape[1] > 1:
        contexts["place"] = _common(places)
    return contexts


def _common(shares: Floats) -> Context:
    return lambda first, second: shares[first] @ shares[second].T


def _shares(groups: Sequence[set[str]]) -> Floats:
    """Shape (tenders, names): each tender's weight on each name, equal and summing up to one."""
    names = {name: column for column, name in enumerate(sorted(set().union(*groups)))}
    shares = np.zeros((len(groups), len(names)))
    for row, group in enumerate(groups):
        for name in group:
            shares[row, names[name]] = 1 / len(group)
    return shares


def _time_context(times: Floats, time_range: float) -> Context:
    dated = np.isfinite(times)
    order = np.full(len(times), np.nan)
    order[dated] = rankdata(times[dated])

    def near(first: Places, second: Places) -> Floats:
        apart = np.abs(order[first][:, np.newaxis] - order[second])
        return np.where(np.isfinite(apart), np.exp(-apart / time_range), 0.0)

    return near


def _evenly(ordered: Places, most: int) -> Places:
    if len(ordered) <= most:
        return ordered
    return ordered[np.linspace(0, len(ordered) - 1, most).round().astype(np.intp)]


def _most_likely(
    contexts: Iterable[Context], fitted: Places, evidence: Floats
) -> tuple[float, Floats]:
    """Negative log likelihood and variances, that of the noise last, where it is least.

    `evidence`: that of the tenders at the places `fitted`.
    """
    noise = np.eye(len(evidence))
    parts = np.stack([*(context(fitted, fitted) for context in contexts), noise])

    def loss(log_variances: Floats) -> tuple[float, Floats]:
        variances = np.exp(log_variances)
        factor = cho_factor(np.tensordot(variances, parts, axes=1), lower=True)
        weights = cho_solve(factor, evidence)
        inverse = cho_solve(factor, noise)
        value = evidence @ weights / 2 + np.log(np.diag(factor[0])).sum()
        slopes = [np.vdot(inverse, part) - weights @ part @ weights for part in parts]
        return float(value), variances / 2 * np.array(slopes)

    start = np.full(len(parts), np.log(1 / len(parts)))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[_LOG_VARIANCE] * len(parts))
    return float(found.fun), np.exp(found.x)
