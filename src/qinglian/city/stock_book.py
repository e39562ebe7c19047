"""One month's book of a hospital's stores: refills, sums of what was used, surplus, counts.

Purchases and treatment were made apart from each other. What a hospital buys beyond its use goes
to the city's joint store, and what it lacks comes from there: both are transfers, so that
receipts, use and balances agree to the smallest unit.
"""

from dataclasses import fields

import numpy as np

from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.draws import Bools, Ints
from qinglian.city.stock_flows import (
    DRUG_STORE,
    GOODS_STORE,
    OUTPATIENT_PHARMACY,
    STORES,
    WARD_PHARMACY,
    Balances,
    Flows,
    Kind,
    Moves,
    all_goods,
)

#: Sums are kept by weeks of the month; pharmacies are refilled at the start of some, until others.
WEEK_DAYS, WEEKS = 7, 5
_REFILLS = {0: 2, 2: WEEKS}
#: Seconds of the day: the joint store gives, pharmacies are refilled, sums and counts are booked.
_BORROW_TIME, _REFILL_TIME, _SUM_TIME, _CLOSE_TIME = 7 * 3600, 27_000, 82_800, 84_600
#: Every item is counted once in so many months.
_COUNT_TURN = 3
_LOSS_SHARE, _DIFFERENCE_SHARE, _GAIN_SHARE = 0.003, 0.02, 0.4
_PHARMACIES = (OUTPATIENT_PHARMACY, WARD_PHARMACY)
_NO_STORE, _JOINT, _NO_DEPARTMENT, _NO_ORDER = -2, -1, -1, 0


