"""Visits of representatives that schemes ask for, and what the doctors prescribe after them."""

from datetime import date, datetime, time, timedelta

import numpy as np

from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.class_shifts import prescribe
from qinglian.city.clinic import Clinic
from qinglian.city.doctors import Staff
from qinglian.city.draws import Ints
from qinglian.city.drugs import Drug, drug_index, drugs, second_strength
from qinglian.city.office import Rows, updated
from qinglian.city.organisations import Department, Hospital
from qinglian.city.prescribing_schemes import even_order, of_anyone, ordinary_rows
from qinglian.city.schemes import RepVisits, Scheme, Schemes
from qinglian.city.suppliers import distributors
from qinglian.city.visitors import lines_of, rep_no

#: Visits of schemes are numbered beyond those of a month's ordinary ones.
_FIRST_NUMBER = 900
_VISIT_HOUR, _VISIT_MINUTES = 15, 30


def plant_uplifts(
    hospital: Hospital, staff: Staff, clinic: Clinic, month: Month, schemes: Schemes
) -> None:
    """After the first visit the product stands on the wanted share of prescriptions."""
    for scheme, action in schemes.of(RepVisits, hospital.number, month):
        if action.share:
            dept = _department(hospital, action.practice)
            met = range(dept.doctors) if action.everybody else (action.doctor,)
            for doctor in met:
                rows = ordinary_rows(hospital, staff, clinic, action.practice, doctor)
                rows = rows[clinic.prescriptions.time[rows] >= _since(scheme, action)]
                _uplift(clinic, month, of_anyone(clinic, rows), scheme, action)


def _department(hospital: Hospital, practice: str) -> Department:
    return hospital.department_of(practice)


def _since(scheme: Scheme, action: RepVisits) -> int:
    """The end of the day of the first visit, in seconds since 1970."""
    return second_number(_days(scheme.first, action)[0]) + DAY


def _days(month: Month, action: RepVisits) -> list[date]:
    """Days of a month's visits."""
    days = month.working_days()
    return [days[place] for place in action.days]


def product_of(action: RepVisits) -> int:
    """Index of the product that is shown."""
    if action.second_strength:
        return second_strength(action.generic_name)
    return drug_index(action.generic_name)[0]


def _uplift(clinic: Clinic, month: Month, rows: Ints, scheme: Scheme, action: RepVisits) -> None:
    """One line gives way to the product on as many prescriptions as the share lacks."""
    items, product = clinic.items, product_of(action)
    lines = _free_lines(clinic, rows, product, action.second_strength)
    held = np.unique(items.rx[np.isin(items.rx, rows) & (items.drug == product)])
    whole = len(lines) if action.second_strength else len(rows)
    wanted = max(0, round(action.share * whole) - len(held))
    chosen = lines[even_order(len(lines))[:wanted]]
    cents = prescribe(clinic, chosen, product)
    scheme.record(month, "his_rx_item", items.item_id[chosen][:20], cents)


def _free_lines(clinic: Clinic, rows: Ints, product: int, same_name: bool) -> Ints:
    """A line of each prescription without the product that may give way to it.

    Of a sheet with a drug of the product's class that drug gives way, so that no class stands there
    twice. With `same_name` only the other strength of the same drug gives way.
    """
    items, own = clinic.items, drugs()[product]
    without = np.setdiff1d(rows, items.rx[items.drug == product])
    mine = np.flatnonzero(np.isin(items.rx, without))
    of_class = np.array([d.atc == own.atc for d in drugs()])[items.drug[mine]]
    if same_name:
        named = np.array([d.generic_name == own.generic_name for d in drugs()])[items.drug[mine]]
        other: Ints = mine[named]
        return other
    plain = np.array([_gives_way(drug) for drug in drugs()])[items.drug[mine]]
    blocked = np.isin(items.rx[mine], items.rx[mine[of_class]]) & ~of_class
    free = mine[(plain | of_class) & ~blocked]
    first: Ints = free[np.unique(items.rx[free], return_index=True)[1]]
    return first


def _gives_way(drug: Drug) -> bool:
    """Neither key-monitored nor of a kind that other indicators count."""
    counted = drug.is_systemic_antibacterial or drug.is_counted_injection or drug.has("S")
    return not (counted or drug.is_key_monitored or drug.drug_class == "herb_piece")


def scheme_visits(hospital: Hospital, staff: Staff, month: Month, schemes: Schemes) -> Rows:
    """Rows of the register for the month's visits of schemes."""
    found: Rows = {"visit_log": [], "visit_log_staff": [], "visit_log_product": []}
    place = _FIRST_NUMBER
    for scheme, action in schemes.of(RepVisits, hospital.number, month):
        dept = _department(hospital, action.practice)
        code = staff.codes[staff.number(dept.index, action.doctor)]
        goods = drugs()[product_of(action)]
        supplier = _seller(hospital, goods)
        for day in _days(month, action):
            place += 1
            visit_no = f"LF{hospital.number:02d}{month.stamp}{place:03d}"
            begin = datetime.combine(day, time(_VISIT_HOUR))
            end = begin + timedelta(minutes=_VISIT_MINUTES)
            found["visit_log"].append(
                {
                    "visit_no": visit_no,
                    "rep_no": rep_no(hospital, supplier),
                    "supplier_code": distributors()[supplier].code,
                    "begin_time": begin,
                    "end_time": end,
                    "place": "来访接待室",
                    "appointed": "1",
                    "approver": staff.codes[staff.number(dept.index, 0)],
                    "reason": "01",
                    "dept_code": dept.code,
                    "recorder": "JJ001",
                    "updt_time": updated(end),
                }
            )
            found["visit_log_staff"].append({"visit_no": visit_no, "staff_code": code})
            found["visit_log_product"].append(
                {"visit_no": visit_no, "national_code": goods.national_code}
            )
            scheme.record(month, "sv_visit", [visit_no])
    return found


def _seller(hospital: Hospital, goods: Drug) -> int:
    """A supplier that sells the product to the hospital, else the first of its suppliers."""
    sellers = [
        supplier
        for supplier, lines in lines_of(hospital).items()
        if any(line.national_code == goods.national_code for line in lines)
    ]
    return (sellers or list(lines_of(hospital)))[0]
