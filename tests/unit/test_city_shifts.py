"""The class of drugs with a selected generic, and settlement lists that name another diagnosis."""

from collections import Counter

import numpy as np
import pytest

from qinglian.city.calendar import Month
from qinglian.city.class_shifts import (
    GENERIC,
    OTHERS,
    PRACTICE,
    SELECTED_FROM,
    left_out,
    without_stock,
)
from qinglian.city.drugs import drug_index, drugs
from qinglian.city.generate import DEFAULT_SEED, months_of, people_of
from qinglian.city.his_columns import MonthData, stay_diagnoses
from qinglian.city.inpatient_coding import OTHER_DIAGNOSES
from qinglian.city.organisations import hospitals
from qinglian.city.planted import planted_schemes
from qinglian.city.rule_samples import rule_samples
from qinglian.city.schemes import ClassShift, CodedStay, Schemes
from qinglian.city.settlement_lists import list_tables
from qinglian.city.stock_flows import Balances
from qinglian.city.ward import mdtrt_number

BEFORE, AFTER = Month(2025, 4), Month(2025, 8)


@pytest.fixture(scope="module")
def schemes() -> Schemes:
    return Schemes(planted_schemes(12))


@pytest.fixture(scope="module")
def months(schemes: Schemes) -> dict[Month, MonthData]:
    """The first hospital before and after the selection."""
    hospital = hospitals(12, 1.0)[0]
    patients, staff = people_of(hospital, DEFAULT_SEED, schemes)
    return {
        month: next(iter(months_of(hospital, staff, patients, [month], DEFAULT_SEED, schemes)))
        for month in (BEFORE, AFTER)
    }


def _shares(data: MonthData, ordinal: int) -> dict[str, float]:
    """Shares of the drugs of the class in the lines of a doctor."""
    dept = data.hospital.department_of(PRACTICE)
    items, rx = data.clinic.items, data.clinic.prescriptions
    doctor = data.clinic.visits.doctor[rx.visit[items.rx]]
    own = doctor == data.staff.number(dept.index, ordinal)
    names = {place: name for name in (GENERIC, *OTHERS) for place in drug_index(name)}
    found = Counter(names[d] for d in items.drug[own].tolist() if d in names)
    return {name: found[name] / max(1, found.total()) for name in (GENERIC, *OTHERS)}


def test_only_planted_doctors_turn_away_from_the_generic(
    schemes: Schemes, months: dict[Month, MonthData]
) -> None:
    hospital = months[BEFORE].hospital
    planted = {a.doctor: a for _, a in schemes.of(ClassShift, hospital.number)}
    for ordinal in range(4):
        before, after = (_shares(months[month], ordinal) for month in (BEFORE, AFTER))
        assert before[GENERIC] == pytest.approx(0.5, abs=0.25)
        expected = planted[ordinal].generic if ordinal in planted else 0.5
        assert after[GENERIC] == pytest.approx(expected, abs=0.25)
    strong = next(a for a in planted.values() if a.after > 0.7 and a.product == OTHERS[0])
    assert _shares(months[AFTER], strong.doctor)[strong.product] > 0.55


def test_costs_of_the_class_stand_on_both_sides_of_three() -> None:
    """One DDD of one substitute costs more than three of the generic's, of the other less."""
    cost = {}
    for name in (GENERIC, *OTHERS):
        drug = drugs()[drug_index(name)[0]]
        assert drug.ddd is not None
        cost[name] = drug.price / drug.pack_ratio / drug.strength * drug.ddd
    assert cost[OTHERS[0]] / cost[GENERIC] > 3 > cost[OTHERS[1]] / cost[GENERIC]
    assert drugs()[drug_index(GENERIC)[0]].is_vbp_selected


def test_a_shortage_leaves_no_stock_of_the_generic_from_the_selection_on(schemes: Schemes) -> None:
    short = hospitals(12, 1.0)[3]
    assert without_stock(short, SELECTED_FROM, schemes) == drug_index(GENERIC)
    assert without_stock(short, Month(2025, 6), schemes) == []
    assert without_stock(hospitals(12, 1.0)[0], SELECTED_FROM, schemes) == []
    column = np.arange(3)
    balances = Balances(column, column, column, column, column, column)
    assert left_out(balances, [1]).item.tolist() == [0, 2]


def test_lists_name_another_main_diagnosis_only_where_planted(
    schemes: Schemes, months: dict[Month, MonthData]
) -> None:
    """The front page keeps the stay's own; what is listed instead is the scheme's."""
    data = months[BEFORE]
    listed = {
        scheme.subject_id: action.listed
        for scheme, action in schemes.of(CodedStay, 1, BEFORE)
        if action.pattern == "main_listed"
    }
    assert listed
    table = list_tables(data)["setl_list_diag_d"].to_pylist()
    main = {row["mdtrt_id"]: row["diag_code"] for row in table if row["maindiag_flag"] == "1"}
    codes = stay_diagnoses()[0]
    own = {
        mdtrt_number(True, adm_id): codes[place]
        for adm_id, place in zip(
            data.stays.adm_id.tolist(), data.stays.diagnosis.tolist(), strict=True
        )
    }
    assert {stay: code for stay, code in main.items() if code != own[stay]} == listed


def test_the_sample_mapping_holds_the_city_s_codes_but_those_left_out() -> None:
    rows = rule_samples()["ref_code_map"]
    assert all("样例" in row["source_text"] for row in rows)
    known = {row["insurance_code"] for row in rows if row["code_kind"] == "diagnosis"}
    missing = {code for code in stay_diagnoses()[0] if code not in known}
    assert missing == set()
    assert {code for code, *_ in OTHER_DIAGNOSES} - known == {"I67.900", "I84.900"}
    assert {"clinical_code": "J06.900", "insurance_code": "J22.x00"}.items() <= max(
        rows, key=lambda row: row["insurance_code"] == "J22.x00" != row["clinical_code"]
    ).items()
