"""The synthetic city without a database: identifiers, reproducibility, planted truth."""

import json
from collections import defaultdict
from dataclasses import fields, is_dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qinglian.city.arrow import line_amount
from qinglian.city.billing import MAX_VISITS, charge_price, limits_at
from qinglian.city.calendar import DAY, Month, history, second_number
from qinglian.city.care.devices import device_identifier, udis
from qinglian.city.care.surgery import OPERATIONS
from qinglian.city.clinic import VALID
from qinglian.city.codes import FORMATS, uscc
from qinglian.city.complications import SUPPORTS, supported
from qinglian.city.draws import Purpose
from qinglian.city.drugs import KEY_MONITORED, drugs
from qinglian.city.generate import DEFAULT_SEED, his_month, months_of, people_of
from qinglian.city.his_columns import MonthData
from qinglian.city.inpatient_coding import LISTED_OPERATIONS, OTHER_DIAGNOSES, operations_of
from qinglian.city.lines import DRUG, MATERIAL, SERVICE
from qinglian.city.organisations import Hospital, hospitals
from qinglian.city.people import Patients, identity_numbers, insurance_type
from qinglian.city.planted import planted_schemes
from qinglian.city.practices import practices
from qinglian.city.purchases import reference_price
from qinglian.city.schemes import (
    AddedCharges,
    BilledPrice,
    CodedStay,
    CostFactor,
    CostGroup,
    FrequentVisits,
    KeyShare,
    ManyDrugs,
    PaidPrice,
    PurchaseShares,
    Readmission,
    RefundsBy,
    RepeatedScan,
    RepeatedSupply,
    ReturnVisits,
    Schemes,
    ShortStays,
    SplitPackage,
    TakenHome,
    Upload,
)
from qinglian.city.services import materials, service_index, services
from qinglian.city.suppliers import AFFILIATES, categories, distributors, manufacturers
from qinglian.city.truth import write_truth
from qinglian.city.ward import DISCHARGED, all_diagnoses, mdtrt_number
from qinglian.identity_number import is_identity_number
from qinglian.settings import repository_root
from qinglian.suppliers.credit_code import is_credit_code

MAX_DRUGS = 5
MIN_PEERS = 8
MIN_RX = 100
Z_LIMIT = 3.5
MAX_LOW_DAYS = 3
MIN_EXAM_SHARE = 0.7
MAX_TREAT_SHARE = 0.1
MIN_DISCHARGES = 30


def _months(
    number: int, period: list[Month], schemes: Schemes, count: int = 12, seed: int = DEFAULT_SEED
) -> list[MonthData]:
    hospital = hospitals(count, 1.0)[number - 1]
    patients, staff = people_of(hospital, seed, schemes)
    return list(months_of(hospital, staff, patients, period, seed, schemes))


@pytest.fixture(scope="module")
def year() -> tuple[Schemes, list[MonthData]]:
    """A year of the four hospitals whose doctors form two groups of peers."""
    schemes = Schemes(planted_schemes(12))
    return schemes, [m for n in (1, 2, 7) for m in _months(n, history(12), schemes)]


def test_codes_have_their_national_formats() -> None:
    for drug in drugs():
        assert FORMATS[drug.drug_class].match(drug.national_code), drug
    for service in services():
        assert FORMATS["service"].match(service.national_code), service
    for material in materials():
        assert FORMATS["material"].match(material.national_code), material
    for supplier in (*distributors(), *manufacturers()):
        assert is_credit_code(supplier.uscc), supplier
        assert is_identity_number(supplier.owner_id), supplier
    for code, _ in all_diagnoses():
        assert FORMATS["icd10"].match(code), code
    for hospital in hospitals(14, 1.0):
        assert FORMATS["organisation"].match(hospital.org_code)


def test_codes_are_unique() -> None:
    for catalogue in (drugs(), services(), materials()):
        codes = [item.national_code for item in catalogue]
        assert len(set(codes)) == len(codes)
    owners = {s.owner_id for s in distributors()}
    shared = sum(relation == "same_legal_rep" for _, _, relation in AFFILIATES)
    assert len(owners) == len(distributors()) - shared


@given(st.integers(0, 17), st.integers(1, 9))
def test_a_changed_digit_breaks_the_check(place: int, by: int) -> None:
    good = str(identity_numbers(np.array([4_812_345]))[0])
    assert is_identity_number(good)
    if place < 17:
        bad = good[:place] + str((int(good[place]) + by) % 10) + good[place + 1 :]
        assert not is_identity_number(bad)
    assert is_credit_code(uscc(500101, 12))
    assert not is_credit_code(uscc(500101, 12)[:-1] + ("A" if uscc(500101, 12)[-1] != "A" else "B"))


