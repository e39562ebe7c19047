"""Stock of a hospital's stores: receipts come in, what was billed goes out, balances roll on.

Purchases and treatment were made apart from each other. What a hospital buys beyond its use goes
to the city's joint store, and what it lacks comes from there: both are transfers, so that
receipts, use and balances agree to the smallest unit.
"""

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from qinglian.city.billing import DRUG, MATERIAL
from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.drugs import Drug, drugs
from qinglian.city.his_columns import MonthData, flat
from qinglian.city.services import Material, materials
from qinglian.city.ward import END

#: Drug store, pharmacy, consumables store; the joint store of the city is outside every hospital.
STORES = ("YK01", "YF01", "CK01")
JOINT_STORE = "ZX01"
DRUG_STORE, PHARMACY, GOODS_STORE = range(3)
#: Sums are kept by weeks of the month; the pharmacy is refilled at the start of some, until others.
WEEK_DAYS, WEEKS = 7, 5
_REFILLS = {0: 2, 2: WEEKS}
_BORROW_TIME, _REFILL_TIME, _SUM_TIME, _CLOSE_TIME = 7 * 3600, 27_000, 82_800, 84_600
#: Every item is counted once in so many months.
_COUNT_TURN = 3
_LOSS_SHARE, _DIFFERENCE_SHARE = 0.003, 0.02
_NO_STORE, _JOINT, _NO_DEPARTMENT, _NO_ORDER = -2, -1, -1, 0


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
    """What was used or received: time, item, quantity, and the ward or order concerned."""

    time: Ints
    item: Ints
    qty: Ints
    of: Ints

    def take(self, rows: Ints | Bools) -> "Flows":
        return Flows(*(getattr(self, field.name)[rows] for field in fields(self)))


def _join(parts: list[Flows]) -> Flows:
    return Flows(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Flows)))


def all_goods() -> list[Drug | Material]:
    """Drugs and consumables in the order of the joint list."""
    return [*drugs(), *materials()]


def pack_ratios() -> Ints:
    """Smallest units a pack, in the order of the joint list of drugs and consumables."""
    return np.array([goods.pack_ratio for goods in all_goods()], dtype=np.int64)


def used(data: MonthData) -> Flows:
    """Billed drugs and consumables in smallest units; reversals are negative."""
    lines = data.bills.lines
    rows = np.flatnonzero((lines.kind == DRUG) | (lines.kind == MATERIAL))
    at = lines.take(rows)
    item = flat(at.kind, at.item)
    ratio = np.where(at.in_min_unit, 1, pack_ratios()[item])
    return Flows(at.time, item, at.qty * ratio, at.department)


def received(data: MonthData) -> Flows:
    """Receipts in smallest units."""
    bought = data.purchases
    rows = np.flatnonzero(~bought.cancelled & (bought.receipt_time <= END))
    item = flat(np.where(bought.is_drug[rows], DRUG, MATERIAL), bought.item[rows])
    ratio = np.where(bought.in_min_unit[rows], 1, pack_ratios()[item])
    return Flows(bought.receipt_time[rows], item, bought.qty[rows] * ratio, bought.order_id[rows])


class Stock:
    """Stock of one hospital; months must be given one after the other.

    Use and receipts after the end of a month wait for theirs: stays and refunds reach into it.
    """

    def __init__(self) -> None:
        self._ratio = pack_ratios()
        self._on_hand = np.zeros((len(STORES), len(self._ratio)), dtype=np.int64)
        self._use: list[Flows] = []
        self._receipts: list[Flows] = []
        self._is_first = True

    def month(self, data: MonthData) -> tuple[Moves, Balances]:
        """Movements and balances of the calendar month of `data`."""
        use = self._due(self._use, used(data), data.month)
        receipts = self._due(self._receipts, received(data), data.month)
        rng = stream(data.seed, Purpose.STOCK, data.hospital.number, data.month.serial)
        if self._is_first:
            self._open(np.r_[use.item, receipts.item], rng)
        opening = self._on_hand.copy()
        book = _Book(data.month, self._on_hand, self._ratio)
        book.weeks(use, receipts)
        book.send_surplus(use)
        counted = book.count(rng, everything=self._is_first)
        self._is_first = False
        return book.moves(), book.balances(opening, counted)

    def _due(self, waiting: list[Flows], new: Flows, month: Month) -> Flows:
        whole = _join([*waiting, new])
        later = whole.time >= second_number(month.next.first)
        waiting[:] = [whole.take(later)]
        return whole.take(~later)

    def _open(self, items: Ints, rng: np.random.Generator) -> None:
        """What lay in the stores when the history begins: some packs of what is used or bought."""
        number = np.arange(len(self._ratio))
        in_use, is_drug = np.isin(number, items), number < len(drugs())
        for store in range(len(STORES)):
            packs = rng.integers(3, 20, len(number))
            stocked = in_use & (is_drug == (store != GOODS_STORE))
            self._on_hand[store] = np.where(stocked, packs * self._ratio * 100, 0)


