"""Schemes of stores: goods that never left, left unbilled or late, or came by no store at all.

Nothing of what the hospital bills changes, only what its stores say was used of one item.
"""

import numpy as np

from qinglian.city.calendar import Month, second_number
from qinglian.city.drugs import drug_index
from qinglian.city.his_columns import MonthData, flat, local_code
from qinglian.city.lines import DRUG, MATERIAL
from qinglian.city.schemes import Schemes, StockGap
from qinglian.city.services import material_index
from qinglian.city.stock_flows import CONSIGNED, STORES, Flows, all_goods, join_flows

_LATE_HOURS = 30


def stocked_item(name: str) -> tuple[int, int]:
    """Kind and place in its catalogue of a consumable's key or a drug's generic name."""
    if name in material_index():
        return MATERIAL, material_index()[name]
    return DRUG, drug_index(name)[0]


def plant_stock(data: MonthData, use: Flows, schemes: Schemes) -> tuple[Flows, Flows]:
    """What the stores say was used in the month, and what of it they book in the next one."""
    late = use.take(np.zeros(0, dtype=np.int64))
    for scheme, action in schemes.of(StockGap, data.hospital.number, data.month):
        if action.pattern == "not_booked":
            continue
        item = _number(action)
        mine = np.flatnonzero((use.item == item) & (use.qty > 0))
        wanted = action.pieces * 100 or _whole_units(int(use.qty[mine].sum()), action.share)
        if not len(mine) or wanted == 0:
            continue
        part = use.take(mine)
        part.qty = _first(part.qty, wanted)
        part = part.take(part.qty > 0)
        if action.pattern == "used_more":
            use = join_flows([use, part])
        else:
            use.qty[mine] -= _first(use.qty[mine], wanted)
            use = use.take(use.qty != 0)
        if action.pattern == "late":
            part.time = np.full(len(part.time), _next(data.month))
            late = join_flows([late, part])
        keys = _balance_keys(data, action, part)
        moved = int(part.qty.sum())
        cents = moved * all_goods()[item].min_price // 10_000 if scheme.case == "true" else 0
        scheme.record(data.month, "pr_stock_month", keys, cents)
    return use, late


def leave_unbooked(
    data: MonthData, use: Flows, receipts: Flows, schemes: Schemes
) -> tuple[Flows, Flows]:
    """Use and receipts of the month without the consigned pieces that never went through stores.

    What was ordered of the same item is booked as ever.
    """
    for scheme, action in schemes.of(StockGap, data.hospital.number, data.month):
        item = _number(action)
        came = np.flatnonzero((receipts.item == item) & (receipts.of >= CONSIGNED))
        mine = np.flatnonzero((use.item == item) & (use.qty > 0))
        wanted = min(action.pieces * 100, int(receipts.qty[came].sum()), int(use.qty[mine].sum()))
        if action.pattern == "not_booked" and wanted > 0:
            keys = _balance_keys(data, action, use.take(mine))
            use.qty[mine] -= _first(use.qty[mine], wanted)
            receipts.qty[came] -= _first(receipts.qty[came], wanted)
            scheme.record(data.month, "pr_stock_month", keys, 0)
    return use.take(use.qty != 0), receipts.take(receipts.qty != 0)


def _number(action: StockGap) -> int:
    """Place of the item in the joint list of drugs and consumables."""
    kind, place = stocked_item(action.item)
    return int(flat(np.array([kind]), np.array([place]))[0])


def _balance_keys(data: MonthData, action: StockGap, part: Flows) -> list[str]:
    """The month's balances of the stores from which a part went."""
    kind, place = stocked_item(action.item)
    code = local_code(data.hospital.vendor, kind, place)
    goods = "material" if kind == MATERIAL else "drug"
    return [
        f"{STORES[store]}|{goods}|{code}||{data.month.first.isoformat()}"
        for store in np.unique(part.store).tolist()
    ]


def _whole_units(total: int, share: float) -> int:
    """Part of a quantity in hundredths, in whole smallest units."""
    return int(total * share) // 100 * 100


def _first(qty: np.ndarray, wanted: int) -> np.ndarray:
    """What the first rows hold of a quantity that is wanted."""
    before = np.cumsum(qty) - qty
    taken: np.ndarray = np.clip(wanted - before, 0, qty)
    return taken


def _next(month: Month) -> int:
    return second_number(month.next.first) + _LATE_HOURS * 3600
