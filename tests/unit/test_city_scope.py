"""Planted payments outside the scope of an item: who is charged, how long, and who pays."""

from collections import defaultdict

import numpy as np
import pytest

from qinglian.city.calendar import DAY, history
from qinglian.city.draws import Ints
from qinglian.city.drugs import drugs
from qinglian.city.generate import DEFAULT_SEED, months_of, people_of
from qinglian.city.his_columns import MonthData
from qinglian.city.lines import DRUG, SERVICE
from qinglian.city.organisations import hospitals
from qinglian.city.people import birth_days, insurance_type, is_male
from qinglian.city.planted import planted_schemes
from qinglian.city.rule_samples import rule_samples
from qinglian.city.schemes import Schemes, ScopeCharges
from qinglian.city.scope_charges import charged_item
from qinglian.city.services import service_index, services
from qinglian.city.ward import all_diagnoses


@pytest.fixture(scope="module")
def half_year() -> tuple[Schemes, list[MonthData]]:
    """Six months of two hospitals with such schemes."""
    schemes = Schemes(planted_schemes(12))
    months = []
    for number in (3, 9):
        hospital = hospitals(12, 1.0)[number - 1]
        patients, staff = people_of(hospital, DEFAULT_SEED, schemes)
        months += list(months_of(hospital, staff, patients, history(6), DEFAULT_SEED, schemes))
    return schemes, months


def _stay_lines(data: MonthData, name: str) -> Ints:
    lines = data.bills.lines
    kind, item = charged_item(name)
    return np.flatnonzero(lines.inpatient & (lines.kind == kind) & (lines.item == item))


def _person(data: MonthData, rows: Ints) -> Ints:
    return data.patients.person[data.stays.patient[data.bills.lines.encounter[rows]]]


def test_limits_of_persons_are_broken_only_where_planted(
    half_year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = half_year
    broken: dict[str, int] = defaultdict(int)
    for data in months:
        planted = {
            action.item
            for scheme, action in schemes.of(ScopeCharges, data.hospital.number, data.month)
            if scheme.case == "true"
        }
        for name in ("小儿豉翘清热", "黄体酮", "沙美特罗替卡松"):
            rows = _stay_lines(data, name)
            person, day = _person(data, rows), data.bills.lines.time[rows] // DAY
            outside = {
                "小儿豉翘清热": day - birth_days(person) >= 15 * 366,
                "黄体酮": is_male(person),
                "沙美特罗替卡松": insurance_type(person) != 310,
            }[name]
            assert outside.any() == (name in planted), (data.hospital.name, data.month, name)
            broken[name] += int(outside.sum())
    assert all(broken.values())
    assert len(broken) == 3


def test_courses_and_indications_are_as_planted(
    half_year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = half_year
    diagnoses = np.array([code for code, _ in all_diagnoses()])
    days_seen, fitting = set(), 0
    for data in months:
        lines = data.bills.lines
        for scheme, action in schemes.of(ScopeCharges, data.hospital.number, data.month):
            if action.item not in ("复方氨基酸", "人血白蛋白") or action.self_paid:
                continue
            rows = _stay_lines(data, action.item)
            stay = lines.encounter[rows]
            for one in np.unique(stay).tolist():
                days = set((lines.time[rows[stay == one]] // DAY).tolist())
                assert len(days) == action.days
                assert max(days) < data.stays.dscg_time[one] // DAY
                days_seen.add((action.item, len(days)))
            fits = np.char.startswith(diagnoses[data.stays.diagnosis[stay]], "K51")
            if scheme.case == "near_miss":
                assert fits.all()
                fitting += len(rows)
            elif action.item == "人血白蛋白":
                assert not fits.any()
    assert ("复方氨基酸", 9) in days_seen
    assert fitting


def test_what_patients_agreed_to_pay_costs_the_fund_nothing(
    half_year: tuple[Schemes, list[MonthData]],
) -> None:
    _, months = half_year
    paid = 0
    for data in months:
        claims = data.claims
        own = claims.lines.self_paid
        assert (claims.own_pay[own] == claims.lines.amount[own]).all()
        assert not claims.first_pay[own].any()
        paid += int(own.sum())
        rows = np.flatnonzero(~own & (claims.lines.kind == DRUG))
        assert (claims.own_pay[rows] == 0).all()
    assert paid


def test_newborns_are_cared_for_after_deliveries_alone() -> None:
    schemes = Schemes(planted_schemes(12))
    hospital = hospitals(12, 1.0)[5]
    patients, staff = people_of(hospital, DEFAULT_SEED, schemes)
    codes = np.array([code for code, _ in all_diagnoses()])
    for data in months_of(hospital, staff, patients, history(1), DEFAULT_SEED, schemes):
        lines = data.bills.lines
        mine = lines.inpatient & (lines.kind == SERVICE)
        rows = np.flatnonzero(mine & (lines.item == service_index()["newborn_care"]))
        assert len(rows)
        assert (codes[data.stays.diagnosis[lines.encounter[rows]]] == "O80.900").all()


def test_limits_name_items_of_the_catalogues() -> None:
    tables = rule_samples()
    of_drugs = {drug.national_code for drug in drugs()}
    of_services = {service.national_code for service in services()}
    for table in ("ref_drug_limit", "ref_course_limit"):
        assert {row["med_list_codg"] for row in tables[table]} <= of_drugs
    assert {row["item_code"] for row in tables["ref_item_limit"]} <= of_services
    words = [row for row in tables["ref_drug_limit"] if row["limit_kind"] == "text"]
    assert words
    assert all(row["note"] for row in words)
