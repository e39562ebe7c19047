"""Planted relations of staff with suppliers, and queries that count prescriptions by doctor."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import Month, day_number, second_number
from qinglian.city.doctors import Staff
from qinglian.city.draws import Ints
from qinglian.city.his_columns import Tables
from qinglian.city.office import Row, Rows, midnight
from qinglian.city.organisations import Hospital
from qinglian.city.people import identity_numbers
from qinglian.city.schemes import DoctorQuantities, Schemes, SupplierRole
from qinglian.city.suppliers import category_position, distributors, suppliers_of

#: Relatives' numbers as residents: beyond those of the relatives in ordinary declarations.
_RELATIVES = 98_000_000
_DECLARED_ON = date(2025, 1, 20)
_RELATIVE_KIND = "2"
_SUPERVISOR = "04"


def member_of(hospital: Hospital, staff: Staff, who: str, ordinal: int) -> int:
    """Place of a member of staff: a buyer, pharmacist, cashier, or a practice's doctor."""
    places = {
        "buyer": (len(staff.codes) - 2, len(staff.codes) - 1),
        "pharmacist": staff.pharmacists,
        "cashier": staff.cashiers,
    }
    if who in places:
        return places[who][ordinal]
    dept = hospital.department_of(who)
    return staff.number(dept.index, ordinal)


def supplier_of_role(hospital: Hospital, action: SupplierRole) -> int:
    """The supplier's position in the list of distributors."""
    position = category_position(action.category)
    return suppliers_of(position, hospital.number)[action.supplier]


def role_tables(hospital: Hospital, staff: Staff, schemes: Schemes) -> Tables:
    """Persons whom schemes put on the suppliers' lists."""
    chosen = schemes.of(SupplierRole, hospital.number)
    count = len(chosen)
    if not count:
        return {}
    ends = np.array([day_number(x.until) if x.until else 0 for _, x in chosen])
    for scheme, action in chosen:
        supplier = distributors()[supplier_of_role(hospital, action)].code
        scheme.record(scheme.first, "pr_supplier_person", [supplier])
    return {
        "t_supplier_person": pa.table(
            {
                "supplier_code": a.texts(
                    [distributors()[supplier_of_role(hospital, x)].code for _, x in chosen]
                ),
                "person_id": a.texts([_person(hospital, staff, x) for _, x in chosen]),
                "role_code": a.texts([_SUPERVISOR] * count),
                "share_percent": a.decimals(
                    np.zeros(count, dtype=np.int64), 7, 4, np.ones(count, dtype=bool)
                ),
                "since": a.days(np.full(count, 15_000)),
                "until": a.days(ends, ends == 0),
            }
        )
    }


def _person(hospital: Hospital, staff: Staff, action: SupplierRole) -> str:
    place = member_of(hospital, staff, action.who, action.ordinal)
    if not action.relative:
        return staff.id_numbers[place]
    number = _RELATIVES + hospital.number * 1000 + place * 10 + 5
    return str(identity_numbers(np.array([number]))[0])


def declared_roles(hospital: Hospital, staff: Staff, schemes: Schemes) -> Rows:
    """Declarations of the relatives whom schemes put on the suppliers' lists."""
    rows: list[Row] = []
    for _, action in schemes.of(SupplierRole, hospital.number):
        if action.relative:
            place = member_of(hospital, staff, action.who, action.ordinal)
            rows.append(
                {
                    "declare_no": f"SB{hospital.number:02d}2025{900 + len(rows)}",
                    "staff_code": staff.codes[place],
                    "declare_date": _DECLARED_ON,
                    "kind_code": _RELATIVE_KIND,
                    "relative_id_card": _person(hospital, staff, action),
                    "content": "亲属在医药经营企业任职",
                    "updt_time": midnight(_DECLARED_ON) + timedelta(hours=17),
                }
            )
    return {"declaration": rows}


@dataclass(frozen=True)
class PlantedQueries:
    """Queries of schemes in a month; `statement` is a row of the access log's statements."""

    time: Ints
    statement: Ints
    person: Ints
    rows: Ints


def planted_queries(
    hospital: Hospital, staff: Staff, month: Month, schemes: Schemes, first: int
) -> PlantedQueries:
    """Queries that show quantities by doctor; `first` is the row of their plain statement.

    After it come the review, exported and not, and the standing report.
    """
    found: list[tuple[int, int, int, int]] = []
    for scheme, action in schemes.of(DoctorQuantities, hospital.number, month):
        person = member_of(hospital, staff, action.who, action.ordinal)
        for day in action.days:
            when = second_number(month.working_days()[day]) + action.hour * 3600 + 600
            found.append((when, first + action.statement, person, action.rows))
        scheme.record(month, "his_access_log", ())
    columns = np.array(found, dtype=np.int64).reshape(-1, 4)
    order = np.argsort(columns[:, 0], kind="stable")
    time, statement, people, rows = columns[order].T
    return PlantedQueries(time, statement, people, rows)
