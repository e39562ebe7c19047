"""Our versions of the eleven indicators, each named for what it does otherwise than Cardinal's.

The same codes, groups and result object. All take ids that are numbers, single references that are
no arrays, and lots (each lot is a competition of its own). R003 and R048 differ in nothing else.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import ClassVar

from qinglian.ocds.cardinal_market import R038, R048, PriceGaps
from qinglian.ocds.cardinal_process import R003, R028, R030, R035, MainCurrency
from qinglian.ocds.dates import instant
from qinglian.ocds.lots import competitions
from qinglian.ocds.release import (
    Json,
    NotComputable,
    PricedBid,
    Reason,
    active_awards,
    all_bids,
    check_prices_compare,
    final_awards,
    ids,
    items,
    number,
    only_id,
    only_supplier,
    part,
    priced,
    submitted_bids,
    text,
    valid_bids,
)
from qinglian.ocds.results import Group, Indicator, Results, enabled
from qinglian.ocds.settings import (
    ExcessDisqualified,
    LosingTenderer,
    OwnSettings,
    RatioThreshold,
    Settings,
    SingleBid,
)
from qinglian.ocds.statistics import discoveries, lower_tail, quartiles

_BEYOND_A_FENCE = 0.0034883
"""Share of a normal distribution below Q1 - 1.5 IQR, the same above Q3 + 1.5 IQR."""
_PRICE_ONLY = ("priceOnly", "lowestCost", "priceonly")


def each_competition(release: Json, take: Callable[[str, Json], None]) -> None:
    """Take each lot; what one lot lacks does not stop the others.

    Raises `NotComputable` with the first lot's reason when no lot can be computed.
    """
    lacking: list[NotComputable] = []
    lots = competitions(release)
    for lot, of_lot in lots:
        try:
            take(lot, of_lot)
        except NotComputable as error:
            lacking.append(error)
    if len(lacking) == len(lots):
        raise lacking[0] if lacking else NotComputable(Reason.CANCELLED)


class ByLot:
    """Any indicator of one process, asked lot by lot."""

    def __init__(self, one: Indicator) -> None:
        self._one = one
        self.code = one.code
        self.groups = one.groups

    def take(self, release: Json, ocid: str, results: Results) -> None:
        each_competition(release, lambda _, of_lot: self._one.take(of_lot, ocid, results))

    def finish(self, results: Results) -> None:
        """Let the indicator say what is left."""
        self._one.finish(results)


class SingleBidder:
    """R018 also where numberOfTenderers is absent.

    Per lot, tenderers of submitted bids are counted; without bids numberOfTenderers, then
    tender.tenderers, then bids.statistics (validBids, else bids). One fires. Where
    procurementMethod is absent, procurementMethodDetails must be one of
    qinglian.competitive_procurement_method_details.
    """

    code = "R018"
    groups: tuple[Group, ...] = (Group.OCID,)

    def __init__(self, options: SingleBid, own: OwnSettings) -> None:
        self._options = options
        self._competitive = own.competitive_procurement_method_details

    def take(self, release: Json, ocid: str, results: Results) -> None:
        self._check_method(part(release, "tender"))
        each_competition(release, lambda _, of_lot: self._take(of_lot, ocid, results))

    def _check_method(self, tender: Json) -> None:
        method = text(tender, "procurementMethod")
        if method is None:
            if text(tender, "procurementMethodDetails") in self._competitive:
                return
            raise NotComputable(Reason.NO_METHOD)
        if self._options.procurement_methods and method not in self._options.procurement_methods:
            raise NotComputable(Reason.METHOD_NOT_IN_SCOPE)

    def _take(self, release: Json, ocid: str, results: Results) -> None:
        count = self._count(release)
        if count is None:
            raise NotComputable(Reason.NO_COUNT)
        if count == 1:
            results.flag(Group.OCID, ocid, self.code, 1.0)

    def _count(self, release: Json) -> float | None:
        tender = part(release, "tender")
        bids = submitted_bids(release)
        bidders = {frozenset(ids(bid, "tenderers")) for bid in bids} - {frozenset()}
        if bidders:
            return len(bidders)
        count = number(tender, "numberOfTenderers")
        if count is not None:
            return count
        tenderers = set(ids(tender, "tenderers"))
        if tenderers:
            return len(tenderers)
        statistics = items(part(release, "bids"), "statistics") or ()
        figures = {text(s, "measure"): number(s, "value") for s in statistics}
        return figures.get("validBids", figures.get("bids"))

    def finish(self, results: Results) -> None:
        """Nothing is left to say."""


class OwnGaps(PriceGaps):
    """How far the second price is above the winner's, per lot and in whatever currency.

    Compared are bids in the winner's currency; another one makes the lot not computable, so no
    first-seen currency decides. The winner's price is that of the bid its award names
    (relatedBid, relatedBids), else its lowest. A zero price and a tie are not measured: a tie is
    R028's.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, MainCurrency(None))
        self._of: dict[str, str] = {}

    def _measure(self, release: Json, ocid: str) -> None:
        check_prices_compare(release, self._settings)
        each_competition(release, lambda lot, of_lot: self._measure_lot(of_lot, ocid, lot))

    def _measure_lot(self, release: Json, ocid: str, lot: str) -> None:
        awards = final_awards(release)
        winner = only_supplier(awards)
        single = [b for b in valid_bids(all_bids(release)) if only_id(b, "tenderers") is not None]
        prices = list(priced(single))
        won = [bid for bid in prices if only_id(bid.bid, "tenderers") == winner]
        lost = [bid for bid in prices if only_id(bid.bid, "tenderers") != winner]
        if not won or not lost:
            raise NotComputable(Reason.NO_OTHER_BID if won else Reason.NO_WINNING_BID)
        if len({bid.currency for bid in prices}) > 1:
            raise NotComputable(Reason.OTHER_CURRENCY)
        price = self._winning(awards[0], won).amount
        if price <= 0:
            raise NotComputable(Reason.ZERO_PRICE)
        second = min(lost, key=lambda bid: bid.amount)
        if second.amount == price:
            raise NotComputable(Reason.TIED_PRICE)
        key = f"{ocid}\x00{lot}"
        self._keep(key, winner, price, second)
        self._of[key] = ocid

    def _winning(self, award: Json, won: list[PricedBid]) -> PricedBid:
        named = {text(award, "relatedBid"), *(items(award, "relatedBids") or ())}
        chosen = [bid for bid in won if text(bid.bid, "id") in named - {None}]
        return min(chosen or won, key=lambda bid: bid.amount)

    def ocid(self, key: str) -> str:
        """The process of a lot."""
        return self._of[key]


