"""Charges of schemes outside what the insurance may pay for, and look-alikes inside it."""

import numpy as np

from qinglian.city.added_charges import Added
from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.clinic import Clinic
from qinglian.city.draws import Bools, Ints
from qinglian.city.drugs import drug_index
from qinglian.city.lines import DRUG, SERVICE, new_lines
from qinglian.city.organisations import Hospital
from qinglian.city.people import Patients, birth_days, insurance_type, is_male
from qinglian.city.schemes import Schemes, ScopeCharges
from qinglian.city.services import service_index
from qinglian.city.ward import Stays, all_diagnoses

_ADULT_DAYS = 18 * 366
_HOUR = 3600


def scope_charges(
    hospital: Hospital,
    patients: Patients,
    clinic: Clinic,
    stays: Stays,
    month: Month,
    schemes: Schemes,
    taken: set[tuple[bool, int]],
) -> list[Added]:
    """One piece a day on the bills of insured patients; `taken` encounters belong to others.

    `taken` grows by those that are chosen here. The last pieces of a bill are the ones outside.
    """
    found: list[Added] = []
    for scheme, action in schemes.of(ScopeCharges, hospital.number, month):
        kind, item = charged_item(action.item)
        candidates = np.flatnonzero(
            _fitting_stays(hospital, patients, stays, month, action)
            if action.inpatient
            else _fitting_visits(hospital, patients, clinic, action)
        )
        free = [row for row in candidates.tolist() if (action.inpatient, row) not in taken]
        # The last ones: schemes of other kinds look for theirs from the front.
        rows = np.array(free[::-1][: action.per_month], dtype=np.int64)
        encounters = {(action.inpatient, row) for row in rows.tolist()}
        taken |= encounters
        place = stays if action.inpatient else clinic.visits
        for day in range(action.days):
            lines = new_lines(
                action.inpatient,
                rows,
                _times(clinic, stays, rows, action, day),
                kind,
                np.full(len(rows), item),
                np.full(len(rows), 100),
                place.department[rows],
                place.doctor[rows],
            )
            lines.self_paid[:] = action.self_paid
            outside = day >= action.days - action.outside
            found.append(Added(scheme, encounters, lines, np.full(len(rows), 100 * outside)))
    return found


def charged_item(name: str) -> tuple[int, int]:
    """Kind and index of a service by its key, or of a drug by its generic name."""
    service = service_index().get(name)
    return (DRUG, drug_index(name)[0]) if service is None else (SERVICE, service)


def _times(clinic: Clinic, stays: Stays, rows: Ints, action: ScopeCharges, day: int) -> Ints:
    """Ten in the morning of the days after admission; half an hour after a visit begins."""
    if action.inpatient:
        return (stays.adm_time[rows] // DAY + day + 1) * DAY + 10 * _HOUR
    return clinic.visits.visit_time[rows] + _HOUR // 2


def _fitting_stays(
    hospital: Hospital, patients: Patients, stays: Stays, month: Month, action: ScopeCharges
) -> Bools:
    """Closed, ordinary stays that last beyond the last charge, which lies in `month`."""
    last_day = (stays.adm_time // DAY + action.days + 1) * DAY
    fits = (stays.dscg_time > last_day) & (last_day <= second_number(month.next.first))
    fits &= ~stays.interim & (stays.referred_from == 0) & (stays.workup == 0)
    if action.diagnosis is not None:
        fits &= stays.diagnosis == [code for code, _ in all_diagnoses()].index(action.diagnosis)
    person = patients.person[stays.patient]
    fits &= _is_wanted(person, stays.adm_time // DAY, action)
    wanted: Bools = fits & stays.insured & _of_practice(hospital, action, stays.department)
    return wanted


def _fitting_visits(
    hospital: Hospital, patients: Patients, clinic: Clinic, action: ScopeCharges
) -> Bools:
    visits = clinic.visits
    fits = visits.insured & ~visits.cancelled & ~visits.waived
    fits[clinic.planted_visits()] = False
    person = patients.person[visits.patient]
    fits &= _is_wanted(person, visits.visit_time // DAY, action)
    wanted: Bools = fits & _of_practice(hospital, action, visits.department)
    return wanted


def _is_wanted(person: Ints, day: Ints, action: ScopeCharges) -> Bools:
    """Whether the patients are what the scheme asks for, on the day given."""
    kinds = {
        "any": np.ones(len(person), dtype=bool),
        "adult": day - birth_days(person) > _ADULT_DAYS,
        "man": is_male(person),
        "woman": ~is_male(person),
        "employee": insurance_type(person) == 310,
        "resident": insurance_type(person) == 390,
    }
    wanted: Bools = kinds[action.who]
    return wanted


def _of_practice(hospital: Hospital, action: ScopeCharges, department: Ints) -> Bools:
    own = hospital.positions_of(action.practice)
    mine: Bools = np.isin(department, own)
    return mine
