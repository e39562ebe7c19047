"""Charges that schemes put on the bills of some encounters, beside what was charged anyway."""

from dataclasses import dataclass

import numpy as np

from qinglian.city.arrow import line_amount
from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.clinic import Clinic
from qinglian.city.draws import Bools, Ints
from qinglian.city.drugs import drug_index
from qinglian.city.lines import DRUG, MATERIAL, SERVICE, Lines, new_lines
from qinglian.city.organisations import Hospital
from qinglian.city.practices import practices
from qinglian.city.schemes import AddedCharges, Charge, Scheme, Schemes, SplitPackage
from qinglian.city.services import material_index, materials, service_index
from qinglian.city.ward import END, Stays, all_diagnoses, mdtrt_number


@dataclass
class Added:
    """The lines that one scheme adds; `excess` is what is too much of each, in hundredths.

    `owed` cents of it are owed after all, for the packages that should have been billed or for what
    was given.
    """

    scheme: Scheme
    encounters: set[tuple[bool, int]]
    lines: Lines
    excess: Ints
    owed: int = 0


@dataclass
class Findings:
    """Rows of lines that an indicator should find for a scheme, and their amount in cents."""

    scheme: Scheme
    rows: Ints
    cents: int


def added_charges(
    hospital: Hospital,
    clinic: Clinic,
    stays: Stays,
    billed: Lines,
    prices: Ints,
    month: Month,
    schemes: Schemes,
    others: set[tuple[bool, int]],
) -> list[Added]:
    """What the schemes of a hospital add in a month to what was `billed` anyway.

    No encounter serves two of them nor is one of the `others`; `prices` of services are those of
    the hospital's catalogue.
    """
    found: list[Added] = []
    taken = set(others)
    for scheme, action in schemes.of(AddedCharges, hospital.number, month):
        candidates = (
            _stays_for(hospital, stays, month, action)
            if action.inpatient
            else _visits_for(hospital, clinic, action)
        )
        if isinstance(action, SplitPackage) and action.operated:
            candidates = np.intersect1d(candidates, _operated(billed))
        free = [row for row in candidates.tolist() if (action.inpatient, row) not in taken]
        # The last ones: schemes of other kinds look for theirs from the front.
        rows = np.array(free[::-1][: action.per_month], dtype=np.int64)
        encounters = {(action.inpatient, row) for row in rows.tolist()}
        taken |= encounters
        if action.of_stay and len(rows):
            scheme.subject_id = mdtrt_number(True, int(stays.adm_id[rows[0]]))
            scheme.reported = month
        for place, charge in enumerate(action.charges):
            lines = _charged(hospital, clinic, stays, action.inpatient, rows, charge)
            excess = np.full(len(rows), charge.excess * 100)
            owed = _owed_in_its_stead(charge, excess, prices)
            if isinstance(action, SplitPackage) and place == 0 and charge.excess:
                packages = np.full(len(rows), 100)
                owed = int(line_amount(packages, prices[service_index()[action.parent]]).sum())
            found.append(Added(scheme, encounters, lines, excess, owed))
    return found


def findings_of(added: list[Added], lines: Lines) -> list[Findings]:
    """What is too much among the last rows of `lines`, where the added ones stand, priced."""
    found = []
    start = len(lines) - sum(len(part.lines) for part in added)
    for part in added:
        rows = np.arange(start, start + len(part.lines))
        start += len(part.lines)
        cents = int(line_amount(part.excess, lines.unit_price[rows]).sum()) - part.owed
        found.append(Findings(part.scheme, rows[part.excess > 0], cents))
    return found


def _stays_for(hospital: Hospital, stays: Stays, month: Month, action: AddedCharges) -> Ints:
    """Closed stays of the practice that last from the first to the last charge, all in `month`.

    What is charged after the discharge is charged before the end of the history.
    """
    last_day = max(charge.day for charge in action.charges if charge.after is None)
    end_of_day = (stays.adm_time // DAY + last_day + 1) * DAY
    fits = (stays.dscg_time > end_of_day) & (end_of_day <= second_number(month.next.first))
    after = max(charge.after or 0 for charge in action.charges)
    fits &= stays.dscg_time + round(after * 3600) < END
    ordinary = ~stays.interim & (stays.referred_from == 0) & (stays.workup == 0)
    if action.of_stay:
        ordinary &= stays.insured
    if action.diagnosis is not None:
        pair = practices()[action.practice].diagnoses[action.diagnosis]
        ordinary &= stays.diagnosis == all_diagnoses().index(pair)
    return np.flatnonzero(_of_practice(hospital, action, stays.department) & fits & ordinary)


def _operated(billed: Lines) -> Ints:
    """Stays with one of the operations of the departments."""
    operations = [p.operation for p in practices().values() if p.operation is not None]
    rows = billed.inpatient & (billed.kind == SERVICE) & np.isin(billed.item, operations)
    return np.unique(billed.encounter[rows])


def _visits_for(hospital: Hospital, clinic: Clinic, action: AddedCharges) -> Ints:
    visits = clinic.visits
    plain = ~visits.cancelled & ~visits.waived
    plain[clinic.planted_visits()] = False
    return np.flatnonzero(_of_practice(hospital, action, visits.department) & plain)


def _of_practice(hospital: Hospital, action: AddedCharges, department: Ints) -> Bools:
    own = hospital.positions_of(action.practice)
    mine: Bools = np.isin(department, own)
    return mine


def _charged(
    hospital: Hospital, clinic: Clinic, stays: Stays, inpatient: bool, rows: Ints, charge: Charge
) -> Lines:
    if inpatient:
        midnight = (stays.adm_time[rows] // DAY + charge.day) * DAY
        time = midnight + round(charge.at * 3600)
        if charge.after is not None:
            time = stays.dscg_time[rows] + round(charge.after * 3600)
        department, doctor = stays.department[rows], stays.doctor[rows]
    else:
        visits = clinic.visits
        time = visits.register_time[rows] + round(charge.at * 3600)
        department, doctor = visits.department[rows], visits.doctor[rows]
    if charge.other_department:
        department = (department + 1) % len(hospital.departments)
    kind, place = _kind_and_item(charge.item)
    item = np.full(len(rows), place)
    qty = np.full(len(rows), charge.qty * 100)
    time = np.minimum(time, END)
    lines = new_lines(inpatient, rows, time, kind, item, qty, department, doctor)
    lines.recorded[:] = charge.recorded
    lines.in_min_unit[:] = kind == MATERIAL
    if charge.given:
        lines.given[:] = _kind_and_item(charge.given)[1]
    return lines


def _kind_and_item(name: str) -> tuple[int, int]:
    """Kind of a charge, and its place in the catalogue."""
    if name in service_index():
        return SERVICE, service_index()[name]
    if name in material_index():
        return MATERIAL, material_index()[name]
    return DRUG, drug_index(name)[0]


def _owed_in_its_stead(charge: Charge, excess: Ints, prices: Ints) -> int:
    """Cents that are owed for what was given instead of the items charged too much."""
    if not charge.given:
        return 0
    kind, place = _kind_and_item(charge.given)
    price = prices[place] if kind == SERVICE else materials()[place].min_price
    return int(line_amount(excess, np.full(len(excess), price)).sum())
