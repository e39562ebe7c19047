"""Cardinal's indicators that compare with all others: R024, R025, R038, R048, R058.

Definitions: Open Contracting Partnership, Cardinal, "Indicators" (MIT), restated in each docstring.
Quartiles are of type 8, see `statistics.quantile`; fences are compared inclusively.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from qinglian.ocds.cardinal_process import MainCurrency
from qinglian.ocds.release import (
    Json,
    NotComputable,
    PricedBid,
    Reason,
    all_bids,
    check_prices_compare,
    final_awards,
    ids,
    items,
    only_id,
    only_supplier,
    part,
    priced,
    submitted_bids,
    text,
    valid_bids,
)
from qinglian.ocds.results import Group, Results
from qinglian.ocds.settings import (
    ExcessDisqualified,
    HeterogeneousSupplier,
    LosingTenderer,
    RatioThreshold,
    Settings,
)
from qinglian.ocds.statistics import Quartiles, quantile, quartiles


@dataclass
class Fraction:
    """Hits out of a total."""

    hits: int = 0
    total: int = 0

    def add(self, hits: int, total: int) -> None:
        """Count some more."""
        self.hits += hits
        self.total += total

    @property
    def ratio(self) -> float:
        """Hits / total; whoever is counted has a total of at least one."""
        return self.hits / self.total


class PriceGaps:
    """What R024 and R058 share: how far the second-lowest price is above the winner's.

    r = (lowest valid price of another - the winner's lowest valid price) / the winner's; only
    where all awards are final, one is active and has one supplier, bids have one tenderer each,
    prices are in the main currency and the lowest won (r >= 0). A price of zero gives infinity,
    or no number when both are zero; neither is passed over, as in Cardinal.
    """

    def __init__(self, settings: Settings, currency: MainCurrency) -> None:
        self._settings = settings
        self._currency = currency
        self.ratios: dict[str, float] = {}
        self.bidders: dict[str, tuple[str, str]] = {}
        """Winner and runner-up by ocid."""
        self.outcome: NotComputable | None = None

    def take(self, release: Json, ocid: str) -> None:
        """Measure one process; what it lacks is kept for the indicators to report."""
        self.outcome = None
        try:
            self._measure(release, ocid)
        except NotComputable as lacking:
            self.outcome = lacking

    def _measure(self, release: Json, ocid: str) -> None:
        check_prices_compare(release, self._settings)
        winner = only_supplier(final_awards(release))
        single = [b for b in valid_bids(all_bids(release)) if only_id(b, "tenderers") is not None]
        prices = [bid for bid in priced(single) if self._currency.is_main(bid.currency)]
        won = [bid.amount for bid in prices if only_id(bid.bid, "tenderers") == winner]
        lost = [bid for bid in prices if only_id(bid.bid, "tenderers") != winner]
        if not won or not lost:
            raise NotComputable(Reason.NO_OTHER_BID if won else Reason.NO_WINNING_BID)
        self._keep(ocid, winner, min(won), min(lost, key=lambda bid: bid.amount))

    def _keep(self, ocid: str, winner: str, price: float, second: PricedBid) -> None:
        if second.amount < price:
            raise NotComputable(Reason.NOT_LOWEST_WON)
        self.ratios[ocid] = _divide(second.amount - price, price)
        self.bidders[ocid] = (winner, only_id(second.bid, "tenderers") or "")


def _divide(a: float, b: float) -> float:
    """IEEE division: by zero it gives infinity or NaN, with the sign of the zero."""
    if b != 0.0:
        return a / b
    if a == 0.0:
        return math.nan
    return math.copysign(math.inf, math.copysign(1.0, a) * math.copysign(1.0, b))


class _OfGaps:
    code: str
    groups: tuple[Group, ...] = (Group.OCID,)

    def __init__(self, options: RatioThreshold, gaps: PriceGaps) -> None:
        self._threshold = options.threshold
        self._gaps = gaps

    def take(self, release: Json, ocid: str, results: Results) -> None:
        if self._gaps.outcome is not None:
            raise self._gaps.outcome

    def _quartiles(self, results: Results) -> Quartiles:
        found = quartiles(self._gaps.ratios.values())
        results.note(self.code, q1=found.q1, q3=found.q3)
        return found


class R024(_OfGaps):
    """The winner's price is close to the next.

    r <= threshold, or Q1 - 1.5 IQR over all r; with the fence only if it and Q1 are above 0.
    Emits OCID r, winner and runner-up 0.0.
    """

    code = "R024"

    def finish(self, results: Results) -> None:
        """Flag processes at or below the fence."""
        fence, q1 = self._threshold, 1.0
        if fence is None:
            found = self._quartiles(results)
            fence, q1 = found.lower_fence, found.q1
        results.note(self.code, lower_fence=fence)
        if not (q1 > 0.0 and fence > 0.0):
            results.void[self.code, Group.OCID] = Reason.FENCE_NOT_POSITIVE
            return
        for ocid, ratio in self._gaps.ratios.items():
            if ratio <= fence:
                results.flag(Group.OCID, ocid, self.code, ratio)
                for tenderer in self._gaps.bidders[ocid]:
                    results.flag(Group.TENDERER, tenderer, self.code, 0.0)
                    results.map_tenderer("ocid_tenderer_r024", ocid, tenderer)


class R058(_OfGaps):
    """The winner's price is far below the next.

    r >= threshold, or Q3 + 1.5 IQR over all r, above 0. Emits OCID r, winner 0.0.
    """

    code = "R058"

    def finish(self, results: Results) -> None:
        """Flag processes at or above the fence."""
        fence = self._threshold
        if fence is None:
            fence = self._quartiles(results).upper_fence
        results.note(self.code, upper_fence=fence)
        if not fence > 0.0:
            results.void[self.code, Group.OCID] = Reason.FENCE_NOT_POSITIVE
            return
        for ocid, ratio in self._gaps.ratios.items():
            if ratio >= fence:
                winner = self._gaps.bidders[ocid][0]
                results.flag(Group.OCID, ocid, self.code, ratio)
                results.flag(Group.TENDERER, winner, self.code, 0.0)
                results.map_tenderer("ocid_tenderer_r058", ocid, winner)


class R025:
    """A tenderer that bids often wins seldom.

    Over processes with final awards, one active award and one supplier: wins / processes with a
    valid bid of its own, per tenderer. Flag those with at least the 75th percentile of processes
    and ratio <= threshold, or Q1 - 1.5 IQR; with the fence only if it and Q1 are above 0.
    Emits Tenderer ratio.
    """

    code = "R025"
    groups: tuple[Group, ...] = (Group.TENDERER,)

    def __init__(self, options: LosingTenderer) -> None:
        self._options = options
        self._tenderers: dict[str, Fraction] = {}

    def take(self, release: Json, ocid: str, results: Results) -> None:
        winner = only_supplier(final_awards(release))
        bids = valid_bids(all_bids(release))
        tenderers = dict.fromkeys(t for b in bids if (t := only_id(b, "tenderers")) is not None)
        if not tenderers:
            raise NotComputable(Reason.NO_ORGANISATION)
        for tenderer in tenderers:
            self._tenderers.setdefault(tenderer, Fraction()).add(int(tenderer == winner), 1)

    def finish(self, results: Results) -> None:
        """Flag frequent tenderers at or below the fence."""
        taken = self._tenderers.items()
        often = quantile((f.total for _, f in taken), self._options.percentile / 100)
        fence, q1 = self._options.threshold, 1.0
        if fence is None:
            found = quartiles(f.ratio for _, f in taken)
            results.note(self.code, q1=found.q1, q3=found.q3)
            fence, q1 = found.lower_fence, found.q1
        results.note(self.code, upper_fence=often, lower_fence=fence)
        if not (q1 > 0.0 and fence > 0.0):
            results.void[self.code, Group.TENDERER] = Reason.FENCE_NOT_POSITIVE
        for tenderer, fraction in taken:
            frequent = fraction.total >= often
            reason = None if frequent else Reason.BELOW_MINIMUM
            results.see(self.code, Group.TENDERER, tenderer, reason)
            if frequent and fraction.ratio <= fence and q1 > 0.0 and fence > 0.0:
                results.flag(Group.TENDERER, tenderer, self.code, fraction.ratio)


class R038:
    """Many bids are disqualified at a buyer, a procuring entity, or of a tenderer.

    Disqualified / submitted bids over all processes, per organisation of each group; flag
    ratio >= threshold, or Q3 + 1.5 IQR, above 0. Tenderers need minimum_submitted_bids (2).
    Buyers and procuring entities need minimum_contracting_processes (2), which Cardinal compares
    with their number of bids, not of processes; so does this. Emits the ratio per group.
    """

    code = "R038"
    groups: tuple[Group, ...] = (Group.BUYER, Group.PROCURING_ENTITY, Group.TENDERER)

    def __init__(self, options: ExcessDisqualified) -> None:
        self._options = options
        self._counts: dict[Group, dict[str, Fraction]] = {group: {} for group in self.groups}

    def take(self, release: Json, ocid: str, results: Results) -> None:
        bids = submitted_bids(release)
        if not bids:
            raise NotComputable(Reason.NO_BIDS)
        disqualified = [int(text(bid, "status") == "disqualified") for bid in bids]
        for bid, hit in zip(bids, disqualified, strict=True):
            for tenderer in ids(bid, "tenderers"):
                self._count(Group.TENDERER, tenderer, hit, 1)
        hits = sum(disqualified)
        entity = part(part(release, "tender"), "procuringEntity")
        for group, organisation in (
            (Group.BUYER, text(part(release, "buyer"), "id")),
            (Group.PROCURING_ENTITY, text(entity, "id")),
        ):
            if organisation is not None:
                self._count(group, organisation, hits, len(bids))
                if hits:
                    results.map_organisation(f"ocid_{group.lower()}_r038", ocid, organisation)

    def _count(self, group: Group, organisation: str, hits: int, total: int) -> None:
        self._counts[group].setdefault(organisation, Fraction()).add(hits, total)

    def finish(self, results: Results) -> None:
        """Flag organisations at or above the fence of their group."""
        for group in self.groups:
            enough = {o: f.ratio for o, f in self._counts[group].items() if self.suffices(group, o)}
            for organisation in self._counts[group]:
                reason = None if organisation in enough else Reason.BELOW_MINIMUM
                results.see(self.code, group, organisation, reason)
            if enough:
                self._flag(group, enough, results)

    def suffices(self, group: Group, organisation: str) -> bool:
        """Whether the organisation has the volume to be measured."""
        total = self._counts[group][organisation].total
        if group == Group.TENDERER:
            return total >= self._options.minimum_submitted_bids
        return total >= self._options.minimum_contracting_processes

    def _flag(self, group: Group, ratios: Mapping[str, float], results: Results) -> None:
        fence = self._options.threshold
        if fence is None:
            found = quartiles(ratios.values())
            results.note(self.code, **{f"{group}_q1": found.q1, f"{group}_q3": found.q3})
            fence = found.upper_fence
        results.note(self.code, **{f"{group}_upper_fence": fence})
        if not fence > 0.0:
            results.void[self.code, group] = Reason.FENCE_NOT_POSITIVE
            return
        for organisation, ratio in ratios.items():
            if ratio >= fence:
                results.flag(group, organisation, self.code, ratio)


@dataclass
class _Supplied:
    processes: int = 0
    classes: set[str] = field(default_factory=set)


class R048:
    """A supplier wins kinds of goods and services that have little in common.

    Distinct first 2 characters of awards.items.classification.id over active awards with one
    supplier, per supplier with at least 20 such processes; flag count >= threshold, or
    Q3 + 1.5 IQR. Emits Tenderer count.
    """

    code = "R048"
    groups: tuple[Group, ...] = (Group.TENDERER,)

    def __init__(self, options: HeterogeneousSupplier) -> None:
        self._options = options
        self._suppliers: dict[str, _Supplied] = {}

    def take(self, release: Json, ocid: str, results: Results) -> None:
        seen: set[str] = set()
        for award in items(release, "awards") or ():
            supplier = only_id(award, "suppliers")
            if text(award, "status") != "active" or supplier is None:
                continue
            for item in items(award, "items") or ():
                code = text(part(item, "classification"), "id")
                if code is not None:
                    seen.add(supplier)
                    supplied = self._suppliers.setdefault(supplier, _Supplied())
                    supplied.classes.add(code[: self._options.digits])
        for supplier in seen:
            self._suppliers[supplier].processes += 1
        if not seen:
            raise NotComputable(Reason.NO_CLASSIFICATION)

    def finish(self, results: Results) -> None:
        """Flag suppliers at or above the fence."""
        counts: dict[str, float] = {}
        for supplier, supplied in self._suppliers.items():
            enough = supplied.processes >= self._options.minimum_contracting_processes
            reason = None if enough else Reason.BELOW_MINIMUM
            results.see(self.code, Group.TENDERER, supplier, reason)
            if enough:
                counts[supplier] = float(len(supplied.classes))
        if self._options.threshold is None:
            found = quartiles(counts.values())
            results.note(self.code, q1=found.q1, q3=found.q3)
            fence = found.upper_fence
        else:
            fence = float(self._options.threshold)
        results.note(self.code, upper_fence=fence)
        for supplier, count in counts.items():
            if count >= fence:
                results.flag(Group.TENDERER, supplier, self.code, count)
