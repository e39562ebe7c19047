"""Schemes of coding: stays whose list or group is dearer than what was done, and look-alikes."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from qinglian.city.calendar import second_number
from qinglian.city.complications import supported
from qinglian.city.draws import Bools, Ints
from qinglian.city.grouping import adjacent_of, is_ungrouped, paid_of, standard_of
from qinglian.city.his_columns import MonthData, stay_diagnoses
from qinglian.city.inpatient_coding import (
    LISTED_OPERATIONS,
    OTHER_DIAGNOSES,
    Operations,
    OtherDiagnoses,
    settled_stays,
)
from qinglian.city.people import is_male
from qinglian.city.schemes import CodedStay, HighGroups, Scheme, Schemes
from qinglian.city.settlement_lists import diagnosis_number
from qinglian.city.ward import DISCHARGED, mdtrt_number

_GRAVE, _ANAEMIA, _POTASSIUM = "J96.000", "D64.900", "E87.600"
_OF_WOMEN, _OF_MEN, _UNKNOWN = "N76.000", "N40.x00", "R69.x00"
_OPERATIONS = {
    "operation": "51.2300",
    "endoscopy": "44.1300",
    "new_technology": "17.4200",
    "low_rate_technology": "17.4200",
}
#: What a stay cost, as part of the standard of the higher group, by pattern.
_PLAIN, _LOW = (0.6, 2.9), (0.41, 0.485)
_COST = {
    "low_rate": _LOW,
    "low_rate_technology": _LOW,
    "half_rate": (0.505, 0.59),
    "supported": _PLAIN,
    "beside_another": _PLAIN,
    "unsupported": _PLAIN,
    "without_effect": _PLAIN,
}
_WITH_RECORDS = ("low_rate", "low_rate_technology", "half_rate", "supported", "beside_another")
_WITHOUT_RECORDS = ("unsupported", "without_effect", "beside_another")
#: Places on a list behind all diagnoses that coders found.
_FIRST_SEQ = 5
_OPERATION_HOURS, _OPERATION_MINUTES = 20, 60


class PlantedCoding(Protocol):
    """What schemes change of the coding of a month."""

    others: OtherDiagnoses
    operations: Operations
    severe: Ints
    ungrouped: Bools
    main_as_other: Ints


@dataclass
class _Candidates:
    """Stays of the month without complication or operation, by stay: whether it may be taken, what
    it cost of the higher group's standard, its settlement, and what the group would pay too much.
    """

    free: Bools
    ratio: np.ndarray
    settle_id: Ints
    excess: Ints
    fees: Ints
    #: The last stay with an operation that was never done, -1 without.
    operated: int = -1


def plant_coding(data: MonthData, coding: PlantedCoding, schemes: Schemes) -> None:
    """Change the lists and groups of the stays that the hospital's schemes choose."""
    actions = schemes.of(CodedStay, data.hospital.number, data.month)
    shares = schemes.of(HighGroups, data.hospital.number, data.month)
    if not actions and not shares:
        return
    found = _candidates(data, coding)
    for scheme, action in actions:
        if action.pattern == "operation_again":
            _see_again(data, found, scheme)
            continue
        fits = found.free & _fits(data, found, action) & _of(data, action.practice)
        if (rows := np.flatnonzero(fits)).size:
            found.free[rows[0]] = False
            _plant(data, coding, found, scheme, action, int(rows[0]))
    for scheme, groups in shares:
        _raise_share(data, coding, found, scheme, groups)


def _candidates(data: MonthData, coding: PlantedCoding) -> _Candidates:
    stays, rows = settled_stays(data)
    count = len(data.stays.adm_id)
    settle_id, fees = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    settle_id[stays] = data.bills.settlements.settle_id[rows]
    fees[stays] = data.claims.split.total[rows]
    settled_at = np.zeros(count, dtype=np.int64)
    settled_at[stays] = data.bills.settlements.time[rows]
    place = adjacent_of(data, coding.operations)
    high = standard_of(data, place, np.ones(count, dtype=np.int64))
    low = standard_of(data, place, np.zeros(count, dtype=np.int64))
    free = (settle_id > 0) & ~is_ungrouped(settle_id) & (coding.severe == 0)
    free &= (settled_at >= second_number(data.month.first)) & (
        settled_at < second_number(data.month.next.first)
    )
    free &= (data.stays.discharge_way == int(DISCHARGED)) & ~data.stays.interim
    free[coding.operations.stay] = False
    excess = np.maximum(paid_of(fees, high) - low, 0)
    return _Candidates(free, fees / high, settle_id, excess, fees)


def _of(data: MonthData, practice: str) -> Bools:
    dept = data.hospital.department_of(practice)
    mine: Bools = data.stays.department == dept.index
    return mine


def _between(ratio: np.ndarray, limits: tuple[float, float]) -> Bools:
    inside: Bools = (ratio >= limits[0]) & (ratio <= limits[1])
    return inside


def _fits(data: MonthData, found: _Candidates, action: CodedStay) -> Bools:
    """Stays that can serve a pattern and show nothing but it."""
    pattern = action.pattern
    if pattern in ("women_only", "men_only"):
        return is_male(data.patients.person[data.stays.patient])
    fits = _between(found.ratio, _COST.get(pattern, (0, np.inf)))
    if pattern == "main_listed":
        fronts = np.array([code.startswith(action.fronts) for code in stay_diagnoses()[0]])
        fits &= fronts[data.stays.diagnosis]
    if pattern in _WITH_RECORDS:
        fits &= supported(data, _ANAEMIA)
    if pattern in _WITHOUT_RECORDS:
        fits &= ~supported(data, _GRAVE)
    return fits


