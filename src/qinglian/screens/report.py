"""Everything the screens say of a market, as JSON and as a table with a row a tender."""

import csv
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qinglian.screens.market import Market
from qinglian.screens.network import MAX_Q, Network, co_bidding, excess_by_tender, linked_pairs
from qinglian.screens.patterns import (
    Regularity,
    RepeatedRatio,
    identical_offers,
    regular_differences,
    repeated_ratios,
)
from qinglian.screens.price import REASONS, SCREENS, Floats, price_screens
from qinglian.screens.score import COMPONENTS, MarketScores, score_market, within_market
from qinglian.screens.subgroups import SIZES, subgroup_screens, summary_names


@dataclass(frozen=True)
class MarketScreens:
    """The screens of every tender of a market; arrays have shape (tenders,), NaN for no value.

    `subgroups`: by the name of the summary; `subgroup_reasons`: by size, why a tender has none.
    """

    market: Market
    scores: MarketScores
    screens: dict[str, Floats]
    subgroups: dict[str, Floats]
    subgroup_reasons: dict[int, tuple[str | None, ...]]
    identical: tuple[int, ...]
    regularity: tuple[Regularity, ...]
    excess: Floats | None
    network: Network | str
    ratios: tuple[RepeatedRatio, ...] | str

    def to_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`; what has no value is null and its reason stands beside."""
        market = self.market
        percentiles = {name: within_market(values) for name, values in self.screens.items()}
        return {
            "market": {
                "name": market.name,
                "columns": dict(market.columns),
                "tenders": len(market.tenders),
                "bids": market.bids,
                "bids_without_price": market.unusable_prices,
                "tenders_without_date": market.undated_tenders,
                "score_components": list(self.scores.components),
                "score_variances": dict(self.scores.variances),
                "score_time_range": self.scores.time_range,
                "tenders_with_identical_offers": sum(count > 0 for count in self.identical),
            },
            "tenders": [self._tender(place, percentiles) for place in range(len(market.tenders))],
            "network": self.network
            if isinstance(self.network, str)
            else _without_nan(asdict(self.network)),
            "repeated_ratios": self.ratios
            if isinstance(self.ratios, str)
            else [asdict(ratio) for ratio in self.ratios],
        }

    def _tender(self, place: int, percentiles: Mapping[str, Floats]) -> dict[str, Any]:
        tender, score = self.market.tenders[place], self.scores.tenders[place]
        values = {name: _known(self.screens[name][place]) for name in SCREENS}
        linked = None
        if not isinstance(self.network, str):
            linked = [[p.first, p.second] for p in linked_pairs(self.network, tender)]
        return {
            **asdict(score),
            "bids": len(tender.prices),
            "offers": len(tender.offers),
            "screens": values,
            "screen_percentiles": {
                name: _known(places[place]) for name, places in percentiles.items()
            },
            "not_computable": {name: REASONS[name] for name, v in values.items() if v is None}
            | {
                f"groups_of_{size}": reason
                for size, reasons in self.subgroup_reasons.items()
                if (reason := reasons[place]) is not None
            },
            "subgroups": {
                name: value
                for name, own in self.subgroups.items()
                if (value := _known(own[place])) is not None
            },
            "identical_pairs": self.identical[place],
            "regularity": asdict(self.regularity[place]),
            "co_bidding_excess": None if self.excess is None else _known(self.excess[place]),
            "linked_pairs": linked,
        }

    def write_csv(self, path: Path) -> None:
        """One row a tender: score, components, screens; empty where there is no value."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(
                [
                    "tender_id",
                    "bids",
                    "offers",
                    "score",
                    "own",
                    *(f"{name}_percentile" for name in COMPONENTS),
                    *SCREENS,
                    "identical_pairs",
                    "regularity_q",
                    "co_bidding_excess",
                    *self.subgroups,
                ]
            )
            for place, (tender, score) in enumerate(
                zip(self.market.tenders, self.scores.tenders, strict=True)
            ):
                writer.writerow(
                    [
                        tender.tender_id,
                        len(tender.prices),
                        len(tender.offers),
                        score.score,
                        score.own,
                        *(score.percentiles.get(name) for name in COMPONENTS),
                        *(_known(self.screens[name][place]) for name in SCREENS),
                        self.identical[place],
                        self.regularity[place].q,
                        None if self.excess is None else _known(self.excess[place]),
                        *(_known(own[place]) for own in self.subgroups.values()),
                    ]
                )


def screen_market(market: Market, with_subgroups: bool = True) -> MarketScreens:
    """Compute every screen of a market; its labels, where a file has them, are not in it."""
    tenders = market.tenders
    single = [price_screens(tender.prices) for tender in tenders]
    subgroups, reasons = _subgroups(market) if with_subgroups else ({}, {})
    return MarketScreens(
        market=market,
        scores=score_market(market),
        screens={name: np.array([values[name] for values in single]) for name in SCREENS},
        subgroups=subgroups,
        subgroup_reasons=reasons,
        identical=tuple(identical_offers(tender) for tender in tenders),
        regularity=regular_differences(market),
        excess=excess_by_tender(market) if market.has_bidders else None,
        network=co_bidding(market),
        ratios=repeated_ratios(market),
    )


def significant_pairs(network: Network) -> int:
    """Pairs that meet more often than chance explains, at `MAX_Q`."""
    return sum(pair.q <= MAX_Q for pair in network.pairs)


def _subgroups(market: Market) -> tuple[dict[str, Floats], dict[int, tuple[str | None, ...]]]:
    values = {name: np.full(len(market.tenders), np.nan) for name in summary_names()}
    reasons: dict[int, tuple[str | None, ...]] = {}
    for size in SIZES:
        own: list[str | None] = []
        for place, tender in enumerate(market.tenders):
            found = subgroup_screens(tender.prices, size)
            own.append(found if isinstance(found, str) else None)
            for name, figure in () if isinstance(found, str) else found.items():
                values[name][place] = figure
        reasons[size] = tuple(own)
    return values, reasons


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