class LogGap:
    """R024 and R058 with a fence that fires: on the logarithm of the ratio.

    Ratios are skewed; the plain fence is below zero on real bids. Here x = ln r, flag
    x <= Q1 - 1.5 IQR (R024) or x >= Q3 + 1.5 IQR (R058), from qinglian.minimum_ratios (20) on. The
    expected number of flags, were x normal, stands beside the fence in the Meta. A threshold is
    compared with r itself. Emits OCID r, R024 both tenderers 0.0, R058 the winner.
    """

    groups: tuple[Group, ...] = (Group.OCID,)
    _SIDES: ClassVar[Mapping[str, str]] = {"R024": "lower_fence", "R058": "upper_fence"}

    def __init__(self, code: str, options: RatioThreshold, own: OwnSettings, gaps: OwnGaps) -> None:
        self.code = code
        self._threshold = options.threshold
        self._minimum = own.minimum_ratios
        self._gaps = gaps

    def take(self, release: Json, ocid: str, results: Results) -> None:
        if self._gaps.outcome is not None:
            raise self._gaps.outcome

    def finish(self, results: Results) -> None:
        """Flag lots beyond the fence."""
        ratios = self._gaps.ratios
        fence = self._threshold
        if fence is None:
            if len(ratios) < self._minimum:
                results.void[self.code, Group.OCID] = Reason.BELOW_MINIMUM
                return
            found = quartiles(math.log(ratio) for ratio in ratios.values())
            fence = math.exp(found.lower_fence if self.code == "R024" else found.upper_fence)
            results.note(self.code, expected=_BEYOND_A_FENCE * len(ratios))
        results.note(self.code, measured=len(ratios), **{self._SIDES[self.code]: fence})
        for key, ratio in ratios.items():
            if ratio <= fence if self.code == "R024" else ratio >= fence:
                self._flag(key, ratio, results)

    def _flag(self, key: str, ratio: float, results: Results) -> None:
        ocid = self._gaps.ocid(key)
        worst = min if self.code == "R024" else max
        known = results.values.get(Group.OCID, {}).get(ocid, {}).get(self.code, ratio)
        results.flag(Group.OCID, ocid, self.code, worst(known, ratio))
        for tenderer in self._gaps.bidders[key][: 2 if self.code == "R024" else 1]:
            results.flag(Group.TENDERER, tenderer, self.code, 0.0)
            results.map_tenderer(f"ocid_tenderer_{self.code.lower()}", ocid, tenderer)