def _plant(
    data: MonthData,
    coding: PlantedCoding,
    found: _Candidates,
    scheme: Scheme,
    action: CodedStay,
    stay: int,
) -> None:
    pattern = action.pattern
    others = {
        "unsupported": (_GRAVE,),
        "without_effect": (_GRAVE,),
        "beside_another": (_ANAEMIA, _GRAVE),
        "women_only": (_OF_WOMEN,),
        "men_only": (_OF_MEN,),
        "ungrouped_other": (_UNKNOWN,),
        "supported": (_ANAEMIA,),
        "half_rate": (_ANAEMIA,),
        "low_rate": (_ANAEMIA,),
        "low_rate_technology": (_ANAEMIA,),
    }.get(pattern, ())
    number = int(found.settle_id[stay])
    keys = []
    for offset, code in enumerate(others):
        _list(coding, np.array([stay]), code, _FIRST_SEQ + offset)
        seq = np.array([_FIRST_SEQ + offset])
        keys.append(("yb_setl_list_diag_d", f"ZD{diagnosis_number(np.array([number]), seq)[0]}"))
    complicated = {code for code, _, grade in OTHER_DIAGNOSES if grade} & set(others)
    if complicated and pattern != "without_effect":
        coding.severe[stay] = 1
    if pattern in _OPERATIONS:
        _operate(data, coding, stay, _OPERATIONS[pattern])
        keys.append(("yb_setl_list_oprn_d", f"SS{number}"))
        if pattern == "operation":
            found.operated = stay
    if pattern in ("ungrouped_main", "main_listed"):
        coding.main_as_other[stay] = _place(action.listed or _UNKNOWN)
        coding.ungrouped[stay] = pattern == "ungrouped_main"
        main = diagnosis_number(np.array([number]), np.array([0]))[0]
        keys.append(("yb_setl_list_diag_d", f"ZD{main}"))
    if pattern.startswith("low_rate"):
        keys.append(("yb_drg_group", str(number)))
    scheme.subject_id = mdtrt_number(True, int(data.stays.adm_id[stay]))
    scheme.reported = data.month
    known = scheme.case == "true" and coding.severe[stay] == 1
    cents = int(found.excess[stay]) if known else 0
    if scheme.case == "true" and pattern == "main_listed":
        cents = _paid_more(data, coding, found, stay)
    scheme.record(data.month, keys[0][0], (), cents)
    scheme.evidence += keys


def _see_again(data: MonthData, found: _Candidates, scheme: Scheme) -> None:
    """The stay with an operation never done, as the comparison with the records sees it."""
    if found.operated >= 0:
        scheme.subject_id = mdtrt_number(True, int(data.stays.adm_id[found.operated]))
        scheme.reported = data.month
        key = f"SS{found.settle_id[found.operated]}"
        scheme.record(data.month, "yb_setl_list_oprn_d", [key])


def _paid_more(data: MonthData, coding: PlantedCoding, found: _Candidates, stay: int) -> int:
    """What the group of the listed diagnosis pays above the higher group of the stay's own."""
    ones = np.ones(len(data.stays.adm_id), dtype=np.int64)
    own = standard_of(data, adjacent_of(data, coding.operations), ones)
    listed = adjacent_of(data, coding.operations, coding.main_as_other)
    paid = paid_of(found.fees, standard_of(data, listed, ones * 0))
    return max(int((paid - own)[stay]), 0)


def _place(code: str) -> int:
    return next(i for i, (other, *_) in enumerate(OTHER_DIAGNOSES) if other == code)


def _list(coding: PlantedCoding, stays: Ints, code: str, seq: int) -> None:
    others = coding.others
    coding.others = OtherDiagnoses(
        np.r_[others.stay, stays],
        np.r_[others.seq, np.full(len(stays), seq)],
        np.r_[others.other, np.full(len(stays), _place(code))],
    )


def _operate(data: MonthData, coding: PlantedCoding, stay: int, code: str) -> None:
    done = coding.operations
    begin = int(data.stays.adm_time[stay]) + _OPERATION_HOURS * 3600
    operation = next(i for i, (listed, _) in enumerate(LISTED_OPERATIONS) if listed == code)
    coding.operations = Operations(
        np.r_[done.stay, stay],
        np.r_[done.operation, operation],
        np.r_[done.begin, begin],
        np.r_[done.end, begin + _OPERATION_MINUTES * 60],
    )


def _raise_share(
    data: MonthData,
    coding: PlantedCoding,
    found: _Candidates,
    scheme: Scheme,
    groups: HighGroups,
) -> None:
    """Complications with records, until the share of the department's graded stays is reached."""
    graded = (found.settle_id > 0) & ~is_ungrouped(found.settle_id) & _of(data, groups.practice)
    lacking = max(0, round(groups.share * int(graded.sum())) - int(coding.severe[graded].sum()))
    for code in (_ANAEMIA, _POTASSIUM, _GRAVE):
        plain = found.free & graded & (coding.severe == 0) & _between(found.ratio, _PLAIN)
        rows = np.flatnonzero(plain & supported(data, code))[:lacking]
        lacking -= len(rows)
        _list(coding, rows, code, _FIRST_SEQ)
        coding.severe[rows] = 1
        numbers = found.settle_id[rows].tolist()
        cents = int(found.excess[rows].sum()) if scheme.case == "true" else 0
        scheme.record(data.month, "yb_drg_group", numbers, cents)