class _Book:
    """The movements of one month, entered in the order of time; `on_hand` is changed in place."""

    def __init__(self, month: Month, on_hand: Ints, ratio: Ints) -> None:
        self._month = month
        self._start = second_number(month.first)
        self._on_hand = on_hand
        self._ratio = ratio
        self._pack = ratio * 100
        self._came_in = np.zeros_like(on_hand)
        self._went_out = np.zeros_like(on_hand)
        self._parts: list[Moves] = []

    def weeks(self, use: Flows, receipts: Flows) -> None:
        """Stores are filled in the morning of a week's first day, sums booked on its last evening.

        What arrives within the week is therefore on hand only for the weeks that follow.
        """
        from_drug_store = use.item < len(drugs())
        dispensed, goods = use.take(from_drug_store), use.take(~from_drug_store)
        out, back = self._by_week(dispensed)
        weeks_of_goods, weeks_of_receipts = self._week(goods.time), self._week(receipts.time)
        for week in range(WEEKS):
            if week in _REFILLS:
                self._refill_pharmacy(week, out[week : _REFILLS[week]].sum(axis=0))
            drawn = goods.take(weeks_of_goods == week)
            self._borrow(week, GOODS_STORE, self._sum(drawn.take(drawn.qty > 0)))
            arrived = receipts.take(weeks_of_receipts == week)
            self._receive(arrived)
            evening = self._evening(week)
            self._enter_sums(evening, PHARMACY, Kind.DISPENSE, -out[week])
            self._enter_sums(evening, PHARMACY, Kind.DISPENSE_RETURN, back[week])
            self._supply_wards(evening, drawn)
            self._use_reagents(evening, arrived)

    def _refill_pharmacy(self, week: int, need: Ints) -> None:
        """The pharmacy asks for whole packs until its next refill, and some to spare."""
        short = np.where(need > 0, need + self._spare(need) - self._on_hand[PHARMACY], 0)
        wanted = self._whole_packs(short)
        self._borrow(week, DRUG_STORE, wanted)
        morning = self._morning(week) + _REFILL_TIME
        self._enter_sums(morning, DRUG_STORE, Kind.TRANSFER_OUT, -wanted, counter=PHARMACY)
        self._enter_sums(morning, PHARMACY, Kind.TRANSFER_IN, wanted, counter=DRUG_STORE)

    def _borrow(self, week: int, store: int, need: Ints) -> None:
        """The joint store gives what a store lacks for the week, and some to spare."""
        on_hand = self._on_hand[store]
        short = np.where(need > on_hand, need + self._spare(need) - on_hand, 0)
        morning = self._morning(week) + _BORROW_TIME
        self._enter_sums(morning, store, Kind.TRANSFER_IN, self._whole_packs(short), counter=_JOINT)

    def _receive(self, arrived: Flows) -> None:
        count = len(arrived.time)
        self._enter(
            Moves(
                time=arrived.time,
                store=np.where(arrived.item < len(drugs()), DRUG_STORE, GOODS_STORE),
                kind=np.full(count, Kind.PURCHASE),
                item=arrived.item,
                qty=arrived.qty,
                counter=np.full(count, _NO_STORE),
                department=np.full(count, _NO_DEPARTMENT),
                order=arrived.of,
            )
        )

    def _supply_wards(self, evening: int, drawn: Flows) -> None:
        """Wards draw the consumables that they bill, and bring back what they reverse."""
        for kind, rows in ((Kind.ISSUE, drawn.qty > 0), (Kind.DEPT_RETURN, drawn.qty < 0)):
            part = drawn.take(rows)
            pairs, group = np.unique(part.item * 1000 + part.of, return_inverse=True)
            sums = np.bincount(group, weights=part.qty, minlength=len(pairs))
            count = len(pairs)
            self._enter(
                Moves(
                    time=np.full(count, evening),
                    store=np.full(count, GOODS_STORE),
                    kind=np.full(count, kind),
                    item=pairs // 1000,
                    qty=-sums.astype(np.int64),
                    counter=np.full(count, _NO_STORE),
                    department=pairs % 1000,
                    order=np.full(count, _NO_ORDER),
                )
            )

    def _use_reagents(self, evening: int, arrived: Flows) -> None:
        """Reagents go to the laboratory in the week in which they come; nobody bills them."""
        is_reagent = np.array([False] * len(drugs()) + [m.is_reagent for m in materials()])
        came = self._sum(arrived.take(is_reagent[arrived.item]))
        self._enter_sums(evening, GOODS_STORE, Kind.ISSUE, -came)

    def send_surplus(self, use: Flows) -> None:
        """On the last evening what exceeds two months' use goes to the joint store, in packs."""
        keep = 2 * np.maximum(self._sum(use), 0) + 20 * self._pack
        for store in (DRUG_STORE, GOODS_STORE):
            packs = np.maximum(self._on_hand[store] - keep, 0) // self._pack
            self._enter_sums(
                self._closing, store, Kind.TRANSFER_OUT, -packs * self._pack, counter=_JOINT
            )

    def count(self, rng: np.random.Generator, everything: bool) -> Bools:
        """Few losses; then a third of the items, or all, are counted, with few differences.

        Returns which items of which stores were counted.
        """
        size = self._on_hand.shape
        lost = (rng.random(size) < _LOSS_SHARE) & (self._on_hand >= 2 * self._pack)
        turn = (np.arange(size[1]) + self._month.serial) % _COUNT_TURN == 0
        differs, more = rng.random(size) < _DIFFERENCE_SHARE, rng.random(size) < 0.4
        by = rng.integers(1, 4, size) * 100
        counted = np.broadcast_to(turn | everything, size) & (self._on_hand > self._pack)
        for store in range(len(STORES)):
            self._enter_sums(self._closing, store, Kind.LOSS, np.where(lost[store], -self._pack, 0))
            found = np.where(counted[store] & differs[store], by[store], 0)
            short = np.minimum(found, self._on_hand[store])
            self._enter_sums(self._closing, store, Kind.COUNT_GAIN, np.where(more[store], found, 0))
            self._enter_sums(
                self._closing, store, Kind.COUNT_LOSS, np.where(more[store], 0, -short)
            )
        return counted

    def moves(self) -> Moves:
        """All movements in the order of their time."""
        joined = Moves(
            *(np.concatenate([getattr(p, f.name) for p in self._parts]) for f in fields(Moves))
        )
        return joined.take(np.argsort(joined.time, kind="stable"))

    def balances(self, opening: Ints, counted: Bools) -> Balances:
        """Every item that lay in a store or moved."""
        size = len(self._ratio)
        rows = np.flatnonzero((opening != 0) | (self._came_in != 0) | (self._went_out != 0))
        closing = self._on_hand.ravel()[rows]
        return Balances(
            store=rows // size,
            item=rows % size,
            opening=opening.ravel()[rows],
            came_in=self._came_in.ravel()[rows],
            went_out=self._went_out.ravel()[rows],
            counted=np.where(counted.ravel()[rows], closing, -1),
        )

    def _enter_sums(
        self, time: int, store: int, kind: int, qty: Ints, counter: int = _NO_STORE
    ) -> None:
        """One movement for each item whose quantity is not zero; `qty` has a place an item."""
        item = np.flatnonzero(qty)
        count = len(item)
        self._enter(
            Moves(
                time=np.full(count, time),
                store=np.full(count, store),
                kind=np.full(count, kind),
                item=item,
                qty=qty[item],
                counter=np.full(count, counter),
                department=np.full(count, _NO_DEPARTMENT),
                order=np.full(count, _NO_ORDER),
            )
        )

    def _enter(self, moves: Moves) -> None:
        place = (moves.store, moves.item)
        np.add.at(self._on_hand, place, moves.qty)
        np.add.at(self._came_in, place, np.maximum(moves.qty, 0))
        np.add.at(self._went_out, place, np.maximum(-moves.qty, 0))
        self._parts.append(moves)

    def _by_week(self, use: Flows) -> tuple[Ints, Ints]:
        """What went out and what came back, as arrays of weeks by items."""
        size = len(self._ratio)
        cell = self._week(use.time) * size + use.item
        parts = [
            np.bincount(cell, weights=np.maximum(sign * use.qty, 0), minlength=WEEKS * size)
            for sign in (1, -1)
        ]
        out, back = (part.astype(np.int64).reshape(WEEKS, size) for part in parts)
        return out, back

    def _sum(self, flows: Flows) -> Ints:
        size = len(self._ratio)
        return np.bincount(flows.item, weights=flows.qty, minlength=size).astype(np.int64)

    def _week(self, time: Ints) -> Ints:
        return (time - self._start) // DAY // WEEK_DAYS

    def _morning(self, week: int) -> int:
        return self._start + week * WEEK_DAYS * DAY

    def _evening(self, week: int) -> int:
        last_day = min((week + 1) * WEEK_DAYS, self._month.day_count) - 1
        return self._start + last_day * DAY + _SUM_TIME

    @property
    def _closing(self) -> int:
        return self._start + (self._month.day_count - 1) * DAY + _CLOSE_TIME

    def _spare(self, need: Ints) -> Ints:
        return need // 4 + 2 * self._pack

    def _whole_packs(self, qty: Ints) -> Ints:
        packs: Ints = -(-np.maximum(qty, 0) // self._pack)
        return packs * self._pack
