"""Schemes of stores: goods that were billed and never left, left and were not billed, or left late.

Nothing of what the hospital bills changes, only what its stores say was used of one item.
"""

import numpy as np

from qinglian.city.calendar import Month, second_number
from qinglian.city.drugs import drug_index
from qinglian.city.his_columns import MonthData, flat, local_code
from qinglian.city.lines import DRUG, MATERIAL
from qinglian.city.schemes import Schemes, StockGap
from qinglian.city.services import material_index
from qinglian.city.stock_flows import STORES, Flows, all_goods, join_flows

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
        kind, place = stocked_item(action.item)
        item = int(flat(np.array([kind]), np.array([place]))[0])
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
        code = local_code(data.hospital.vendor, kind, place)
        goods = "material" if kind == MATERIAL else "drug"
        keys = [
            f"{STORES[store]}|{goods}|{code}||{data.month.first.isoformat()}"
            for store in np.unique(part.store).tolist()
        ]
        moved = int(part.qty.sum())
        cents = moved * all_goods()[item].min_price // 10_000 if scheme.case == "true" else 0
        scheme.record(data.month, "pr_stock_month", keys, cents)
    return use, late


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