class StockBook:
    """The movements of one month, entered in the order of time; `on_hand` is changed in place.

    `on_hand` has a row a store and a column an item, in hundredths of smallest units.
    """

    def __init__(self, month: Month, on_hand: Ints, ratio: Ints) -> None:
        self._month = month
        self._start = second_number(month.first)
        self._on_hand = on_hand
        self._pack = ratio * 100
        self._came_in = np.zeros_like(on_hand)
        self._went_out = np.zeros_like(on_hand)
        self._parts: list[Moves] = []

    def weeks(self, use: Flows, receipts: Flows) -> None:
        """Stores are filled in the morning of a week's first day, sums booked on its last evening.

        What arrives within the week is therefore on hand only for the weeks that follow.
        """
        out = {
            store: self._by_week(use.take((use.store == store) & (use.qty > 0)))
            for store in (OUTPATIENT_PHARMACY, WARD_PHARMACY, GOODS_STORE)
        }
        weeks_of_use, weeks_of_receipts = self._week(use.time), self._week(receipts.time)
        for week in range(WEEKS):
            if week in _REFILLS:
                need = [out[s][week : _REFILLS[week]].sum(axis=0) for s in _PHARMACIES]
                self._refill_pharmacies(week, np.array(need))
            self._borrow(week, GOODS_STORE, out[GOODS_STORE][week])
            arrived = receipts.take(weeks_of_receipts == week)
            self._receive(arrived)
            drawn = use.take(weeks_of_use == week)
            for store in _PHARMACIES:
                self._dispense(week, store, drawn.take(drawn.store == store))
            self._supply_wards(week, drawn.take(drawn.store == GOODS_STORE))
            self._use_reagents(week, arrived)

    def _refill_pharmacies(self, week: int, need: Ints) -> None:
        """Pharmacies ask for whole packs until their next refill, and some to spare."""
        on_hand = self._on_hand[list(_PHARMACIES)]
        short = np.where(need > 0, need + self._spare(need) - on_hand, 0)
        wanted = self._whole_packs(short)
        self._borrow(week, DRUG_STORE, wanted.sum(axis=0))
        morning = self._morning(week) + _REFILL_TIME
        for store, qty in zip(_PHARMACIES, wanted, strict=True):
            self._enter_sums(morning, DRUG_STORE, Kind.TRANSFER_OUT, -qty, counter=store)
            self._enter_sums(morning, store, Kind.TRANSFER_IN, qty, counter=DRUG_STORE)

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
                store=arrived.store,
                kind=np.full(count, Kind.PURCHASE),
                item=arrived.item,
                qty=arrived.qty,
                counter=np.full(count, _NO_STORE),
                department=np.full(count, _NO_DEPARTMENT),
                order=arrived.of,
            )
        )

    def _dispense(self, week: int, store: int, drawn: Flows) -> None:
        evening = self._evening(week)
        for kind, rows in ((Kind.DISPENSE, drawn.qty > 0), (Kind.DISPENSE_RETURN, drawn.qty < 0)):
            self._enter_sums(evening, store, kind, -self._sum(drawn.take(rows)))

    def _supply_wards(self, week: int, drawn: Flows) -> None:
        """Wards draw the consumables that they bill, and bring back what they reverse."""
        for kind, rows in ((Kind.ISSUE, drawn.qty > 0), (Kind.DEPT_RETURN, drawn.qty < 0)):
            part = drawn.take(rows)
            pairs, group = np.unique(part.item * 1000 + part.of, return_inverse=True)
            sums = np.bincount(group, weights=part.qty, minlength=len(pairs))
            count = len(pairs)
            self._enter(
                Moves(
                    time=np.full(count, self._evening(week)),
                    store=np.full(count, GOODS_STORE),
                    kind=np.full(count, kind),
                    item=pairs // 1000,
                    qty=-sums.astype(np.int64),
                    counter=np.full(count, _NO_STORE),
                    department=pairs % 1000,
                    order=np.full(count, _NO_ORDER),
                )
            )

    def _use_reagents(self, week: int, arrived: Flows) -> None:
        """Reagents go to the laboratory in the week in which they come; nobody bills them."""
        is_reagent = np.array([getattr(goods, "is_reagent", False) for goods in all_goods()])
        came = self._sum(arrived.take(is_reagent[arrived.item]))
        self._enter_sums(self._evening(week), GOODS_STORE, Kind.ISSUE, -came)

    def send_surplus(self, use: Flows) -> None:
        """On the last evening what exceeds two months' use goes to the joint store, in packs."""
        keep = 2 * np.maximum(self._sum(use), 0) + 20 * self._pack
        for store in (DRUG_STORE, GOODS_STORE):
            packs = np.maximum(self._on_hand[store] - keep, 0) // self._pack
            surplus = packs * self._pack
            self._enter_sums(self._closing, store, Kind.TRANSFER_OUT, -surplus, counter=_JOINT)

    def count(self, rng: np.random.Generator, everything: bool) -> Bools:
        """Few losses; then a third of the items, or all, are counted, with few differences.

        Returns which items of which stores were counted.
        """
        size = self._on_hand.shape
        lost = (rng.random(size) < _LOSS_SHARE) & (self._on_hand >= 2 * self._pack)
        turn = (np.arange(size[1]) + self._month.serial) % _COUNT_TURN == 0
        differs, more = rng.random(size) < _DIFFERENCE_SHARE, rng.random(size) < _GAIN_SHARE
        by = rng.integers(1, 4, size) * 100
        counted = np.broadcast_to(turn | everything, size) & (self._on_hand > self._pack)
        for store in range(len(STORES)):
            loss = np.where(lost[store], -self._pack, 0)
            self._enter_sums(self._closing, store, Kind.LOSS, loss)
            found = np.where(counted[store] & differs[store], by[store], 0)
            gain = np.where(more[store], found, 0)
            short = np.where(more[store], 0, np.minimum(found, self._on_hand[store]))
            self._enter_sums(self._closing, store, Kind.COUNT_GAIN, gain)
            self._enter_sums(self._closing, store, Kind.COUNT_LOSS, -short)
        return counted

    def moves(self) -> Moves:
        """All movements in the order of their time."""
        joined = Moves(
            *(np.concatenate([getattr(p, f.name) for p in self._parts]) for f in fields(Moves))
        )
        return joined.take(np.argsort(joined.time, kind="stable"))

    def balances(self, opening: Ints, counted: Bools) -> Balances:
        """Every item that lay in a store or moved."""
        items = len(self._pack)
        rows = np.flatnonzero((opening != 0) | (self._came_in != 0) | (self._went_out != 0))
        closing = self._on_hand.ravel()[rows]
        return Balances(
            store=rows // items,
            item=rows % items,
            opening=opening.ravel()[rows],
            came_in=self._came_in.ravel()[rows],
            went_out=self._went_out.ravel()[rows],
            counted=np.where(counted.ravel()[rows], closing, -1),
        )

    def _enter_sums(
        self, time: int, store: int, kind: Kind, qty: Ints, counter: int = _NO_STORE
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

    def _by_week(self, use: Flows) -> Ints:
        """Quantities as an array of weeks by items."""
        items = len(self._pack)
        cell = self._week(use.time) * items + use.item
        sums = np.bincount(cell, weights=use.qty, minlength=WEEKS * items)
        return sums.astype(np.int64).reshape(WEEKS, items)

    def _sum(self, flows: Flows) -> Ints:
        sums = np.bincount(flows.item, weights=flows.qty, minlength=len(self._pack))
        return sums.astype(np.int64)

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