def test_residents_have_identity_numbers_of_their_own() -> None:
    person = np.unique(np.concatenate([Patients.of(h).person for h in hospitals(14, 1.0)]))
    numbers = identity_numbers(person)
    assert len(set(numbers.tolist())) == len(person)
    assert all(is_identity_number(number) for number in numbers[:: len(numbers) // 500])
    assert set(insurance_type(person).tolist()) == {0, 310, 390}


@given(st.integers(-10_000, 10_000), st.integers(0, 10_000_000))
def test_amounts_round_half_away_from_zero(qty: int, price: int) -> None:
    cents = int(line_amount(np.array([qty]), np.array([price]))[0])
    assert abs(cents - qty * price / 10_000) <= 0.5
    assert cents == -int(line_amount(np.array([-qty]), np.array([price]))[0])


def _same(one: object, other: object) -> bool:
    if is_dataclass(one):
        return all(_same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, np.asarray(other)))
    return True


def test_a_month_does_not_depend_on_what_else_is_generated() -> None:
    long = _months(2, history(3), Schemes(planted_schemes(12)))
    short = _months(2, history(1), Schemes(planted_schemes(3)), count=3)
    for part in ("clinic", "stays", "bills", "claims", "purchases", "tenders"):
        assert _same(getattr(long[-1], part), getattr(short[0], part)), part
    assert his_month(long[-1]) == his_month(short[0])


def test_another_seed_gives_another_city() -> None:
    one = _months(1, history(1), Schemes(planted_schemes(12)))[0]
    other = _months(1, history(1), Schemes(planted_schemes(12)), seed=7)[0]
    assert his_month(one) != his_month(other)


def _over_five(data: MonthData) -> dict[int, int]:
    """Valid prescriptions with more than five generic names, by doctor: RX01 spelt out."""
    rx, items = data.clinic.prescriptions, data.clinic.items
    names = [drug.generic_name for drug in drugs()]
    counted = [d.drug_class != "herb_piece" and not d.has("S") for d in drugs()]
    found: dict[int, set[str]] = defaultdict(set)
    for row, drug in zip(items.rx.tolist(), items.drug.tolist(), strict=True):
        if counted[drug]:
            found[row].add(names[drug])
    hits: dict[int, int] = defaultdict(int)
    for row, generics in found.items():
        if len(generics) > MAX_DRUGS and rx.status[row] == 0 and rx.kind[row] != 3:
            hits[int(data.clinic.visits.doctor[rx.visit[row]])] += 1
    return hits


def test_a_clean_city_holds_nothing_irregular_and_says_so(tmp_path: Path) -> None:
    schemes = Schemes(planted_schemes(2, clean=True))
    period = history(2)
    months = [m for n in (1, 2) for m in _months(n, period, schemes)]
    planted = [m for n in (1, 2) for m in _months(n, period, Schemes(planted_schemes(12)))]
    assert any(_over_five(data) for data in planted)
    for data in months:
        assert len(data.bills.lines.item) > 1000
        assert not _over_five(data)
        lines = data.bills.lines
        rows = np.flatnonzero(lines.kind == SERVICE)
        limit = limits_at(data.hospital, lines.item[rows], lines.time[rows])
        assert not (lines.unit_price[rows] > limit + 50).any()
    path = tmp_path / "truth.json"
    count = write_truth(path, DEFAULT_SEED, period, schemes, {}, clean=True)
    content = json.loads(path.read_text("utf-8"))
    assert content["clean"]
    # Honest outliers and guarded cases stay: a lead on one of them is the false one to be found.
    cases = {scheme["case"] for scheme in content["schemes"]}
    assert cases == {"honest_outlier", "guarded"}
    assert len(content["schemes"]) == count


def _number(data: MonthData, practice: str, ordinal: int) -> int:
    dept = next(d for d in data.hospital.departments if d.practice.key == practice)
    return data.staff.number(dept.index, ordinal)


def test_many_drugs_are_prescribed_only_where_planted(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = year
    guarded = 0
    for data in months:
        expected = {}
        for scheme, action in schemes.of(ManyDrugs, data.hospital.number, data.month):
            number = _number(data, action.practice, action.doctor)
            if scheme.case == "true":
                expected[number] = action.per_month
            else:
                guarded += 1
        assert _over_five(data) == expected, (data.hospital.name, data.month)
    assert guarded > 10


def test_only_planted_items_are_billed_above_their_limit(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = year
    seen = set()
    for data in months:
        lines = data.bills.lines
        rows = np.flatnonzero(lines.kind == SERVICE)
        limit = limits_at(data.hospital, lines.item[rows], lines.time[rows])
        over = set(lines.item[rows][lines.unit_price[rows] > limit + 50].tolist())
        planted = {
            service_index()[action.item]
            for scheme, action in schemes.of(BilledPrice, data.hospital.number, data.month)
            if scheme.case == "true"
        }
        assert over == planted, (data.hospital.name, data.month)
        seen |= over
    assert len(seen) >= 2


def test_added_charges_are_billed_and_never_reversed(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = year
    billed: dict[str, int] = defaultdict(int)
    for data in months:
        lines, index = data.bills.lines, service_index()
        for scheme, action in schemes.of(AddedCharges, data.hospital.number, data.month):
            items = [index[charge.item] for charge in action.charges if charge.item in index]
            rows = np.flatnonzero((lines.kind == SERVICE) & np.isin(lines.item, items))
            keys = {str(key) for key in data.bills.fee_id[rows].tolist()}
            found = {key for table, key in scheme.evidence if table == "his_fee"} & keys
            assert not found & {str(key) for key in lines.original.tolist()}
            billed[scheme.scheme_id] += len(found)
    planted = {
        scheme.scheme_id
        for scheme in schemes.all
        if isinstance(scheme.action, AddedCharges) and scheme.case == "true"
    }
    assert all(count > 0 for name, count in billed.items() if name in planted)
    assert planted & billed.keys()


def test_packages_are_billed_in_parts_that_cost_more_only_where_planted() -> None:
    schemes = Schemes(planted_schemes(12))
    paid: dict[str, int] = defaultdict(int)
    for number in (5, 6, 10):
        for data in _months(number, history(5)[:2], schemes):
            lines, index = data.bills.lines, service_index()
            surgery = data.care.surgeries.of_line
            local = {index[key] for key in ("temp_monitor", "depth_monitor", "pressure_monitor")}
            for scheme, action in schemes.of(SplitPackage, number, data.month):
                keys = {key for table, key in scheme.evidence if table == "his_fee"}
                rows = [
                    row for row, key in enumerate(data.bills.fee_id.tolist()) if str(key) in keys
                ]
                assert bool(rows) == (scheme.case == "true"), scheme.scheme_id
                if not rows:
                    continue
                package = charge_price(
                    data.hospital, index[action.parent], data.month.first.replace(month=12)
                )
                bundles: dict[int, int] = defaultdict(int)
                for row in rows:
                    bundles[int(lines.encounter[row])] += int(lines.amount[row])
                    assert (surgery[row] > 0) == (int(lines.item[row]) in local)
                assert all(amount * 100 > package for amount in bundles.values())
                paid[scheme.scheme_id] += sum(bundles.values()) - len(bundles) * package // 100
    planted = {s.scheme_id: s.amount_cents for s in schemes.all if s.scheme_id in paid}
    assert paid == planted
    assert len(paid) >= 5


def test_other_items_than_billed_are_given_only_where_planted() -> None:
    schemes = Schemes(planted_schemes(12))
    checked = set()
    for number in (3, 4, 6):
        for data in _months(number, history(3)[:2], schemes):
            lines = data.bills.lines
            swapped = np.flatnonzero(lines.given >= 0)
            charges = [
                (scheme, [charge.item for charge in action.charges if charge.given])
                for scheme, action in schemes.of(AddedCharges, number, data.month)
            ]
            assert (len(swapped) > 0) == any(items for _, items in charges)
            pieces = udis(data, data.care.net, swapped).to_pylist()
            for row, udi in zip(swapped.tolist(), pieces, strict=True):
                if lines.kind[row] == MATERIAL:
                    used, billed = (int(column[row]) for column in (lines.given, lines.item))
                    assert device_identifier(materials()[used].number) in udi
                    assert device_identifier(materials()[billed].number) not in udi
                else:
                    assert data.care.reports.of_line[row] > 0
                checked.add(int(lines.kind[row]))
            found = {str(key) for key in data.bills.fee_id[swapped].tolist()}
            for scheme, items in charges:
                if items and scheme.case == "true":
                    assert found & {key for _, key in scheme.evidence}
                    assert scheme.amount_cents > 0
    assert checked == {MATERIAL, SERVICE}


def test_an_examination_gives_way_to_a_dearer_one_only_where_planted() -> None:
    schemes = Schemes(planted_schemes(12))
    index = service_index()
    shares = []
    for data in _months(6, history(4)[:2], schemes):
        lines = data.bills.lines
        visits = ~lines.inpatient & (lines.kind == SERVICE)
        dear = np.count_nonzero(visits & (lines.item == index["ct"]))
        plain = np.count_nonzero(visits & (lines.item == index["chest_xray"]))
        shares.append(dear / (dear + plain))
    assert shares[0] == 0
    assert shares[1] == pytest.approx(0.6, abs=0.1)


def test_registrations_are_charged_again_within_three_days_only_where_planted(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = year
    paid: dict[tuple[int, int, int], list[tuple[int, str, bool]]] = defaultdict(list)
    for data in months:
        visits, lines = data.clinic.visits, data.bills.lines
        register = [i for i, s in enumerate(services()) if s.key.startswith("reg_")]
        fees = ~lines.inpatient & (lines.kind == SERVICE) & np.isin(lines.item, register)
        for row in np.unique(lines.encounter[fees & (lines.original == 0)]).tolist():
            dept = data.hospital.departments[visits.department[row]]
            icd3 = dept.practice.diagnoses[visits.diagnosis[row]][0][:3]
            key = (data.hospital.number, dept.index, int(visits.patient[row]))
            paid[key].append((int(visits.register_time[row]), icd3, bool(visits.first_visit[row])))
    found: dict[tuple[int, int], int] = defaultdict(int)
    for (hospital, dept_index, _), own in paid.items():
        for before, after in pairwise(sorted(own)):
            if after[0] - before[0] < 72 * 3600 and (before[1] == after[1] or not after[2]):
                found[hospital, dept_index] += 1
    planted: dict[tuple[int, int], int] = defaultdict(int)
    for data in months:
        for scheme, action in schemes.of(ReturnVisits, data.hospital.number, data.month):
            if scheme.case == "true":
                dept = next(
                    d for d in data.hospital.departments if d.practice.key == action.practice
                )
                planted[data.hospital.number, dept.index] += action.per_month
    assert found == planted
    assert len(planted) >= 3


def test_charges_lie_more_than_a_day_outside_their_stay_only_where_planted(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = year
    found, planted = set(), set()
    for data in months:
        lines, stays = data.bills.lines, data.stays
        rows = np.flatnonzero(lines.inpatient)
        stay, time = lines.encounter[rows], lines.time[rows]
        late = (stays.dscg_time[stay] > 0) & (time > stays.dscg_time[stay] + DAY)
        outside = late | (time < stays.adm_time[stay] - DAY)
        found |= {mdtrt_number(True, int(stays.adm_id[row])) for row in stay[outside]}
        planted |= {
            scheme.subject_id
            for scheme, action in schemes.of(AddedCharges, data.hospital.number, data.month)
            if action.of_stay and scheme.case != "near_miss"
        }
    assert found == planted
    assert len(planted) >= 4


def test_patients_come_fifteen_times_in_a_month_only_where_planted(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = year
    for data in months:
        visits = data.clinic.visits
        patients, counts = np.unique(visits.patient[~visits.cancelled], return_counts=True)
        ids = data.patients.ids()[patients[counts >= MAX_VISITS]]
        planted = {
            scheme.subject_id
            for scheme, action in schemes.of(FrequentVisits, data.hospital.number, data.month)
            if action.visits >= MAX_VISITS
        }
        assert {str(number) for number in ids.tolist()} == planted, (data.hospital, data.month)


def test_drugs_are_given_twice_only_where_planted(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = year
    supplies: dict[tuple[int, str], dict[tuple[int, int], tuple[int, int, str]]] = defaultdict(dict)
    doubled = set()
    for data in months:
        rx, items, visits = data.clinic.prescriptions, data.clinic.items, data.clinic.visits
        classes: dict[tuple[int, str], set[str]] = defaultdict(set)
        for line in np.flatnonzero(rx.status[items.rx] == VALID).tolist():
            row, drug = int(items.rx[line]), drugs()[items.drug[line]]
            if drug.drug_class == "herb_piece" or drug.has("S"):
                continue
            visit = int(rx.visit[row])
            patient = int(visits.patient[visit])
            key = int(data.patients.person[patient]), drug.generic_name
            place = int(rx.time[row]) // DAY, int(visits.visit_id[visit])
            subject = str(data.patients.ids()[patient])
            limit = 14 if rx.long_term[row] or _is_chronic(data, visit) else 7
            before = supplies[key].get(place, (0, limit, subject))[0]
            supplies[key][place] = before + int(rx.days[row]), limit, subject
            if drug.drug_class == "western":
                classes[visit, drug.atc].add(drug.generic_name)
        doubled |= {
            str(data.patients.ids()[visits.patient[visit]])
            for (visit, atc), names in classes.items()
            if len(names) > 1 and atc != "B01AC"
        }
    stacked = set()
    for visits_of_drug in supplies.values():
        end = 0
        for (day, _), (days, limit, subject) in sorted(visits_of_drug.items()):
            if end - day > limit:
                stacked.add(subject)
            end = max(end, day) + days
    planted = defaultdict(set)
    for scheme in schemes.all:
        here = scheme.hospital in (1, 2, 7) and scheme.case != "near_miss"
        if here and isinstance(scheme.action, RepeatedSupply):
            planted[scheme.action.pattern == "same_class"].add(scheme.subject_id)
    assert stacked == planted[False]
    assert doubled == planted[True]
    assert len(stacked) >= 3


def _is_chronic(data: MonthData, visit: int) -> bool:
    visits = data.clinic.visits
    dept = data.hospital.departments[visits.department[visit]]
    code: str = dept.practice.diagnoses[visits.diagnosis[visit]][0]
    return code[:3] in ("I10", "I25", "E11", "E78", "I50", "I48")


def _low_threshold(data: MonthData) -> tuple[np.ndarray, np.ndarray]:
    """Ended stays, and those of them that BL12 counts, spelt out."""
    stays, lines = data.stays, data.bills.lines
    category = np.array([service.category for service in services()])
    group = np.where(lines.kind == SERVICE, category[lines.item * (lines.kind == SERVICE)], "goods")
    group[lines.kind == DRUG] = "05"

    def amounts(*groups: str) -> np.ndarray:
        mine = lines.inpatient & np.isin(group, groups) if groups else lines.inpatient
        return np.bincount(lines.encounter[mine], lines.amount[mine], len(stays.adm_id))

    total = amounts()
    ended = stays.dscg_time > 0
    low = (
        ended
        & (stays.dscg_time // DAY - stays.adm_time // DAY <= MAX_LOW_DAYS)
        & (amounts("03", "04") >= MIN_EXAM_SHARE * total)
        & (amounts("05", "06") <= MAX_TREAT_SHARE * total)
        & (stays.discharge_way == int(DISCHARGED))
        & ~_waits_for_reports(data)
    )
    return ended, low


def _waits_for_reports(data: MonthData) -> np.ndarray:
    """Stays of which a report is not out."""
    lines, reports = data.bills.lines, data.care.reports
    rows = reports.line[reports.pending]
    stays = lines.encounter[rows[lines.inpatient[rows]]]
    return np.isin(np.arange(len(data.stays.adm_id)), stays)


def test_drugs_for_weeks_or_two_of_a_class_are_taken_home_only_where_planted(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = year
    found, planted = set(), set()
    for data in months:
        lines, book = data.bills.lines, data.care.orders
        home = book.orders.order_id[book.orders.discharge_drug]
        days: dict[tuple[int, int], float] = defaultdict(float)
        classes: dict[int, set[tuple[str, int]]] = defaultdict(set)
        for row in np.flatnonzero(np.isin(book.order_of_line, home)).tolist():
            drug, stay = drugs()[lines.item[row]], int(lines.encounter[row])
            days[stay, int(lines.item[row])] += (
                lines.qty[row] / 100 * drug.pack_ratio / drug.freq_per_day
            )
            classes[stay].add((drug.atc, int(lines.item[row])))
        stays = {stay for (stay, _), supply in days.items() if supply > 7}
        stays |= {
            stay for stay, taken in classes.items() if len({atc for atc, _ in taken}) < len(taken)
        }
        found |= {str(data.patients.ids()[data.stays.patient[stay]]) for stay in stays}
        planted |= {
            scheme.subject_id
            for scheme, _ in schemes.of(TakenHome, data.hospital.number, data.month)
        }
    assert found == planted
    assert len(planted) >= 4


def test_residents_are_scanned_again_in_their_group_only_where_planted() -> None:
    """Computed tomography at both hospitals of a group within fourteen days, in August."""
    schemes, month = Schemes(planted_schemes(12)), Month(2025, 8)
    days: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number in (1, 3):
        (data,) = _months(number, [month], schemes)
        lines, visits = data.bills.lines, data.clinic.visits
        scans = (lines.kind == SERVICE) & (lines.item == service_index()["ct"]) & ~lines.inpatient
        for row in np.flatnonzero(scans & (lines.qty > 0)).tolist():
            person = data.patients.person[visits.patient[lines.encounter[row]]]
            days[number][int(person)].append(int(lines.time[row]) // DAY)
    again = {
        person
        for person, second in days[3].items()
        if any(0 <= day - first <= 14 for day in second for first in days[1].get(person, []))
    }
    planted = {
        int(data.patients.person[data.patients.set_aside()[person]])
        for _, action in schemes.of(RepeatedScan, 3, month)
        for person in action.persons
    }
    assert again == planted
    assert len(planted) == 3


def test_a_small_city_scans_again_as_soon_as_it_has_visits() -> None:
    """Not every day somebody comes to each clinic: the next visits serve, never earlier ones."""
    schemes = Schemes(planted_schemes(4))
    placed = late = 0
    for hospital in hospitals(4, 0.05):
        patients, staff = people_of(hospital, DEFAULT_SEED, schemes)
        for data in months_of(hospital, staff, patients, history(6), DEFAULT_SEED, schemes):
            for part in data.clinic.frequent:
                action = part.scheme.action
                if not isinstance(action, RepeatedScan):
                    continue
                again = part.scheme.hospital == hospital.number
                wanted = second_number(data.month.first) // DAY + action.first
                wanted += action.gap if again else 0
                days = data.clinic.visits.register_time[part.rows] // DAY
                assert (days >= wanted).all()
                assert len(days) <= len(action.persons)
                placed += len(days)
                late += int((days > wanted).sum())
    assert placed > 0
    assert late > 0


def test_short_stays_for_examinations_are_frequent_only_where_planted(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = year
    ended: dict[tuple[int, int, int], int] = defaultdict(int)
    low: dict[tuple[int, int, int], int] = defaultdict(int)
    planted = set()
    for data in months:
        is_ended, is_low = _low_threshold(data)
        quarter = (data.month.month - 1) // 3
        for dept in data.hospital.departments:
            mine = data.stays.department == dept.index
            key = (data.hospital.number, dept.index, quarter)
            ended[key] += int((mine & is_ended).sum())
            low[key] += int((mine & is_low).sum())
            for scheme, action in schemes.of(ShortStays, data.hospital.number, data.month):
                if scheme.case == "true" and action.practice == dept.practice.key:
                    planted.add(key)
    assert planted
    for key, count in ended.items():
        if count >= MIN_DISCHARGES:
            share = low[key] / count
            assert share > 0.3 if key in planted else share < 0.12, (key, share)


def test_drugs_of_a_ward_are_multiplied_only_where_planted(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    """The drugs of a stay cost several times those of the ward's other quarters."""
    schemes, months = year
    drug: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0])
    planted = {}
    for data in months:
        lines, quarter = data.bills.lines, (data.month.month - 1) // 3
        for scheme, action in schemes.of(CostGroup, data.hospital.number, data.month):
            if scheme.case == "true" and action.group == "drug":
                planted[data.hospital.number, _dept(data, action.practice), quarter] = action.factor
        for dept in data.hospital.departments:
            mine = lines.inpatient & (lines.department == dept.index) & (lines.kind == DRUG)
            cell = drug[data.hospital.number, dept.index, quarter]
            cell[0] += int(lines.amount[mine].sum())
            cell[1] += int((data.stays.department == dept.index).sum())
    assert planted
    for (number, dept, quarter), factor in planted.items():
        mean = {q: drug[number, dept, q][0] / drug[number, dept, q][1] for q in range(4)}
        others = [mean[q] for q in range(4) if (number, dept, q) not in planted]
        assert mean[quarter] > 0.75 * factor * np.median(others), (number, dept, quarter)


def _dept(data: MonthData, practice: str) -> int:
    return next(d.index for d in data.hospital.departments if d.practice.key == practice)


def test_complications_without_records_are_listed_only_where_planted(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = year
    planted = {
        scheme.subject_id
        for scheme in schemes.all
        if isinstance(scheme.action, CodedStay)
        and scheme.action.pattern in ("unsupported", "without_effect", "beside_another")
    }
    found = set()
    for data in months:
        listed = [OTHER_DIAGNOSES[place][0] for place in data.coding.others.other]
        for code in SUPPORTS:
            stays = data.coding.others.stay[[code == other for other in listed]]
            bare = stays[~supported(data, code)[stays]]
            found |= {mdtrt_number(True, adm_id) for adm_id in data.stays.adm_id[bare].tolist()}
    assert found == planted - {""}
    assert found


def test_an_operation_that_was_cancelled_is_not_coded_beside_one_that_was_done() -> None:
    """The Chinese medicine hospital in April 2025 has a stay with both."""
    data = _months(7, [Month(2025, 4)], Schemes(planted_schemes(12, clean=True)))[0]
    surgeries, listed = data.care.surgeries, operations_of(data)
    subcategories = [operation.icd9cm3[:4] for operation in OPERATIONS.values()]
    recorded = [subcategories[place] for place in surgeries.operation.tolist()]
    stays = list(zip(surgeries.stay.tolist(), recorded, strict=True))
    cancelled = {stay for stay, gone in zip(stays, surgeries.cancelled, strict=True) if gone}
    done = set(stays) - cancelled
    assert {stay for stay, _ in cancelled} & {stay for stay, _ in done}
    codes = [LISTED_OPERATIONS[place][0][:4] for place in listed.operation.tolist()]
    assert set(zip(listed.stay.tolist(), codes, strict=True)) <= done


def test_refunds_are_irregular_only_where_planted(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = year
    kinds = set()
    for data in months:
        st_ = data.bills.settlements
        refund = st_.original >= 0
        days = st_.time // DAY - st_.time[np.maximum(st_.original, 0)] // DAY
        late = refund & (days > 30) & (st_.refunding.reason == 0)
        irregular = refund & ((st_.refunding.approval > 0) | st_.refunding.in_cash | late)
        found = {str(number) for number in st_.settle_id[irregular].tolist()}
        of_month = schemes.of(RefundsBy, data.hospital.number, data.month)
        true = [(scheme, action) for scheme, action in of_month if scheme.case == "true"]
        evidence = {key for scheme, _ in true for _, key in scheme.evidence}
        assert found <= evidence
        kinds |= {action.kind for _, action in true if found}
    assert kinds >= {"unapproved", "cash", "late"}


def test_readmissions_within_fifteen_days_are_planted(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = year
    stays: dict[tuple[int, int], list[tuple[int, int, str]]] = defaultdict(list)
    codes = [code for code, _ in all_diagnoses()]
    for data in months:
        s = data.stays
        for row in np.flatnonzero(s.insured & (s.dscg_time > 0)).tolist():
            stays[data.hospital.number, int(s.patient[row])].append(
                (int(s.adm_time[row] // DAY), int(s.dscg_time[row] // DAY), codes[s.diagnosis[row]])
            )
    gaps: dict[int, list[int]] = defaultdict(list)
    for (hospital, _), own in stays.items():
        own.sort()
        for before, after in pairwise(own):
            gap = after[0] - before[1]
            if gap <= 15 and before[2][:3] == after[2][:3]:
                gaps[hospital].append(gap)
    for number in (1, 2, 7):
        expected = sorted(
            action.gap
            for scheme, action in schemes.of(Readmission, number)
            if not action.interim_settlement
            and scheme.case != "near_miss"
            and (
                not isinstance(action.second_diagnosis, tuple)
                or action.second_diagnosis == action.first_diagnosis
            )
        )
        assert sorted(gaps[number]) == expected


def test_insurance_lines_mirror_the_hospital_but_for_schemes(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    _, months = year
    found = 0
    for data in months:
        chosen = {(action.inpatient, row) for _, action, row in data.bills.chosen}
        lines, uploaded = data.bills.lines, data.bills.lines.uploaded
        own = _by_encounter(
            lines.inpatient[uploaded], lines.encounter[uploaded], lines.amount[uploaded]
        )
        claims = data.claims.lines
        theirs = _by_encounter(claims.inpatient, claims.encounter, claims.amount)
        different = {key for key in own.keys() | theirs.keys() if own.get(key) != theirs.get(key)}
        assert different <= chosen
        changed = {
            (action.inpatient, row)
            for scheme, action, row in data.bills.chosen
            if action.kind in ("phantom", "missing", "dearer_code", "more_quantity")
        }
        assert changed <= different
        found += len(changed)
    assert found >= 4


def _by_encounter(
    inpatient: np.ndarray, encounter: np.ndarray, amount: np.ndarray
) -> dict[tuple[bool, int], int]:
    sums: dict[tuple[bool, int], int] = defaultdict(int)
    for key, cents in zip(
        zip(inpatient.tolist(), encounter.tolist(), strict=True), amount.tolist(), strict=True
    ):
        sums[key] += cents
    return sums


def test_settlements_equal_net_lines(year: tuple[Schemes, list[MonthData]]) -> None:
    _, months = year
    for data in months:
        st_, lines = data.bills.settlements, data.bills.lines
        settled = _by_encounter(st_.inpatient, st_.encounter, st_.total)
        billed = _by_encounter(lines.inpatient, lines.encounter, lines.amount)
        assert settled.items() <= billed.items()


def _z(values: np.ndarray) -> np.ndarray:
    deviation = values - np.median(values)
    scores: np.ndarray = 0.6745 * deviation / np.median(np.abs(deviation))
    return scores


def _doctor_months(data: MonthData) -> dict[int, tuple[float, float]]:
    """Log mean amount and key-monitored share of doctors with enough ordinary prescriptions."""
    rx, items = data.clinic.prescriptions, data.clinic.items
    amount = items.qty * items.unit_price
    key = np.array([d.generic_name in KEY_MONITORED for d in drugs()])[items.drug]
    doctor = data.clinic.visits.doctor[rx.visit]
    ordinary = (rx.kind == 0) & (rx.status == 0)
    found = {}
    for number in range(data.staff.doctors):
        mine = ordinary & (doctor == number)
        if mine.sum() >= MIN_RX:
            of = mine[items.rx]
            total = amount[of].sum()
            found[number] = (
                float(np.log(total / mine.sum())),
                float(amount[of & key].sum() / total),
            )
    return found


def test_planted_doctors_stand_out_among_their_peers(
    year: tuple[Schemes, list[MonthData]],
) -> None:
    """RX03, RX10: planted doctors pass z 3.5 in most of their months, others in no two running."""
    schemes, months = year
    high = _high_months(months)
    planted = set()
    for kind, wanted in (("cost", CostFactor), ("share", KeyShare)):
        for data in months[:: len(history(12))]:
            for scheme, action in schemes.of(wanted, data.hospital.number):
                key = (kind, data.hospital.number, _number(data, action.practice, action.doctor))
                if scheme.case == "true" and action.practice in _PEER_PRACTICES:
                    planted.add(key)
                    assert len([m for m in high[key] if scheme.covers(m)]) >= 4, scheme
    assert len(planted) >= 4
    for key in high.keys() - planted:
        assert all(b.serial - a.serial > 2 for a, b in pairwise(sorted(high[key])))


_PEER_PRACTICES = ("respiratory", "cardiology", "gastroenterology", "tcm")


def _high_months(months: list[MonthData]) -> dict[tuple[str, int, int], list[Month]]:
    """Months above the limit by measure, hospital and doctor."""
    groups: dict[tuple[str, Month], list[tuple[int, int, float, float]]] = defaultdict(list)
    for data in months:
        measures = _doctor_months(data)
        for number, (cost, share) in measures.items():
            practice = data.hospital.departments[data.staff.department[number]].practice.key
            if practice in _PEER_PRACTICES:
                groups[practice, data.month].append((data.hospital.number, number, cost, share))
    high: dict[tuple[str, int, int], list[Month]] = defaultdict(list)
    for (_, month), members in groups.items():
        assert len(members) >= MIN_PEERS
        for kind, column in (("cost", 2), ("share", 3)):
            scores = _z(np.array([member[column] for member in members]))
            for member, score in zip(members, scores.tolist(), strict=True):
                if score > Z_LIMIT:
                    high[kind, member[0], member[1]].append(month)
    return high


def _shares(data: list[MonthData], category: int, level: str) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for month in data:
        bought = month.purchases
        for row in np.flatnonzero((bought.category == category) & ~bought.cancelled).tolist():
            if level == "distributor":
                name = distributors()[bought.supplier[row]].uscc
            else:
                goods = (drugs() if bought.is_drug[row] else materials())[bought.item[row]]
                name = manufacturers()[goods.manufacturer].uscc
            sums[name] += int(bought.amount[row])
    merged: dict[str, float] = defaultdict(float)
    alias = {distributors()[b].uscc: distributors()[a].uscc for a, b, _ in AFFILIATES}
    total = sum(sums.values())
    for name, value in sums.items():
        merged[alias.get(name, name)] += value / total
    return merged


@pytest.mark.parametrize("number", [1, 3, 6])
def test_purchases_are_concentrated_only_where_planted(number: int) -> None:
    schemes = Schemes(planted_schemes(12))
    data = _months(number, history(3), schemes)
    planted = {
        (action.category, action.level): scheme.case
        for scheme, action in schemes.of(PurchaseShares, number)
    }
    guarded = {"C05", "C06", "C08", "D07"}
    for position, category in enumerate(categories()):
        if category.code in guarded or position not in set(data[0].purchases.category.tolist()):
            continue
        for level in ("distributor", "manufacturer"):
            top = max(_shares(data, position, level).values())
            is_true = planted.get((category.code, level)) == "true"
            assert (top >= 0.5) == is_true, (category.code, level, top)


def test_only_planted_prices_exceed_their_reference() -> None:
    schemes = Schemes(planted_schemes(12))
    found = 0
    for number in (1, 3, 4, 6, 9):
        for data in _months(number, history(8)[:2], schemes):
            bought = data.purchases
            planted = {
                (action.category, action.item)
                for scheme, action in schemes.of(PaidPrice, number, data.month)
                if scheme.case == "true"
            }
            for row in range(len(bought.order_id)):
                category = categories()[bought.category[row]]
                is_drug, item = bool(bought.is_drug[row]), int(bought.item[row])
                reference = reference_price(is_drug, item, data.month.first)
                if bought.in_min_unit[row]:
                    reference //= (drugs() if is_drug else materials())[item].pack_ratio
                allowed = 1.2 if category.code in ("C02", "C04") else 1.005
                if bought.unit_price[row] > reference * allowed:
                    assert (category.code, category.items.index(item)) in planted
                    found += 1
    assert found >= 4


def test_every_indicator_has_true_cases_near_misses_and_guards() -> None:
    cases = defaultdict(list)
    for scheme in planted_schemes(12):
        cases[scheme.indicator_id, scheme.case].append(scheme)
    root = repository_root() / "dbt_project" / "models" / "indicators"
    for path in root.glob("*/ind_*.sql"):
        indicator = path.stem.split("_")[1].upper()
        assert len(cases[indicator, "true"]) >= 4, indicator
        assert {s.strength for s in cases[indicator, "true"]} >= {"strong", "medium"}
        assert cases[indicator, "near_miss"]
    honest = {indicator for indicator, case in cases if case == "honest_outlier"}
    assert honest >= {f"PR{number:02d}" for number in (*range(2, 10), *range(11, 15))}
    assert honest >= {f"XS{number:02d}" for number in (2, 3, 4, 6, 7, 9, 10, 13)}
    assert len({s.scheme_id for s in planted_schemes(12)}) == len(planted_schemes(12))
    kinds = {s.action.kind for s in planted_schemes(12) if isinstance(s.action, Upload)}
    assert kinds >= {"phantom", "missing", "dearer_code", "more_quantity", "other_day", "total"}


def test_streams_of_two_purposes_are_never_one() -> None:
    assert len(Purpose) == len(Purpose.__members__)


@pytest.mark.parametrize(("months", "told"), [(12, True), (4, False)])
def test_a_rise_after_visits_is_told_where_the_months_before_it_are_there(
    tmp_path: Path, months: int, told: bool
) -> None:
    """XS04-01 begins in September; a history of four months begins with it."""
    schemes = Schemes([s for s in planted_schemes(1) if s.scheme_id == "XS04-01"])
    schemes.all[0].record(Month(2025, 9), "sv_visit", ["LF0120250901"])
    write_truth(tmp_path / "truth.json", 1, history(months), schemes, {}, False)
    truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    assert [s["scheme_id"] for s in truth["schemes"]] == ["XS04-01"] * told


def test_every_hospital_has_the_departments_of_its_plan() -> None:
    for hospital in hospitals(12, 1.0):
        assert _practices(hospital) <= set(practices())
        assert len({d.code for d in hospital.departments}) == len(hospital.departments)


def _practices(hospital: Hospital) -> set[str]:
    return {d.practice.key for d in hospital.departments}


def test_a_city_too_large_for_its_residents_is_refused() -> None:
    with pytest.raises(ValueError, match="identity numbers"):
        Patients.of(hospitals(1, 1000.0)[0])
