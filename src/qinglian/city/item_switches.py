"""Departments that go over from one examination to a dearer one."""

import numpy as np

from qinglian.city.added_charges import Findings
from qinglian.city.arrow import line_amount
from qinglian.city.calendar import Month
from qinglian.city.draws import Ints, Purpose, stream
from qinglian.city.lines import SERVICE, Lines
from qinglian.city.organisations import Hospital
from qinglian.city.schemes import Schemes, SwitchedItem
from qinglian.city.services import service_index


def switch_items(
    hospital: Hospital, lines: Lines, month: Month, seed: int, schemes: Schemes
) -> None:
    """Make a dear item of part of a department's lines, in place, before they are priced."""
    rng = stream(seed, Purpose.ITEM_SWITCHES, hospital.number, month.serial)
    for _, action in schemes.of(SwitchedItem, hospital.number, month):
        rows = _of_visits(hospital, lines, action.practice, action.item)
        lines.item[rows[rng.random(len(rows)) < action.share]] = service_index()[action.dear]


def switched_findings(
    hospital: Hospital, lines: Lines, prices: Ints, month: Month, schemes: Schemes
) -> list[Findings]:
    """Lines of the dear item, which the department bills for no other reason.

    The amount is what they cost beyond the other item, by the `prices` of services.
    """
    found = []
    for scheme, action in schemes.of(SwitchedItem, hospital.number, month):
        if scheme.case == "true":
            rows = _of_visits(hospital, lines, action.practice, action.dear)
            beyond = lines.unit_price[rows] - prices[service_index()[action.item]]
            found.append(Findings(scheme, rows, int(line_amount(lines.qty[rows], beyond).sum())))
    return found


def _of_visits(hospital: Hospital, lines: Lines, practice: str, item: str) -> Ints:
    departments = hospital.positions_of(practice)
    mine = ~lines.inpatient & (lines.kind == SERVICE) & (lines.item == service_index()[item])
    return np.flatnonzero(mine & np.isin(lines.department, departments))