class SeldomWinner:
    """R025 as a test: fewer wins than its rivals' number lets expect.

    In a lot with k tenderers with valid bids each wins with probability 1/k; p is the probability
    of so few wins or fewer over the tenderer's own lots with k >= 2 (Poisson binomial, exact).
    Tested are tenderers with at least qinglian.minimum_participations (10); flagged what remains at
    qinglian.false_discovery_rate (0.05, Benjamini-Hochberg, which does not correct for rivals'
    tests depending on each other). A threshold further demands ratio <= threshold.
    Emits Tenderer wins / participations.
    """

    code = "R025"
    groups: tuple[Group, ...] = (Group.TENDERER,)

    def __init__(self, options: LosingTenderer, own: OwnSettings) -> None:
        self._threshold = options.threshold
        self._minimum = own.minimum_participations
        self._rate = own.false_discovery_rate
        self._fields: dict[str, Counter[int]] = {}
        self._wins: Counter[str] = Counter()

    def take(self, release: Json, ocid: str, results: Results) -> None:
        each_competition(release, lambda _, of_lot: self._take(of_lot))

    def _take(self, release: Json) -> None:
        winner = only_supplier(final_awards(release))
        bids = valid_bids(all_bids(release))
        tenderers = {t for bid in bids if (t := only_id(bid, "tenderers")) is not None}
        if len(tenderers) < 2:  # noqa: PLR2004 - nobody to lose to
            raise NotComputable(Reason.NO_OTHER_BID if tenderers else Reason.NO_ORGANISATION)
        if winner not in tenderers:
            raise NotComputable(Reason.NO_WINNING_BID)
        for tenderer in tenderers:
            self._fields.setdefault(tenderer, Counter())[len(tenderers)] += 1
        self._wins[winner] += 1

    def finish(self, results: Results) -> None:
        """Test the frequent tenderers and flag what is no chance."""
        tested: dict[str, float] = {}
        for tenderer, fields in sorted(self._fields.items()):
            enough = fields.total() >= self._minimum
            reason = None if enough else Reason.BELOW_MINIMUM
            results.see(self.code, Group.TENDERER, tenderer, reason)
            if enough:
                tested[tenderer] = lower_tail(self._wins[tenderer], fields)
        limit = discoveries(list(tested.values()), self._rate)
        results.note(self.code, tested=len(tested), p_limit=limit)
        for tenderer, p in tested.items():
            ratio = self._wins[tenderer] / self._fields[tenderer].total()
            if p <= limit and (self._threshold is None or ratio <= self._threshold):
                results.flag(Group.TENDERER, tenderer, self.code, ratio)


