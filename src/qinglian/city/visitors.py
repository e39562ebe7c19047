"""Suppliers' representatives and their visits to the departments that use their products."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from qinglian.city.calendar import Month
from qinglian.city.office import PURCHASING, Office, Rows, midnight, number, updated, yes
from qinglian.city.organisations import Department, Hospital
from qinglian.city.people import identity_numbers, names
from qinglian.city.purchases import buys, product
from qinglian.city.suppliers import categories, distributors, manufacturers, suppliers_of

#: Representatives' numbers as residents: beyond those of patients and suppliers' owners.
_REPRESENTATIVES = 95_000_000
_REASONS = {
    "01": 0.30,  # academic
    "02": 0.28,  # product
    "03": 0.14,  # delivery
    "04": 0.12,  # after-sales
    "05": 0.08,  # contract
    "06": 0.03,  # talk
    "99": 0.05,
}
_REGISTERED_ON = date(2024, 12, 20)
_MOST_PRODUCTS = 8


@dataclass(frozen=True)
class Line:
    """A product that a supplier sells to a hospital: national code, maker, who uses it."""

    national_code: str
    manufacturer: int
    departments: tuple[int, ...]


@cache
def lines_of(hospital: Hospital) -> dict[int, tuple[Line, ...]]:
    """What each supplier sells to a hospital, by the supplier's position in the list."""
    found: dict[int, dict[str, Line]] = {}
    for position, category in enumerate(categories()):
        if not buys(hospital, category):
            continue
        is_drug = category.item_kind == "drug"
        for item in category.items:
            goods = product(is_drug, item)
            users = tuple(d.index for d in hospital.departments if _uses(d, is_drug, item))
            line = Line(goods.national_code, goods.manufacturer, users)
            for supplier in suppliers_of(position, hospital.number):
                found.setdefault(supplier, {})[line.national_code] = line
    return {supplier: tuple(lines.values()) for supplier, lines in sorted(found.items())}


def _uses(department: Department, is_drug: bool, item: int) -> bool:
    practice = department.practice
    if is_drug:
        return item in (*practice.drugs, *practice.key_drugs, *practice.ward_drugs)
    return item in practice.ward_materials


def representatives(office: Office) -> Rows:
    """One representative a supplier; the same person stands for it at all hospitals."""
    hospital = office.hospital
    reps, rep_products = [], []
    for supplier, lines in lines_of(hospital).items():
        person = np.array([_REPRESENTATIVES + supplier * 10 + 5])
        own = lines[:_MOST_PRODUCTS]
        reps.append(
            {
                "rep_no": rep_no(hospital, supplier),
                "id_card": str(identity_numbers(person)[0]),
                "rep_name": names(person)[0],
                "supplier_code": distributors()[supplier].code,
                "holder": manufacturers()[own[0].manufacturer].name,
                "filing_no": f"YD5001{supplier + 1:04d}",
                # Registrations last a year or two; some lapse before anybody renews them.
                "valid_until": date(2025, 9, 30) if office.happens(0.08) else date(2026, 12, 31),
                "updt_time": midnight(_REGISTERED_ON),
            }
        )
        rep_products += [
            {"rep_no": rep_no(hospital, supplier), "national_code": line.national_code}
            for line in own
        ]
    return {"medical_rep": reps, "medical_rep_product": rep_products}


def visits(office: Office, month: Month) -> Rows:
    """Visits of a month, nearly all by appointment with a department that uses the products."""
    found: Rows = {"visit_log": [], "visit_log_staff": [], "visit_log_product": []}
    for position in range(office.count(9.0, 6.0, 2.0)):
        _visit(office, month, number("LF", office, month, position), found)
    return found


def _visit(office: Office, month: Month, visit_no: str, found: Rows) -> None:
    supplier = office.one(list(lines_of(office.hospital)))
    line = office.one(lines_of(office.hospital)[supplier])
    begin = office.moment_on(office.day_in(month), 14, 17)
    end = begin + timedelta(minutes=int(office.rng.integers(15, 70)))
    appointed = office.happens(0.95)
    department, met, approver = _received_by(office, line)
    found["visit_log"].append(
        {
            "visit_no": visit_no,
            "rep_no": rep_no(office.hospital, supplier),
            "supplier_code": distributors()[supplier].code,
            "begin_time": begin,
            # The end is not always written down.
            "end_time": end if office.happens(0.97) else None,
            "place": "来访接待室" if appointed else "科室",
            "appointed": yes(appointed),
            "approver": approver if appointed else None,
            "reason": office.weighted(_REASONS),
            "dept_code": department,
            "recorder": office.officer(),
            "updt_time": updated(end),
        }
    )
    found["visit_log_staff"] += [{"visit_no": visit_no, "staff_code": code} for code in met]
    found["visit_log_product"] += [
        {"visit_no": visit_no, "national_code": code}
        for code in _shown(office, lines_of(office.hospital)[supplier], line)
    ]


def _received_by(office: Office, line: Line) -> tuple[str, list[str], str]:
    """Department, persons met and who approved; goods that no ward uses go to the buyers."""
    if not line.departments or office.happens(0.2):
        return PURCHASING, [office.one(office.buyers)], office.approver
    department = office.hospital.departments[office.one(line.departments)]
    head = office.head_of(department)
    return department.code, sorted({head, office.doctor_of(department)}), head


def _shown(office: Office, lines: tuple[Line, ...], first: Line) -> list[str]:
    """The product that the visit was for, and at times a second one for the same department."""
    codes = {first.national_code}
    second = office.one(lines)
    if second.departments == first.departments and office.happens(0.5):
        codes.add(second.national_code)
    return sorted(codes)


def rep_no(hospital: Hospital, supplier: int) -> str:
    """A representative's number on a hospital's register."""
    return f"DB{hospital.number:02d}{supplier + 1:02d}"
