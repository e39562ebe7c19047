"""Patients who come back: visits that one registration covers, and patients who come too often.

Within three days a department of the city charges no second registration, unless the illness is
another one; the schemes are departments that charge it all the same, and those that only seem to.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.draws import Bools, Ints
from qinglian.city.organisations import Hospital
from qinglian.city.people import Patients
from qinglian.city.schemes import (
    FrequentVisits,
    RepeatedSupply,
    ReturnVisits,
    Scheme,
    Schemes,
)

if TYPE_CHECKING:
    from qinglian.city.clinic import Visits

COVERED_SECONDS = 72 * 3600
#: Days of a month that surely lie within thirty.
_WINDOW_DAYS = 30
#: The last patients on file have spoilt birth dates.
_SPARED = 10
#: Patients before those are for visits that come too often.
_OTHERS = 30
#: Planted first visits begin later than that in a month: the month before has no part in them.
_FIRST_DAY = 4


@dataclass(frozen=True)
class PlantedReturns:
    """Rows of the month's visits: the first ones of a scheme and those that follow."""

    scheme: Scheme
    first: Ints
    second: Ints


@dataclass(frozen=True)
class PlantedVisits:
    """Rows of the month's visits that a scheme gave to one patient."""

    scheme: Scheme
    rows: Ints


def plant_frequent(
    hospital: Hospital, patients: Patients, visits: "Visits", month: Month, schemes: Schemes
) -> list[PlantedVisits]:
    """Give visits of a practice, each on another day, to a patient who comes only so; in place."""
    found: list[PlantedVisits] = []
    for order, (scheme, action) in enumerate(schemes.of(FrequentVisits, hospital.number)):
        if not scheme.covers(month):
            continue
        patient = int(patients.planted()[-_SPARED - order])
        dept = hospital.department_of(action.practice)
        own = _ordinary(visits, dept.index)
        day = visits.register_time[own] // DAY - second_number(month.first) // DAY
        days, first = np.unique(day, return_index=True)
        rows = own[first[days < _WINDOW_DAYS]][: action.visits]
        _give(visits, rows, patient, action.diagnosis)
        scheme.subject_id = str(patients.ids()[patient])
        found.append(PlantedVisits(scheme, rows))
    return found


def plant_repeated(
    hospital: Hospital,
    patients: Patients,
    visits: "Visits",
    month: Month,
    schemes: Schemes,
    taken: Ints,
) -> list[PlantedVisits]:
    """Give visits on the days of a scheme to a patient who comes only so; in place.

    On a day without visits the next one serves. `taken` are rows that other schemes have.
    """
    found: list[PlantedVisits] = []
    for order, (scheme, action) in enumerate(schemes.of(RepeatedSupply, hospital.number)):
        if not scheme.covers(month):
            continue
        if action.partner:
            patient = int(patients.set_aside()[action.person])
        else:
            patient = int(patients.planted()[-_SPARED - _OTHERS - order])
        dept = hospital.department_of(action.practice)
        own = np.setdiff1d(_ordinary(visits, dept.index), taken)
        day = visits.register_time[own] // DAY - second_number(month.first) // DAY
        rows: list[int] = []
        for wanted in action.days:
            free = own[(day >= wanted) & ~np.isin(own, rows)]
            rows += free[:1].tolist()
        placed = np.array(rows, dtype=np.int64)
        _give(visits, placed, patient, action.diagnosis)
        taken = np.concatenate([taken, placed])
        scheme.subject_id = str(patients.ids()[patient])
        found.append(PlantedVisits(scheme, placed))
    return found


def _ordinary(visits: "Visits", department: int) -> Ints:
    """Visits of a department that were not cancelled and bring no drugs for weeks."""
    here = visits.department == department
    return np.flatnonzero(here & ~visits.cancelled & ~visits.programme)


def _give(visits: "Visits", rows: Ints, patient: int, diagnosis: int) -> None:
    """The visits become those of an insured patient with one diagnosis of the practice."""
    visits.patient[rows] = patient
    visits.diagnosis[rows] = diagnosis
    visits.second_diagnosis[rows] = -1
    visits.chronic[rows] = False
    visits.insured[rows] = True
    visits.first_visit[rows] = False


