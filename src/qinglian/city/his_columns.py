"""Columns that both HIS products need: local codes, item attributes, what a month holds."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from qinglian.city import arrow
from qinglian.city.billing import DRUG, MATERIAL, SERVICE, Bills, Lines
from qinglian.city.calendar import Month
from qinglian.city.clinic import Clinic
from qinglian.city.doctors import Staff
from qinglian.city.draws import Bools, Ints
from qinglian.city.drugs import drugs
from qinglian.city.insurance import Claims
from qinglian.city.organisations import Hospital
from qinglian.city.people import Patients
from qinglian.city.purchases import Purchases
from qinglian.city.services import materials, services
from qinglian.city.tenders import Tenders
from qinglian.city.ward import Stays, all_diagnoses

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
