"""Cardinal's indicators that look at one process alone: R003, R018, R028, R030, R035, R036.

Definitions: Open Contracting Partnership, Cardinal, "Indicators" (MIT), restated in each docstring.
"""

from qinglian.ocds.dates import instant, whole_days
from qinglian.ocds.release import (
    Json,
    NotComputable,
    Reason,
    active_awards,
    all_bids,
    check_prices_compare,
    final_awards,
    ids,
    items,
    method_fits,
    part,
    priced,
    submitted_bids,
    text,
    valid_bids,
)
from qinglian.ocds.results import Group, Results
from qinglian.ocds.settings import OthersDisqualified, Settings, ShortSubmission, SingleBid


class MainCurrency:
    """The currency that prices are compared in: set, or else the first that is seen."""

    def __init__(self, currency: str | None) -> None:
        self._currency = currency

    def is_main(self, currency: str) -> bool:
        """Whether this is it; without a setting the first one asked for becomes it."""
        if self._currency is None:
            self._currency = currency
        return currency == self._currency


class _OfOneProcess:
    groups: tuple[Group, ...] = (Group.OCID,)

    def finish(self, results: Results) -> None:
        """Nothing is left to say."""


class R003(_OfOneProcess):
    """The submission period is short.

    trunc(days from tender.tenderPeriod.startDate to endDate) < threshold (15; by
    procurementMethodDetails where set), both RFC 3339 with an offset, compared as instants.
    Emits OCID 1.0.
    """

    code = "R003"

    def __init__(self, options: ShortSubmission) -> None:
        self._options = options

    def take(self, release: Json, ocid: str, results: Results) -> None:
        options, tender = self._options, part(release, "tender")
        if not method_fits(release, options.procurement_methods):
            raise NotComputable(Reason.METHOD_NOT_IN_SCOPE)
        period = part(tender, "tenderPeriod")
        start, end = text(period, "startDate"), text(period, "endDate")
        if start is None or end is None:
            raise NotComputable(Reason.NO_PERIOD)
        first, last = instant(start), instant(end)
        if first is None or last is None:
            raise NotComputable(Reason.NO_INSTANT)
        details = text(tender, "procurementMethodDetails")
        by_details = options.procurement_method_details
        threshold = options.threshold
        if details is not None and details in by_details:
            threshold = by_details[details]
        if whole_days(first, last) < threshold:
            results.flag(Group.OCID, ocid, self.code, 1.0)


class R018(_OfOneProcess):
    """Only one bid where competition is expected.

    tender.numberOfTenderers is the integer 1 and procurementMethod is open or selective.
    Emits OCID 1.0.
    """

    code = "R018"

    def __init__(self, options: SingleBid) -> None:
        self._options = options

    def take(self, release: Json, ocid: str, results: Results) -> None:
        tender = part(release, "tender")
        if not method_fits(release, self._options.procurement_methods):
            raise NotComputable(Reason.METHOD_NOT_IN_SCOPE)
        count = tender.get("numberOfTenderers")
        if isinstance(count, bool) or not isinstance(count, int):
            raise NotComputable(Reason.NO_COUNT)
        if count == 1:
            results.flag(Group.OCID, ocid, self.code, 1.0)


class R028(_OfOneProcess):
    """Different tenderers bid the same price.

    Two submitted bids with the same amount and currency and different sets of tenderers.
    Emits OCID 1.0, each tenderer of both 1.0.
    """

    code = "R028"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def take(self, release: Json, ocid: str, results: Results) -> None:
        check_prices_compare(release, self._settings)
        # The last bid of a price is what the next one is compared with.
        last_at: dict[tuple[float, str], frozenset[str]] = {}
        compared = 0
        for bid in priced(submitted_bids(release)):
            tenderers = ids(bid.bid, "tenderers")
            if not tenderers:
                continue
            compared += 1
            price = (bid.amount, bid.currency)
            others = last_at.get(price)
            if others is not None and others != frozenset(tenderers):
                results.flag(Group.OCID, ocid, self.code, 1.0)
                for tenderer in [*tenderers, *sorted(others)]:
                    results.flag(Group.TENDERER, tenderer, self.code, 1.0)
                    results.map_tenderer("ocid_tenderer_r028", ocid, tenderer)
            last_at[price] = frozenset(tenderers)
        if compared < 2:  # noqa: PLR2004 - one price equals no other
            raise NotComputable(Reason.NO_OTHER_BID if compared else Reason.NO_PRICES)


