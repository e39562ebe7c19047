"""Second operations of a stay: discounted as the rules have it, and what schemes make of them."""

from dataclasses import dataclass

import numpy as np

from qinglian.city.added_charges import Added
from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.draws import Ints, Purpose, stream
from qinglian.city.lines import SERVICE, Lines, join_lines, new_lines
from qinglian.city.organisations import Hospital
from qinglian.city.schemes import Schemes, SecondOperation
from qinglian.city.services import service_index
from qinglian.city.ward import Stays

#: What is repaired with a fracture through the same incision, and the graft taken elsewhere.
SECOND, ELSEWHERE = "surgery_tendon", "surgery_bone_graft"
FIRST = "surgery_fracture"
#: Share of its price, in thousandths, at which a second operation is payable.
PAYABLE = 500
_USUAL = 0.3
_RETURN_DAYS = 2


@dataclass(frozen=True)
class _Stay:
    """A stay with the fracture operation that it was billed; `time` is when."""

    row: int
    time: int


def second_operations(
    hospital: Hospital,
    stays: Stays,
    lines: Lines,
    month: Month,
    seed: int,
    schemes: Schemes,
    taken: set[tuple[bool, int]],
) -> tuple[Lines, list[Added]]:
    """Second operations of ordinary stays, all discounted, and those of schemes.

    Each scheme takes one insured stay, which no other scheme holds; `taken` grows by it.
    """
    rng = stream(seed, Purpose.SECOND_OPERATIONS, hospital.number, month.serial)
    operated = _operated(lines)
    usual = {stay.row for stay in operated if rng.random() < _USUAL}
    found: list[Added] = []
    for scheme, action in schemes.of(SecondOperation, hospital.number, month):
        stay = next(
            (s for s in reversed(operated) if _fits(stays, s, month, action, taken)),
            None,
        )
        if stay is None:
            continue
        encounter = (True, stay.row)
        taken.add(encounter)
        scheme.subject_id = stays.mdtrt_id(stay.row)
        scheme.reported = month
        for part, excess in _planted(stays, stay, action):
            found.append(Added(scheme, {encounter}, part, np.array([excess])))
    honest = [
        _line(stays, stay, SECOND, stay.time, PAYABLE)
        for stay in operated
        if stay.row in usual and (True, stay.row) not in taken
    ]
    return join_lines([lines.take(np.zeros(0, dtype=np.int64)), *honest]), found


def _operated(lines: Lines) -> list[_Stay]:
    """Stays with one fracture operation, in order."""
    first = service_index()[FIRST]
    rows = np.flatnonzero(lines.inpatient & (lines.kind == SERVICE) & (lines.item == first))
    stay, place, count = np.unique(lines.encounter[rows], return_index=True, return_counts=True)
    single = count == 1
    times: Ints = lines.time[rows[place]]
    return [
        _Stay(row, time)
        for row, time in zip(stay[single].tolist(), times[single].tolist(), strict=True)
    ]


def _fits(
    stays: Stays, stay: _Stay, month: Month, action: SecondOperation, taken: set[tuple[bool, int]]
) -> bool:
    """Whether an ordinary, insured stay lasts until all is done, within the month."""
    row = stay.row
    last = (stay.time // DAY + (_RETURN_DAYS if action.pattern == "return" else 0) + 1) * DAY
    ordinary = not stays.interim[row] and stays.referred_from[row] == 0 and stays.workup[row] == 0
    lasts = stays.dscg_time[row] > last and last <= second_number(month.next.first)
    return bool(ordinary and lasts and stays.insured[row] and (True, row) not in taken)


def _planted(stays: Stays, stay: _Stay, action: SecondOperation) -> list[tuple[Lines, int]]:
    """Lines of a scheme, and how many hundredths of a piece at their price are too much."""
    share = action.share
    too_much = (share - PAYABLE) * 100 // share
    if action.pattern == "same_incision":
        return [(_line(stays, stay, SECOND, stay.time, share), too_much)]
    if action.pattern == "other_incision":
        return [(_line(stays, stay, ELSEWHERE, stay.time, share), 0)]
    if action.pattern == "both_sides":
        return [(_line(stays, stay, FIRST, stay.time, share), 0)]
    again = stay.time + _RETURN_DAYS * DAY
    return [
        (_line(stays, stay, SECOND, again, share), 0),
        (_line(stays, stay, "anaesthesia", again, 1000), 0),
    ]


def _line(stays: Stays, stay: _Stay, item: str, time: int, share: int) -> Lines:
    row = np.array([stay.row])
    line = new_lines(
        True,
        row,
        np.array([time]),
        SERVICE,
        np.array([service_index()[item]]),
        np.array([100]),
        stays.department[row],
        stays.doctor[row],
    )
    line.price_share[:] = share
    return line
