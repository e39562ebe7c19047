"""Schemes of traced consumables: which lines' pieces were not issued, delivered or billed once."""

from dataclasses import dataclass, field

import numpy as np

from qinglian.city.arrow import line_amount
from qinglian.city.calendar import DAY, second_number
from qinglian.city.care.net_lines import NetLines
from qinglian.city.draws import Bools
from qinglian.city.his_columns import MonthData
from qinglian.city.lines import MATERIAL
from qinglian.city.people import mix
from qinglian.city.schemes import ImplantTrace, Scheme, Schemes
from qinglian.city.services import material_index, materials
from qinglian.city.ward import END

_UNSCANNED = 50
#: What is delivered later than this after the history would have to be is not chosen.
_LAST_DAYS = 40
#: The model that is delivered in the stead of a dear one.
CHEAPER = {"plate_b": "plate_a", "plate_a": "screw_a", "screw_a": "screw_b"}


@dataclass
class Traces:
    """Rows of fee lines that schemes chose; `double` leads from a line to the one of its piece."""

    not_used: set[int] = field(default_factory=set)
    not_received: set[int] = field(default_factory=set)
    as_set: set[int] = field(default_factory=set)
    double: dict[int, int] = field(default_factory=dict)
    model: dict[int, int] = field(default_factory=dict)
    delay: dict[int, int] = field(default_factory=dict)


def scanned_lines(data: MonthData, net: NetLines) -> Bools:
    """Lines whose pieces were scanned when they were used: all but one in fifty."""
    source = net.source
    scanned: Bools = mix(data.bills.fee_id[source], 21) % _UNSCANNED > 0
    return scanned | (data.bills.lines.given[source] >= 0)


def traces_of(data: MonthData, net: NetLines, schemes: Schemes) -> Traces:
    """The lines that the month's schemes choose, none of them twice."""
    traces = Traces()
    taken: set[int] = set()
    for scheme, action in schemes.of(ImplantTrace, data.hospital.number, data.month):
        chosen = 0
        free = [row for row in _candidates(data, net, action.item) if row not in taken]
        while free and chosen < action.per_month:
            row = free.pop(0)
            partner = _partner(data, row, free) if action.pattern == "twice" else None
            if action.pattern == "twice" and partner is None:
                continue
            _note(traces, action, row, partner)
            reported = row if partner is None else partner
            taken |= {row, reported}
            free = [other for other in free if other not in taken]
            chosen += 1
            _record(data, scheme, action, reported)
    return traces


def _candidates(data: MonthData, net: NetLines, item: str) -> list[int]:
    """Plain lines of stays, scanned, not reversed and early enough to be delivered."""
    lines = data.bills.lines
    rows = lines.inpatient & (lines.kind == MATERIAL) & (lines.item == material_index()[item])
    rows &= net.gross & (net.net == lines.qty) & (lines.given < 0) & lines.recorded
    rows &= scanned_lines(data, net) & (lines.time < END - _LAST_DAYS * DAY)
    rows &= lines.time < second_number(data.month.next.first)
    return [int(row) for row in np.flatnonzero(rows)]


def _partner(data: MonthData, row: int, free: list[int]) -> int | None:
    """A line of another stay with as many pieces."""
    lines = data.bills.lines
    return next(
        (
            other
            for other in free
            if lines.encounter[other] != lines.encounter[row] and lines.qty[other] == lines.qty[row]
        ),
        None,
    )


def _note(traces: Traces, action: ImplantTrace, row: int, partner: int | None) -> None:
    match action.pattern:
        case "not_used":
            traces.not_used.add(row)
        case "not_received":
            traces.not_received.add(row)
        case "as_set":
            traces.as_set.add(row)
        case "dearer":
            traces.model[row] = material_index()[CHEAPER[action.item]]
        case "late":
            traces.delay[row] = 10
        case "in_time":
            traces.delay[row] = 7
        case "twice" if partner is not None:
            traces.double[partner] = row
            traces.not_received.add(partner)


def _record(data: MonthData, scheme: Scheme, action: ImplantTrace, row: int) -> None:
    lines = data.bills.lines
    price = lines.unit_price[row : row + 1]
    if action.pattern == "dearer":
        price = price - materials()[material_index()[CHEAPER[action.item]]].min_price
    cents = int(line_amount(lines.qty[row : row + 1], price)[0])
    wrong = scheme.case == "true" and action.pattern != "late"
    scheme.record(data.month, "his_fee", [data.bills.fee_id[row]], cents if wrong else 0)
