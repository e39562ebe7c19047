"""Running stock of a hospital: receipts come in, what was billed goes out, balances roll on."""

import numpy as np

from qinglian.city.calendar import Month, second_number
from qinglian.city.class_shifts import left_out, without_stock
from qinglian.city.draws import Purpose, stream
from qinglian.city.his_columns import MonthData
from qinglian.city.schemes import Schemes
from qinglian.city.stock_book import StockBook
from qinglian.city.stock_flows import (
    STORES,
    Balances,
    Flows,
    Moves,
    join_flows,
    pack_ratios,
    received,
    used,
)
from qinglian.city.stock_schemes import leave_unbooked, plant_stock


class Stock:
    """Stock of one hospital; months must be given one after the other.

    Use and receipts after the end of a month wait for theirs: stays and refunds reach into it.
    """

    def __init__(self, schemes: Schemes) -> None:
        self._schemes = schemes
        self._ratio = pack_ratios()
        self._on_hand = np.zeros((len(STORES), len(self._ratio)), dtype=np.int64)
        self._use: list[Flows] = []
        self._receipts: list[Flows] = []
        self._is_first = True

    def month(self, data: MonthData) -> tuple[Moves, Balances]:
        """Movements and balances of the calendar month of `data`."""
        use, late = plant_stock(data, self._due(self._use, used(data), data.month), self._schemes)
        self._use.append(late)
        receipts = self._due(self._receipts, received(data), data.month)
        use, receipts = leave_unbooked(data, use, receipts, self._schemes)
        rng = stream(data.seed, Purpose.STOCK, data.hospital.number, data.month.serial)
        if self._is_first:
            self._open(join_flows([use, receipts]), rng)
        opening = self._on_hand.copy()
        book = StockBook(data.month, self._on_hand, self._ratio)
        book.weeks(use, receipts)
        book.send_surplus(use)
        counted = book.count(rng, everything=self._is_first)
        self._is_first = False
        balances = book.balances(opening, counted)
        absent = without_stock(data.hospital, data.month, self._schemes)
        return book.moves(), left_out(balances, absent)

    def _due(self, waiting: list[Flows], new: Flows, month: Month) -> Flows:
        whole = join_flows([*waiting, new])
        later = whole.time >= second_number(month.next.first)
        waiting[:] = [whole.take(later)]
        return whole.take(~later)

    def _open(self, flows: Flows, rng: np.random.Generator) -> None:
        """What lay in the stores when the history begins: some packs of what they move at first."""
        packs = rng.integers(3, 20, self._on_hand.shape)
        self._on_hand[flows.store, flows.item] = (packs * self._ratio * 100)[
            flows.store, flows.item
        ]
