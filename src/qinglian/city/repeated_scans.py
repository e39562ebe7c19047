"""Schemes of residents who are scanned at two hospitals of one group within some days."""

import numpy as np

from qinglian.city.added_charges import Added
from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.clinic import Clinic
from qinglian.city.draws import Ints
from qinglian.city.lines import SERVICE, new_lines
from qinglian.city.organisations import Hospital
from qinglian.city.people import Patients
from qinglian.city.return_visits import PlantedVisits
from qinglian.city.schemes import RepeatedScan, Scheme, Schemes
from qinglian.city.services import service_index

_AFTER_REGISTRATION = 5400


def plant_scans(
    hospital: Hospital, patients: Patients, clinic: Clinic, month: Month, schemes: Schemes
) -> None:
    """Give visits to the residents of the schemes: of the partner's the first, of one's own the
    second ones; in place.
    """
    for scheme in schemes.all:
        action = scheme.action
        if isinstance(action, RepeatedScan) and scheme.covers(month):
            if action.partner == hospital.number:
                _give_visits(hospital, patients, clinic, month, scheme, action, again=False)
            if scheme.hospital == hospital.number:
                _give_visits(hospital, patients, clinic, month, scheme, action, again=True)


def repeated_scan_charges(hospital: Hospital, clinic: Clinic) -> list[Added]:
    """The scans of those visits; the second one is too much where the case is a true one."""
    found = []
    for part in clinic.frequent:
        action = part.scheme.action
        if not isinstance(action, RepeatedScan):
            continue
        again = part.scheme.hospital == hospital.number
        rows, visits = part.rows, clinic.visits
        count = len(rows)
        lines = new_lines(
            False,
            rows,
            visits.register_time[rows] + _AFTER_REGISTRATION,
            SERVICE,
            np.full(count, service_index()[action.again if again else action.item]),
            np.full(count, 100),
            visits.department[rows],
            visits.doctor[rows],
        )
        excess = lines.qty * (again and part.scheme.case == "true")
        found.append(Added(part.scheme, {(False, row) for row in rows.tolist()}, lines, excess))
    return found


def _give_visits(
    hospital: Hospital,
    patients: Patients,
    clinic: Clinic,
    month: Month,
    scheme: Scheme,
    action: RepeatedScan,
    again: bool,
) -> None:
    """An ordinary visit of the practice on the day wanted for each of the residents.

    On a day with too few visits the next ones serve; of a small city's month there may be too few.
    """
    dept = hospital.department_of(action.practice)
    visits = clinic.visits
    first_day = second_number(month.first) // DAY + action.first + (action.gap if again else 0)
    day = visits.register_time // DAY
    free = (visits.department == dept.index) & (day >= first_day)
    free &= ~visits.cancelled & ~visits.programme & ~visits.waived & ~visits.emergency
    free[clinic.planted_visits()] = False
    ordinary = np.flatnonzero(free)
    rows: Ints = ordinary[np.argsort(day[ordinary], kind="stable")][: len(action.persons)]
    visits.patient[rows] = patients.set_aside()[list(action.persons[: len(rows)])]
    visits.diagnosis[rows] = 2 if again and action.other_illness else 1
    visits.second_diagnosis[rows] = -1
    visits.chronic[rows] = False
    visits.insured[rows] = True
    clinic.frequent.append(PlantedVisits(scheme, rows))