class R030(_OfOneProcess):
    """A late bid won.

    A valid bid's date is after tender.tenderPeriod.endDate, compared as text (so that offsets and
    precision are not looked at), and one of its tenderers is a supplier of an active award.
    Emits OCID 1.0, that tenderer 1.0.
    """

    code = "R030"

    def take(self, release: Json, ocid: str, results: Results) -> None:
        end = text(part(part(release, "tender"), "tenderPeriod"), "endDate")
        if end is None:
            raise NotComputable(Reason.NO_PERIOD)
        if items(release, "awards") is None:
            raise NotComputable(Reason.NO_AWARDS)
        bids = [b for b in valid_bids(all_bids(release)) if text(b, "date") is not None]
        if not bids:
            raise NotComputable(Reason.NO_BID_DATES)
        suppliers = {s for award in active_awards(release) for s in ids(award, "suppliers")}
        for bid in bids:
            if self.is_late(text(bid, "date") or "", end):
                self._flag(ocid, [t for t in ids(bid, "tenderers") if t in suppliers], results)

    def is_late(self, date: str, end: str) -> bool:
        """Whether the bid came after the end."""
        return date > end

    def _flag(self, ocid: str, winners: list[str], results: Results) -> None:
        for tenderer in winners:
            results.flag(Group.OCID, ocid, self.code, 1.0)
            results.flag(Group.TENDERER, tenderer, self.code, 1.0)
            results.map_tenderer("ocid_tenderer_r030", ocid, tenderer)


class R035(_OfOneProcess):
    """All bids but the winner's were disqualified.

    All awards final; the tenderers of valid bids are the suppliers of active awards, and exactly
    one; n = tenderers of disqualified bids without that one; n >= threshold (1).
    Emits OCID n, the tenderer 0.0.
    """

    code = "R035"

    def __init__(self, options: OthersDisqualified) -> None:
        self._threshold = max(options.threshold, 1)

    def take(self, release: Json, ocid: str, results: Results) -> None:
        awards = final_awards(release)
        suppliers = {s for award in awards for s in ids(award, "suppliers")}
        valid: dict[str, None] = {}
        disqualified: dict[str, None] = {}
        for bid in all_bids(release):
            tenderers = {"valid": valid, "disqualified": disqualified}.get(
                text(bid, "status") or ""
            )
            if tenderers is not None:
                tenderers.update(dict.fromkeys(ids(bid, "tenderers")))
        if not valid and not disqualified:
            raise NotComputable(Reason.NO_ORGANISATION)
        if len(valid) != 1 or set(valid) != suppliers:
            return
        others = len(disqualified.keys() - valid.keys())
        if others >= self._threshold:
            (tenderer,) = valid
            results.flag(Group.OCID, ocid, self.code, float(others))
            results.flag(Group.TENDERER, tenderer, self.code, 0.0)
            results.map_tenderer("ocid_tenderer_r035", ocid, tenderer)


class R036(_OfOneProcess):
    """The lowest bid was disqualified.

    At least one active award; of submitted bids in the main currency the lowest, the first of
    equals, is disqualified; at least one of them is valid. Emits OCID 1.0.
    """

    code = "R036"

    def __init__(self, settings: Settings, currency: MainCurrency) -> None:
        self._settings = settings
        self._currency = currency

    def take(self, release: Json, ocid: str, results: Results) -> None:
        check_prices_compare(release, self._settings)
        if not active_awards(release):
            raise NotComputable(Reason.NO_AWARDS)
        prices = list(priced(submitted_bids(release)))
        comparable = [bid for bid in prices if self._currency.is_main(bid.currency)]
        if not comparable:
            raise NotComputable(Reason.OTHER_CURRENCY if prices else Reason.NO_PRICES)
        lowest = min(comparable, key=lambda bid: bid.amount)
        if lowest.status == "disqualified" and any(b.status == "valid" for b in comparable):
            results.flag(Group.OCID, ocid, self.code, 1.0)
