"""Traced consumables on consignment: their papers follow the use, piece by piece."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from qinglian.city.calendar import DAY
from qinglian.city.care.devices import carry_udi
from qinglian.city.care.traces import scanned_lines
from qinglian.city.draws import Bools, Ints
from qinglian.city.his_columns import MonthData
from qinglian.city.people import mix
from qinglian.city.services import materials
from qinglian.city.suppliers import categories, suppliers_of
from qinglian.city.ward import END

_MOST_DAYS = 4


@dataclass
class Consignments:
    """One row a delivery: the fee line `line` whose pieces it brings, the model that came."""

    line: Ints
    time: Ints
    item: Ints
    qty: Ints
    unit_price: Ints
    supplier: Ints
    named: Bools

    def __len__(self) -> int:
        return len(self.line)


@cache
def _supplier(item: int, hospital: int) -> int:
    """Who lays a consumable in: the first distributor of its category."""
    for position, category in enumerate(categories()):
        if category.item_kind == "material" and item in category.items:
            return suppliers_of(position, hospital)[0]
    return 0


def consignments_of(data: MonthData) -> Consignments:
    """Deliveries of all pieces scanned and not taken back, one to four days after their use."""
    lines, net, traces = data.bills.lines, data.care.net, data.care.traces
    wanted = carry_udi(data) & net.gross & (net.net > 0) & scanned_lines(data, net)
    wanted[list(traces.not_received)] = False
    rows = np.flatnonzero(wanted)
    fee = data.bills.fee_id[rows]
    days = 1 + mix(fee, 23) % _MOST_DAYS
    days = np.array(
        [traces.delay.get(r, d) for r, d in zip(rows.tolist(), days.tolist(), strict=True)],
        dtype=np.int64,
    )
    time = lines.time[rows] + days * DAY
    own = lines.item_given[rows]
    item = np.array(
        [traces.model.get(r, i) for r, i in zip(rows.tolist(), own.tolist(), strict=True)],
        dtype=np.int64,
    )
    found = Consignments(
        line=rows,
        time=time,
        item=item,
        qty=lines.qty[rows],
        unit_price=np.array([m.price for m in materials()])[item],
        supplier=np.array(
            [_supplier(i, data.hospital.number) for i in item.tolist()], dtype=np.int64
        ),
        named=~np.isin(rows, list(traces.as_set)),
    )
    kept = time <= END
    return Consignments(*(getattr(found, name)[kept] for name in found.__dataclass_fields__))
