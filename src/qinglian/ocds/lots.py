"""A process in a form that has no publisher's habits, and its lots, each competed for by itself."""

from typing import Any

from qinglian.ocds.release import Json, NotComputable, Reason, items, part, submitted_bids, text

_LISTS = ("tenderers", "suppliers")


def tidied(release: Json) -> Json:
    """Ids of organisations as text and their references in arrays, as Cardinal's `prepare` does."""
    tender = part(release, "tender")
    bids = [_with_lists(bid) for bid in items(part(release, "bids"), "details") or ()]
    awards = items(release, "awards")
    changed: dict[str, Any] = dict(release)
    if "buyer" in release:
        changed["buyer"] = _reference(release["buyer"])
    if "procuringEntity" in tender:
        changed["tender"] = {**tender, "procuringEntity": _reference(tender["procuringEntity"])}
    if "bids" in release:
        changed["bids"] = {**part(release, "bids"), "details": bids}
    if awards is not None:
        changed["awards"] = [_with_lists(award) for award in awards]
    return changed


def _with_lists(node: object) -> object:
    if not isinstance(node, dict):
        return node
    lists: dict[str, Any] = {}
    for name in _LISTS:
        references = node.get(name)
        if isinstance(references, dict):
            references = [references]
        if isinstance(references, list):
            lists[name] = [_reference(reference) for reference in references]
    return {**node, **lists}


def _reference(reference: object) -> object:
    if isinstance(reference, dict) and type(reference.get("id")) is int:
        return {**reference, "id": str(reference["id"])}
    return reference


def competitions(release: Json) -> list[tuple[str, Json]]:
    """Lot and release, the release with only the bids and awards of that lot.

    A process without lots, or with one, or without any bid, is one competition with lot "".
    Cancelled lots are left out. A bid on several lots has a price for a lot only where `lotValues`
    says so; its total is taken off. Raises `NotComputable` when bids do not say their lot.
    """
    lots = items(part(release, "tender"), "lots") or []
    named = [lot for lot in map(_id_of_open, lots) if lot is not None]
    bids = submitted_bids(release)
    if not lots:
        named = list(dict.fromkeys(lot for bid in bids for lot in _lots_of(bid)))
    if max(len(lots), len(named)) <= 1 or not bids:
        return [("", release)]
    if not all(_lots_of(bid) for bid in bids):
        raise NotComputable(Reason.LOTS_NOT_LINKED)
    return [(lot, _of_lot(release, lot)) for lot in named]


def _id_of_open(lot: object) -> str | None:
    return text(lot, "id") if text(lot, "status") != "cancelled" else None


def _lots_of(node: object) -> list[str]:
    """Lots of a bid or an award, from itself, its prices by lot, or its items."""
    direct = [lot for lot in items(node, "relatedLots") or () if isinstance(lot, str)]
    priced = [lot for v in items(node, "lotValues") or () if (lot := text(v, "relatedLot"))]
    itemised = [lot for i in items(node, "items") or () if (lot := text(i, "relatedLot"))]
    return list(dict.fromkeys(direct or priced or itemised))


def _of_lot(release: Json, lot: str) -> Json:
    details = items(part(release, "bids"), "details") or []
    awards = items(release, "awards")
    changed: dict[str, Any] = {
        **release,
        "bids": {"details": [_priced_for(bid, lot) for bid in details if lot in _lots_of(bid)]},
    }
    if awards is not None:
        changed["awards"] = [award for award in awards if lot in _lots_of(award)]
    return changed


def _priced_for(bid: Json, lot: str) -> Json:
    for value in items(bid, "lotValues") or ():
        if text(value, "relatedLot") == lot:
            return {**bid, "value": value.get("value")}
    if len(_lots_of(bid)) > 1:
        return {name: value for name, value in bid.items() if name != "value"}
    return bid
