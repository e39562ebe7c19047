"""What goes through a hospital's stores: receipts, what was billed, movements and balances."""

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from qinglian.city.consignments import consignments_of
from qinglian.city.draws import Bools, Ints
from qinglian.city.drugs import Drug, drugs
from qinglian.city.his_columns import MonthData, flat
from qinglian.city.lines import DRUG, MATERIAL
from qinglian.city.services import Material, materials
from qinglian.city.ward import END

#: Drug store, pharmacies for outpatients and for wards, consumables store.
STORES = ("YK01", "YF01", "YF02", "CK01")
DRUG_STORE, OUTPATIENT_PHARMACY, WARD_PHARMACY, GOODS_STORE = range(4)
#: The joint store of the city lies outside every hospital.
JOINT_STORE = "ZX01"
#: Numbers of orders are below, those of consigned deliveries above.
CONSIGNED = 10**17


class Kind(IntEnum):
    """Kinds of movement, under the names of the contract."""

    PURCHASE = 0
    ISSUE = 1
    DEPT_RETURN = 2
    TRANSFER_IN = 3
    TRANSFER_OUT = 4
    DISPENSE = 5
    DISPENSE_RETURN = 6
    LOSS = 7
    COUNT_GAIN = 8
    COUNT_LOSS = 9


@dataclass
class Moves:
    """One row a movement, in hundredths of smallest units, in positive, out negative.

    `counter` is the other store: a position in STORES, -1 for the joint store, -2 for none.
    `department` is a ward or -1, `order` the order of a receipt or 0.
    """

    time: Ints
    store: Ints
    kind: Ints
    item: Ints
    qty: Ints
    counter: Ints
    department: Ints
    order: Ints

    def take(self, rows: Ints) -> "Moves":
        return Moves(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass
class Balances:
    """One row an item in a store: quantities in hundredths; `counted` -1 where not counted."""

    store: Ints
    item: Ints
    opening: Ints
    came_in: Ints
    went_out: Ints
    counted: Ints

    @property
    def closing(self) -> Ints:
        return self.opening + self.came_in - self.went_out


@dataclass
class Flows:
    """What was used or received: one row a line, in hundredths of smallest units.

    `store` gives or takes; `of` is the ward that used it or the order that brought it.
    """

    time: Ints
    store: Ints
    item: Ints
    qty: Ints
    of: Ints

    def take(self, rows: Ints | Bools) -> "Flows":
        return Flows(*(getattr(self, field.name)[rows] for field in fields(self)))


def all_goods() -> list[Drug | Material]:
    """Drugs and consumables in the order of the joint list."""
    return [*drugs(), *materials()]


def pack_ratios() -> Ints:
    """Smallest units a pack, in the order of the joint list of drugs and consumables."""
    return np.array([goods.pack_ratio for goods in all_goods()], dtype=np.int64)


def used(data: MonthData) -> Flows:
    """Billed drugs and consumables in smallest units; reversals are negative.

    What was given in the stead of a billed item is what left the store.
    """
    lines = data.bills.lines
    at = lines.take(np.flatnonzero((lines.kind == DRUG) | (lines.kind == MATERIAL)))
    item = flat(at.kind, at.item_given)
    pharmacy = np.where(at.inpatient, WARD_PHARMACY, OUTPATIENT_PHARMACY)
    return Flows(
        time=at.time,
        store=np.where(at.kind == DRUG, pharmacy, GOODS_STORE),
        item=item,
        qty=at.qty * np.where(at.in_min_unit, 1, pack_ratios()[item]),
        of=at.department,
    )


def received(data: MonthData) -> Flows:
    """Receipts in smallest units, ordered goods and consigned ones."""
    bought = data.purchases
    rows = np.flatnonzero(~bought.cancelled & (bought.receipt_time <= END))
    is_drug = bought.is_drug[rows]
    item = flat(np.where(is_drug, DRUG, MATERIAL), bought.item[rows])
    ordered = Flows(
        time=bought.receipt_time[rows],
        store=np.where(is_drug, DRUG_STORE, GOODS_STORE),
        item=item,
        qty=bought.qty[rows] * np.where(bought.in_min_unit[rows], 1, pack_ratios()[item]),
        of=bought.order_id[rows],
    )
    return join_flows([ordered, _consigned(data)])


def _consigned(data: MonthData) -> Flows:
    """Consigned pieces; they name the fee line beyond CONSIGNED in the place of an order."""
    came = consignments_of(data)
    return Flows(
        time=came.time,
        store=np.full(len(came), GOODS_STORE),
        item=flat(np.full(len(came), MATERIAL), came.item),
        qty=came.qty,
        of=data.bills.fee_id[came.line] + CONSIGNED,
    )


def join_flows(parts: list[Flows]) -> Flows:
    """Parts one after the other."""
    return Flows(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Flows)))
