"""Columns that both HIS products need: local codes, item attributes, what a month holds."""

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from qinglian.city import arrow
from qinglian.city.billing import Bills
from qinglian.city.calendar import Month
from qinglian.city.clinic import Clinic
from qinglian.city.doctors import Staff
from qinglian.city.draws import Bools, Ints
from qinglian.city.drugs import drugs
from qinglian.city.insurance import Claims
from qinglian.city.lines import DRUG, MATERIAL, SERVICE, Lines
from qinglian.city.organisations import (
    IMAGING,
    LABORATORY,
    TECHNICAL_DEPARTMENTS,
    Hospital,
)
from qinglian.city.people import Patients
from qinglian.city.purchases import Purchases
from qinglian.city.refunds import BY_CASHIER, BY_CHIEF
from qinglian.city.services import materials, services
from qinglian.city.tenders import Tenders
from qinglian.city.ward import Stays, all_diagnoses

if TYPE_CHECKING:
    from qinglian.city.care import Care
    from qinglian.city.coding import Coding
    from qinglian.city.direct_purchases import DirectPurchases
    from qinglian.city.invoices import Invoices, Payments

Tables = dict[str, pa.Table]
_LOCAL_PREFIX = {
    "yunqi_his": {DRUG: "XY{:05d}", MATERIAL: "CL{:05d}", SERVICE: "FW{:04d}"},
    "kangtai_his": {DRUG: "1{:05d}", MATERIAL: "3{:05d}", SERVICE: "2{:05d}"},
}


@dataclass
class MonthData:
    """Everything that one hospital did in one month."""

    hospital: Hospital
    staff: Staff
    patients: Patients
    month: Month
    seed: int
    clinic: Clinic
    stays: Stays
    bills: Bills
    claims: Claims
    purchases: Purchases
    tenders: Tenders
    #: The records behind the fee lines; they are made from the rest.
    care: "Care" = field(init=False)
    #: What the settlement lists say of the stays; it is made from the records.
    coding: "Coding" = field(init=False)
    #: Purchases without an open tender, and what was billed besides on contracts of tenders.
    direct: "DirectPurchases" = field(init=False)
    invoices: "Invoices" = field(init=False)
    payments: "Payments" = field(init=False)

    def encounter_ids(self, rows: Ints) -> Ints:
        """Identifiers of the visits and stays of fee lines."""
        return self._of_encounter(rows, self.clinic.visits.visit_id, self.stays.adm_id)

    def patient_ids(self, rows: Ints) -> Ints:
        """Identifiers of the patients of fee lines."""
        patient = self._of_encounter(rows, self.clinic.visits.patient, self.stays.patient)
        ids: Ints = self.patients.ids()[patient]
        return ids

    def _of_encounter(self, rows: Ints, of_visits: Ints, of_stays: Ints) -> Ints:
        """Values of the encounters of fee lines: stays are numbered on after the visits."""
        lines = self.bills.lines
        shift = np.where(lines.inpatient[rows], len(of_visits), 0)
        values: Ints = np.r_[of_visits, of_stays][lines.encounter[rows] + shift]
        return values


class DepartmentRow(NamedTuple):
    """A department of a hospital's own list; `kind` is what the contract calls it."""

    code: str
    name: str
    std_dept_code: str | None
    kind: str
    parent: str | None


class StaffRow(NamedTuple):
    """A member of staff; `title` is a position in TITLES."""

    code: str
    name: str
    id_number: str
    national_code: str | None
    dept_code: str
    title: int
    is_doctor: bool


def department_rows(hospital: Hospital) -> list[DepartmentRow]:
    """Clinics, wards, technical departments, pharmacy and cash desk."""
    departments = hospital.departments
    return [
        *(
            DepartmentRow(
                d.code, d.practice.name + "门诊", d.practice.std_dept_code, "clinical", None
            )
            for d in departments
        ),
        *(
            DepartmentRow(
                d.ward_code, d.practice.name + "病区", d.practice.std_dept_code, "ward", d.code
            )
            for d in departments
        ),
        DepartmentRow("9001", "药剂科", None, "pharmacy", None),
        DepartmentRow("9002", "收费处", None, "admin", None),
        *(
            DepartmentRow(code, name, std, "medtech", None)
            for code, name, std in TECHNICAL_DEPARTMENTS
        ),
    ]


def staff_rows(hospital: Hospital, staff: Staff) -> list[StaffRow]:
    """Clinic doctors in their departments, the others in the pharmacy, then technical doctors."""
    rows = [
        StaffRow(
            code,
            staff.names[i],
            staff.id_numbers[i],
            staff.national_codes[i],
            hospital.departments[staff.department[i]].code if i < staff.doctors else "9001",
            int(staff.title[i]),
            i < staff.doctors,
        )
        for i, code in enumerate(staff.codes)
    ]
    extra = staff.technicians
    for place, code in enumerate(extra.codes):
        rows.append(
            StaffRow(
                code,
                extra.names[place],
                extra.id_numbers[place],
                None,
                extra.departments[place],
                1,
                False,
            )
        )
    return rows