class SamePrice(R028):
    """R028 without prices that nobody chose.

    Left out are amounts of zero or less, amounts equal to the process's own value (everyone bids
    the ceiling), and processes whose items are classified under
    qinglian.regulated_classifications.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._regulated = tuple(settings.qinglian.regulated_classifications)

    def take(self, release: Json, ocid: str, results: Results) -> None:
        tender = part(release, "tender")
        classes = [
            text(part(i, "classification"), "id") or "" for i in items(tender, "items") or ()
        ]
        if self._regulated and any(code.startswith(self._regulated) for code in classes):
            raise NotComputable(Reason.REGULATED_PRICE)
        ceiling = number(part(tender, "value"), "amount")
        details = [
            bid.bid
            for bid in priced(submitted_bids(release))
            if bid.amount > 0 and bid.amount != ceiling
        ]
        super().take({**release, "bids": {"details": details}}, ocid, results)


class LateInTime(R030):
    """R030 by the clock: both times as instants, so that offsets and precision count right.

    A bid or an end that is no RFC 3339 time with an offset is not compared.
    """

    def take(self, release: Json, ocid: str, results: Results) -> None:
        end = text(part(part(release, "tender"), "tenderPeriod"), "endDate")
        if end is not None and instant(end) is None:
            raise NotComputable(Reason.NO_INSTANT)
        dates = [text(bid, "date") for bid in valid_bids(all_bids(release))]
        known = [date for date in dates if date is not None]
        if known and all(instant(date) is None for date in known):
            raise NotComputable(Reason.NO_INSTANT)
        super().take(release, ocid, results)

    def is_late(self, date: str, end: str) -> bool:
        """Whether the bid came after the end."""
        bid, close = instant(date), instant(end)
        return bid is not None and close is not None and bid > close


class LowestDisqualified:
    """R036 for price-only awards in one currency, and only when strictly the lowest.

    A tender.awardCriteria other than priceOnly makes the process not computable; an equal valid bid
    clears it, in whatever order bids are listed. Emits OCID 1.0.
    """

    code = "R036"
    groups: tuple[Group, ...] = (Group.OCID,)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def take(self, release: Json, ocid: str, results: Results) -> None:
        check_prices_compare(release, self._settings)
        criteria = text(part(release, "tender"), "awardCriteria")
        if criteria is not None and criteria not in _PRICE_ONLY:
            raise NotComputable(Reason.PRICE_NOT_COMPARABLE)
        if not active_awards(release):
            raise NotComputable(Reason.NO_AWARDS)
        bids = [bid for bid in priced(submitted_bids(release)) if bid.amount > 0]
        valid = [bid.amount for bid in bids if bid.status == "valid"]
        if not valid:
            raise NotComputable(Reason.NO_PRICES)
        if len({bid.currency for bid in bids}) > 1:
            raise NotComputable(Reason.OTHER_CURRENCY)
        out = [bid.amount for bid in bids if bid.status == "disqualified"]
        if out and min(out) < min(valid):
            results.flag(Group.OCID, ocid, self.code, 1.0)

    def finish(self, results: Results) -> None:
        """Nothing is left to say."""


class ExcessByProcesses(R038):
    """R038 whose minimum_contracting_processes counts processes, as its name says."""

    def __init__(self, options: ExcessDisqualified) -> None:
        super().__init__(options)
        self._minimum_processes = options.minimum_contracting_processes
        self._processes: Counter[tuple[Group, str]] = Counter()

    def take(self, release: Json, ocid: str, results: Results) -> None:
        super().take(release, ocid, results)
        entity = part(part(release, "tender"), "procuringEntity")
        for group, organisation in (
            (Group.BUYER, text(part(release, "buyer"), "id")),
            (Group.PROCURING_ENTITY, text(entity, "id")),
        ):
            if organisation is not None:
                self._processes[group, organisation] += 1

    def suffices(self, group: Group, organisation: str) -> bool:
        """Whether the organisation has the volume to be measured."""
        if group == Group.TENDERER:
            return super().suffices(group, organisation)
        return self._processes[group, organisation] >= self._minimum_processes


def own_indicators(settings: Settings) -> tuple[tuple[Indicator, ...], OwnGaps]:
    """Those that the settings enable, in the order of their codes, and what R024 and R058 share."""
    own, gaps = settings.qinglian, OwnGaps(settings)
    made: tuple[Indicator, ...] = (
        *enabled(settings.R003, R003),
        *enabled(settings.R018, lambda options: SingleBidder(options, own)),
        *enabled(settings.R024, lambda options: LogGap("R024", options, own, gaps)),
        *enabled(settings.R025, lambda options: SeldomWinner(options, own)),
        *enabled(settings.R028, lambda _: ByLot(SamePrice(settings))),
        *enabled(settings.R030, lambda _: ByLot(LateInTime())),
        *enabled(settings.R035, lambda options: ByLot(R035(options))),
        *enabled(settings.R036, lambda _: ByLot(LowestDisqualified(settings))),
        *enabled(settings.R038, ExcessByProcesses),
        *enabled(settings.R048, R048),
        *enabled(settings.R058, lambda options: LogGap("R058", options, own, gaps)),
    )
    return made, gaps