def plant_returns(
    hospital: Hospital, visits: "Visits", month: Month, schemes: Schemes, planted: Ints
) -> list[PlantedReturns]:
    """Give visits of a practice to patients seen there before, as the schemes ask; in place.

    `planted` are rows that other schemes have.
    """
    found: list[PlantedReturns] = []
    for scheme, action in schemes.of(ReturnVisits, hospital.number, month):
        dept = hospital.department_of(action.practice)
        taken = {row for part in found for row in (*part.first.tolist(), *part.second.tolist())}
        taken |= set(planted.tolist())
        pairs = _pairs(visits, dept.index, month, action, taken)
        first = np.array([a for a, _ in pairs], dtype=np.int64)
        second = np.array([b for _, b in pairs], dtype=np.int64)
        for column in (visits.patient, visits.diagnosis, visits.chronic, visits.insured):
            column[second] = column[first]
        visits.second_diagnosis[second] = -1
        visits.first_visit[second] = action.pattern == "other_illness"
        if action.pattern == "other_illness":
            visits.diagnosis[second] = (visits.diagnosis[first] + 1) % len(dept.practice.diagnoses)
        if action.pattern == "first_cancelled":
            visits.cancelled[first] = True
            visits.insured[first] = False
        found.append(PlantedReturns(scheme, first, second))
    return found


def _pairs(
    visits: "Visits", department: int, month: Month, action: ReturnVisits, taken: set[int]
) -> list[tuple[int, int]]:
    """Rows of two visits of different patients, so many hours apart; no patient comes otherwise."""
    own = _ordinary(visits, department)
    patients, counts = np.unique(visits.patient[own], return_counts=True)
    once = set(patients[counts == 1].tolist())
    start = second_number(month.first) + _FIRST_DAY * DAY
    least, most = (hours * 3600 for hours in action.hours)
    time = visits.register_time
    free = [r for r in own.tolist() if r not in taken and int(visits.patient[r]) in once]
    pairs: list[tuple[int, int]] = []
    used: set[int] = set()
    for first in free:
        if len(pairs) == action.per_month:
            break
        if first in used or time[first] < start:
            continue
        second = next(
            (r for r in free if r not in used and least <= time[r] - time[first] <= most), None
        )
        if second is not None:
            pairs.append((first, second))
            used |= {first, second}
    return pairs


def waived(hospital: Hospital, visits: "Visits", before: "Visits | None", charged: Ints) -> Bools:
    """Visits whose registration the department does not charge; never those of `charged`.

    `before` are the visits of the month before, whose last days reach into this one.
    """
    free = np.zeros(len(visits.visit_id), dtype=bool)
    paid: dict[tuple[int, int], list[tuple[int, str]]] = defaultdict(list)
    if before is not None:
        late = before.register_time > int(before.register_time.max()) - 2 * COVERED_SECONDS
        for row in np.flatnonzero(late & ~before.cancelled & ~before.waived).tolist():
            key = int(before.department[row]), int(before.patient[row])
            paid[key].append((int(before.register_time[row]), _illness(hospital, before, row)))
    never = set(charged.tolist())
    # Rows are in the order of registration.
    for row in np.flatnonzero(~visits.cancelled).tolist():
        key = int(visits.department[row]), int(visits.patient[row])
        time, illness = int(visits.register_time[row]), _illness(hospital, visits, row)
        covered = any(
            time - earlier < COVERED_SECONDS and (same == illness or not visits.first_visit[row])
            for earlier, same in paid[key]
        )
        if covered and row not in never:
            free[row] = True
        else:
            paid[key].append((time, illness))
    return free


def _illness(hospital: Hospital, visits: "Visits", row: int) -> str:
    """First three characters of the main diagnosis."""
    diagnoses = hospital.departments[visits.department[row]].practice.diagnoses
    code: str = diagnoses[visits.diagnosis[row]][0]
    return code[:3]
