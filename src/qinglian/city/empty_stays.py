"""Stays of schemes in which for some days nothing is done while the bed is paid for."""

from dataclasses import dataclass

import numpy as np

from qinglian.city.calendar import DAY, Month
from qinglian.city.draws import Bools, Ints
from qinglian.city.lines import Lines
from qinglian.city.organisations import Hospital
from qinglian.city.schemes import EmptyDays, Scheme, Schemes
from qinglian.city.ward import Stays, mdtrt_number

#: Nothing is done on the last hours before either: what is noted late would fill the first day.
_LATE_NOTES = 20 * 3600
_FIRST_DAY = 2
_DAYS_AFTER = 1


@dataclass(frozen=True)
class EmptyStay:
    """A row of the month's stays with its days (numbers since 1970) of a bed alone."""

    scheme: Scheme
    stay: int
    first_day: int
    last_day: int
    on_leave: bool

    def of(self, stay: Ints, day: Ints) -> Bools:
        """Which of the given days of stays are such days."""
        inside: Bools = (stay == self.stay) & (day >= self.first_day) & (day <= self.last_day)
        return inside


def empty_stays(
    hospital: Hospital,
    stays: Stays,
    month: Month,
    schemes: Schemes,
    taken: set[tuple[bool, int]],
) -> list[EmptyStay]:
    """One insured stay that is long enough for each scheme of the month, none of `taken`."""
    found: list[EmptyStay] = []
    used = {row for inpatient, row in taken if inpatient}
    for scheme, action in schemes.of(EmptyDays, hospital.number, month):
        mine = hospital.positions_of(action.practice)
        fits = (
            stays.insured
            & (stays.dscg_time > 0)
            & (stays.days > action.days + _FIRST_DAY + _DAYS_AFTER)
            & np.isin(stays.department, mine)
            & ~stays.interim
            & (stays.referred_from == 0)
        )
        row = next((r for r in np.flatnonzero(fits)[::-1].tolist() if r not in used), None)
        if row is None:
            continue
        used.add(row)
        first = int(stays.adm_time[row] // DAY) + _FIRST_DAY
        found.append(EmptyStay(scheme, row, first, first + action.days - 1, action.on_leave))
        scheme.subject_id = mdtrt_number(True, int(stays.adm_id[row]))
        scheme.reported = month
    return found


def without_care(lines: Lines, empty: list[EmptyStay]) -> Lines:
    """The lines without what was done on the empty days; the bed and its like stay."""
    gone = np.zeros(len(lines), dtype=bool)
    for stay in empty:
        gone |= (
            lines.inpatient
            & ~lines.auto
            & (lines.encounter == stay.stay)
            & (lines.time >= stay.first_day * DAY - _LATE_NOTES)
            & (lines.time < (stay.last_day + 1) * DAY)
        )
    return lines.take(np.flatnonzero(~gone))


def record_empty(empty: list[EmptyStay], lines: Lines, fee_id: Ints, month: Month) -> None:
    """Note what was charged on the empty days: all of it is for nothing."""
    for stay in empty:
        rows = np.flatnonzero(lines.inpatient & stay.of(lines.encounter, lines.time // DAY))
        stay.scheme.record(month, "his_fee", fee_id[rows], int(lines.amount[rows].sum()))
