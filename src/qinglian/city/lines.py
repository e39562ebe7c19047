"""Fee lines of one hospital and month as columns."""

from dataclasses import dataclass, fields

import numpy as np

from qinglian.city.draws import Bools, Ints

DRUG, MATERIAL, SERVICE = 0, 1, 2


@dataclass
class Lines:
    """One row a fee line. `encounter` is a row of visits or stays; quantities in hundredths,
    prices in ten-thousandths of a yuan, amounts in cents; 0 means none in `original`, `rx_item`.
    Behind a line that is not `recorded` there is no order, execution, issue or report. A line that
    is `self_paid` the insurance knows and pays nothing of. An item is charged at `price_share`
    thousandths of its price.
    `given` is what was given or done in the stead of the item, another one of its kind, -1 where
    nothing was. What a scheme gives a patient to take home is `taken_home`.
    """

    inpatient: Bools
    encounter: Ints
    time: Ints
    kind: Ints
    item: Ints
    qty: Ints
    in_min_unit: Bools
    unit_price: Ints
    amount: Ints
    rx_item: Ints
    department: Ints
    doctor: Ints
    original: Ints
    post_delay: Ints
    uploaded: Bools
    auto: Bools
    recorded: Bools
    self_paid: Bools
    price_share: Ints
    given: Ints
    taken_home: Bools

    def __len__(self) -> int:
        return len(self.time)

    @property
    def item_given(self) -> Ints:
        """What was given or done: the item itself unless another one took its place."""
        return np.where(self.given >= 0, self.given, self.item)

    def take(self, rows: Ints) -> "Lines":
        """The lines of `rows`, in that order."""
        return Lines(*(getattr(self, f.name)[rows] for f in fields(self)))


def join_lines(parts: list[Lines]) -> Lines:
    """Parts one after the other."""
    return Lines(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Lines)))


def new_lines(
    inpatient: bool,
    encounter: Ints,
    time: Ints,
    kind: int,
    item: Ints,
    qty: Ints,
    department: Ints,
    doctor: Ints,
    auto: bool = False,
) -> Lines:
    """Lines of one kind without price, amount or origin, still to be filled in."""
    count = len(encounter)
    zero = np.zeros(count, dtype=np.int64)
    return Lines(
        inpatient=np.full(count, inpatient),
        encounter=encounter,
        time=time,
        kind=np.full(count, kind),
        item=item,
        qty=qty,
        in_min_unit=np.zeros(count, dtype=bool),
        unit_price=zero.copy(),
        amount=zero.copy(),
        rx_item=zero.copy(),
        department=department,
        doctor=doctor,
        original=zero - 1,
        post_delay=zero.copy(),
        uploaded=np.zeros(count, dtype=bool),
        auto=np.full(count, auto),
        recorded=np.ones(count, dtype=bool),
        self_paid=np.zeros(count, dtype=bool),
        price_share=zero + 1000,
        given=zero - 1,
        taken_home=np.zeros(count, dtype=bool),
    )
