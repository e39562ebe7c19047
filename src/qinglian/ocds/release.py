"""Questions to one compiled release, answered as Cardinal answers them.

A value of the wrong JSON type counts as absent: an `id` that is a number, an `amount` that is text,
`awards` that is no array. Nothing here changes the release.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from qinglian.ocds.settings import Settings

Json = Mapping[str, Any]
_NOTHING: Json = {}


class Reason(StrEnum):
    """Why an indicator says nothing on a process or an organisation."""

    CANCELLED = "cancelled"
    EXCLUDED_METHOD = "excluded_method"
    METHOD_NOT_IN_SCOPE = "method_not_in_scope"
    NO_METHOD = "no_method"
    NO_PERIOD = "no_period"
    NO_INSTANT = "no_instant"
    NO_BIDS = "no_bids"
    NO_BID_DATES = "no_bid_dates"
    NO_PRICES = "no_prices"
    NO_AWARDS = "no_awards"
    NOT_FINAL = "not_final"
    NOT_ONE_AWARD = "not_one_award"
    NO_WINNING_BID = "no_winning_bid"
    NO_OTHER_BID = "no_other_bid"
    NOT_LOWEST_WON = "not_lowest_won"
    OTHER_CURRENCY = "other_currency"
    PRICE_NOT_COMPARABLE = "price_not_comparable"
    TIED_PRICE = "tied_price"
    ZERO_PRICE = "zero_price"
    REGULATED_PRICE = "regulated_price"
    NO_COUNT = "no_count"
    NO_CLASSIFICATION = "no_classification"
    NO_ORGANISATION = "no_organisation"
    LOTS_NOT_LINKED = "lots_not_linked"
    BELOW_MINIMUM = "below_minimum"
    FENCE_NOT_POSITIVE = "fence_not_positive"


REASONS: Mapping[Reason, tuple[str, str]] = {
    Reason.CANCELLED: ("招标已取消", "the tender was cancelled"),
    Reason.EXCLUDED_METHOD: ("采购方式被设置排除", "the method is excluded by the settings"),
    Reason.METHOD_NOT_IN_SCOPE: ("采购方式不在本指标范围", "the method is not one it looks at"),
    Reason.NO_METHOD: ("没有采购方式", "no procurement method"),
    Reason.NO_PERIOD: ("没有投标起止时间", "the tender period lacks its start or end"),
    Reason.NO_INSTANT: ("时间不是带时区的 RFC 3339", "a time is not RFC 3339 with an offset"),
    Reason.NO_BIDS: ("没有投标", "no bids"),
    Reason.NO_BID_DATES: ("有效投标没有时间", "no valid bid says when it came"),
    Reason.NO_PRICES: ("没有可比的报价", "no bids with amount, currency and tenderer"),
    Reason.NO_AWARDS: ("没有生效的授标", "no active award"),
    Reason.NOT_FINAL: ("授标尚未终结", "an award is not final yet"),
    Reason.NOT_ONE_AWARD: ("不是一份授标一家中标", "not one active award to one supplier"),
    Reason.NO_WINNING_BID: ("中标人没有有效报价", "the winner has no valid bid"),
    Reason.NO_OTHER_BID: ("没有其他有效报价", "no other valid bid"),
    Reason.NOT_LOWEST_WON: (
        "最低价未中标，不是只比价格",
        "the lowest did not win: not price alone",
    ),
    Reason.OTHER_CURRENCY: ("币种不一致", "prices are in another currency"),
    Reason.PRICE_NOT_COMPARABLE: ("该采购方式不比价格", "the method does not compare prices"),
    Reason.TIED_PRICE: ("最低价相同，见 R028", "the two lowest prices are equal: see R028"),
    Reason.ZERO_PRICE: ("中标价为零", "the winning price is zero"),
    Reason.REGULATED_PRICE: ("价格由规定确定", "the price is set by rule"),
    Reason.NO_COUNT: ("没有投标人数，也没有投标", "neither a number of tenderers nor bids"),
    Reason.NO_CLASSIFICATION: ("没有分类的授标明细", "no classified items on one supplier's award"),
    Reason.NO_ORGANISATION: ("投标没有投标人", "bids name no organisation"),
    Reason.LOTS_NOT_LINKED: ("投标未说明标段", "bids do not say which lot they are for"),
    Reason.BELOW_MINIMUM: ("数量低于下限", "fewer than the minimum"),
    Reason.FENCE_NOT_POSITIVE: ("界限不为正，不能区分", "the fence is not positive: tells nothing"),
}
"""Chinese and English words for each reason."""


class NotComputable(Exception):  # noqa: N818 - an answer, not an error
    """The process lacks what the indicator needs."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class PricedBid(NamedTuple):
    """A bid with its price."""

    status: str
    amount: float
    currency: str
    bid: Json