def local_code(vendor: str, kind: int, item: int) -> str:
    """Code of an item in the hospital's own catalogue."""
    return _LOCAL_PREFIX[vendor][kind].format(item + 1)


@cache
def _offsets() -> tuple[int, int, int]:
    return 0, len(drugs()), len(drugs()) + len(materials())


def flat(kind: Ints, item: Ints) -> Ints:
    """Position of an item in the joint list of drugs, consumables and services."""
    return np.array(_offsets())[kind] + item


@cache
def national_codes() -> list[str | None]:
    """National codes in the order of the joint list; market-priced items have none."""
    return [
        *(d.national_code for d in drugs()),
        *(m.national_code for m in materials()),
        *(s.national_code if s.limits else None for s in services()),
    ]


@cache
def item_names() -> list[str]:
    """Names in the order of the joint list."""
    return [
        *(d.generic_name + d.dosage_form for d in drugs()),
        *(m.name for m in materials()),
        *(s.name for s in services()),
    ]


@cache
def local_codes(vendor: str) -> list[str]:
    """Local codes in the order of the joint list."""
    sizes = ((DRUG, len(drugs())), (MATERIAL, len(materials())), (SERVICE, len(services())))
    return [local_code(vendor, kind, i) for kind, size in sizes for i in range(size)]


@cache
def charge_types() -> list[str]:
    """med_chrgitm_type in the order of the joint list."""
    by_class = {"western": "09", "patent_tcm": "11", "herb_piece": "10"}
    return [
        *(by_class[d.drug_class] for d in drugs()),
        *("08" for _ in materials()),
        *(s.category for s in services()),
    ]


@cache
def _units() -> tuple[list[str], list[str]]:
    packs = [
        *(d.pack_unit for d in drugs()),
        *(m.pack_unit for m in materials()),
        *(s.unit for s in services()),
    ]
    smallest = [
        *(d.min_unit for d in drugs()),
        *(m.min_unit for m in materials()),
        *(s.unit for s in services()),
    ]
    return packs, smallest


def unit_column(kind: Ints, item: Ints, in_min_unit: Bools) -> pa.Array:
    """Unit texts of lines."""
    packs, smallest = _units()
    return arrow.words(packs + smallest, flat(kind, item) + np.where(in_min_unit, len(packs), 0))


def dept_codes(data: MonthData) -> list[str]:
    """Department codes, then ward codes."""
    departments = data.hospital.departments
    return [d.code for d in departments] + [d.ward_code for d in departments]


def line_dept(lines: Lines, data: MonthData) -> pa.Array:
    """Department or ward of fee lines."""
    shift = np.where(lines.inpatient, len(data.hospital.departments), 0)
    return arrow.words(dept_codes(data), lines.department + shift)


@cache
def _performed_in() -> Ints:
    """For each item of the joint list: 0 own department, 1 laboratory, 2 imaging."""
    places = {"04": 1, "03": 2}
    return np.array([places.get(code, 0) for code in charge_types()])


def exec_dept(lines: Lines, data: MonthData) -> pa.Array:
    """Department that carries lines out: tests in the laboratory, examinations in imaging."""
    place = _performed_in()[flat(lines.kind, lines.item)]
    codes = dept_codes(data)
    own = lines.department + np.where(lines.inpatient, len(data.hospital.departments), 0)
    return arrow.words(
        [*codes, LABORATORY[0], IMAGING[0]], np.where(place > 0, len(codes) + place - 1, own)
    )


def mdtrt(inpatient: bool, ids: Ints, missing: Bools) -> pa.Array:
    """National encounter identifiers, null where the encounter is not insured."""
    return arrow.labels(f"5001{2 if inpatient else 1}", ids, missing)


def practice_diagnoses(data: MonthData) -> tuple[list[str], list[str], Ints]:
    """Codes and names of all diagnoses, and the start of each department's in that list."""
    codes: list[str] = []
    names: list[str] = []
    starts = []
    for dept in data.hospital.departments:
        starts.append(len(codes))
        codes += [code for code, _ in dept.practice.diagnoses]
        names += [name for _, name in dept.practice.diagnoses]
    return codes, names, np.array(starts)


def stay_diagnoses() -> tuple[list[str], list[str]]:
    """Codes and names in the order that stays refer to."""
    return [code for code, _ in all_diagnoses()], [name for _, name in all_diagnoses()]


def refund_reasons(data: MonthData, rows: Ints) -> Ints:
    """Why settlements were taken back: 0 for those that were not, else one more than the reason."""
    st = data.bills.settlements
    reasons: Ints = np.where(st.original[rows] >= 0, 1 + st.refunding.reason[rows], 0)
    return reasons


def refund_approvers(data: MonthData, rows: Ints) -> tuple[list[str | None], Ints]:
    """Codes of those who approved refunds and, for each settlement, a place among them."""
    st, staff = data.bills.settlements, data.staff
    approval = st.refunding.approval[rows]
    places = np.select(
        [st.original[rows] < 0, approval == BY_CHIEF, approval == BY_CASHIER],
        [0, 1, 2 + st.settle_id[rows] % 2],
        0,
    )
    return [None, staff.codes[-1], *(staff.codes[i] for i in staff.cashiers)], places