def part(node: object, key: str) -> Json:
    """The object at `key`, empty when there is none."""
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, dict) else _NOTHING


def items(node: object, key: str) -> list[Any] | None:
    """The array at `key`."""
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, list) else None


def text(node: object, key: str) -> str | None:
    """The string at `key`."""
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, str) else None


def number(node: object, key: str) -> float | None:
    """The number at `key` as a double, as prices are compared; true and false are no numbers."""
    value = node.get(key) if isinstance(node, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def ids(node: object, key: str) -> list[str]:
    """The string ids of the organisations in the array at `key`, in order, with repeats."""
    found = (text(reference, "id") for reference in items(node, key) or ())
    return [name for name in found if name is not None]


def only_id(node: object, key: str) -> str | None:
    """The id when the array at `key` holds exactly one organisation."""
    references = items(node, key)
    return text(references[0], "id") if references is not None and len(references) == 1 else None


def all_bids(release: Json) -> list[Any]:
    """Every entry of `bids.details`; without the array there are no bids."""
    details = items(part(release, "bids"), "details")
    if details is None:
        raise NotComputable(Reason.NO_BIDS)
    return details


def submitted_bids(release: Json) -> list[Json]:
    """Bids with a status other than invited and withdrawn, unknown statuses among them."""
    details = items(part(release, "bids"), "details") or ()
    return [bid for bid in details if text(bid, "status") not in (None, "invited", "withdrawn")]


def valid_bids(details: list[Any]) -> list[Json]:
    """Bids with status valid."""
    return [bid for bid in details if text(bid, "status") == "valid"]


def priced(bids: list[Json]) -> Iterator[PricedBid]:
    """Those bids that have an amount and a currency."""
    for bid in bids:
        status, value = text(bid, "status"), part(bid, "value")
        amount, currency = number(value, "amount"), text(value, "currency")
        if status is not None and amount is not None and currency is not None:
            yield PricedBid(status, amount, currency, bid)


def active_awards(release: Json) -> list[Json]:
    """Awards with status active."""
    awards = items(release, "awards") or ()
    return [award for award in awards if text(award, "status") == "active"]


def final_awards(release: Json) -> list[Json]:
    """Active awards of a process whose awards are all final; it must have arrays of both kinds.

    Final are active, cancelled and unsuccessful; an award without a status is passed over.
    """
    awards = items(release, "awards")
    if awards is None:
        raise NotComputable(Reason.NO_AWARDS)
    all_bids(release)
    statuses = [text(award, "status") for award in awards]
    if any(s not in (None, "active", "cancelled", "unsuccessful") for s in statuses):
        raise NotComputable(Reason.NOT_FINAL)
    return active_awards(release)


def only_supplier(awards: list[Json]) -> str:
    """The supplier of the only award."""
    supplier = only_id(awards[0], "suppliers") if len(awards) == 1 else None
    if supplier is None:
        raise NotComputable(Reason.NOT_ONE_AWARD if awards else Reason.NO_AWARDS)
    return supplier


def method_fits(release: Json, methods: frozenset[str]) -> bool:
    """Whether `procurementMethod` is one of these; no methods are all, even where it is unset."""
    return not methods or text(part(release, "tender"), "procurementMethod") in methods


def details_fit(release: Json, allowed: frozenset[str], denied: frozenset[str]) -> bool:
    """Whether `procurementMethodDetails` passes: an allow list wins over a deny list.

    With an allow list a process that does not say fails; with a deny list it passes.
    """
    details = text(part(release, "tender"), "procurementMethodDetails")
    if allowed:
        return details in allowed
    return details is None or details not in denied


def check_prices_compare(release: Json, settings: Settings) -> None:
    """Raise unless prices of the bids for this process may be compared."""
    if not details_fit(
        release,
        settings.price_comparison_procurement_methods,
        settings.no_price_comparison_procurement_methods,
    ):
        raise NotComputable(Reason.PRICE_NOT_COMPARABLE)
