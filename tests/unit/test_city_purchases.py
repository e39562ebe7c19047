"""Purchases without an open tender: what they are honestly, and where schemes bend them."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from qinglian.city.bid_schemes import tender_subject, with_planned_tenders
from qinglian.city.calendar import DAY, Month, day_number, history
from qinglian.city.direct_purchases import (
    DirectPurchases,
    Purchase,
    direct_purchases,
    purchase_tables,
)
from qinglian.city.doctors import Staff
from qinglian.city.generate import DEFAULT_SEED
from qinglian.city.his_columns import MonthData
from qinglian.city.organisations import hospitals
from qinglian.city.planted import planted_schemes
from qinglian.city.purchase_contracts import awarded_contracts, framework_tables
from qinglian.city.purchase_schemes import (
    INTRA,
    PETTY,
    SINGLE,
    GrownContract,
    LateFramework,
    SingleSource,
    TenderTimes,
)
from qinglian.city.purchase_times import plant_times
from qinglian.city.purchases import invoice_numbers, purchases_of
from qinglian.city.schemes import PlannedTender, Scheme, Schemes
from qinglian.city.suppliers import AFFILIATES, categories, category_position
from qinglian.city.tender_bidders import bidders, trader
from qinglian.city.tenders import SUBJECTS, tenders_of

LIMITS = {PETTY: 50_000_00, INTRA: 300_000_00, SINGLE: 2_000_000_00}
WINDOW = 90


def _year(
    clean: bool, months: int = 12, seed: int = DEFAULT_SEED
) -> tuple[Schemes, list[MonthData], dict[int, list[Purchase]]]:
    """The last months of twelve hospitals, with purchasing alone."""
    period = history(months)
    schemes = Schemes([s for s in planted_schemes(12, clean) if s.fits(period[0])])
    made, bought = [], defaultdict(list)
    for hospital in hospitals(12, 1.0):
        for month in period:
            tenders = tenders_of(hospital, month, seed)
            data = cast(
                MonthData,
                SimpleNamespace(
                    hospital=hospital,
                    month=month,
                    seed=seed,
                    staff=SimpleNamespace(codes=["A", "B", "C"], cashiers=[0]),
                    tenders=with_planned_tenders(hospital, tenders, month, seed, schemes),
                    purchases=purchases_of(hospital, month, seed, schemes),
                ),
            )
            plant_times(data, schemes)
            data.direct = direct_purchases(data, schemes)
            bought[hospital.number] += data.direct.purchases
            made.append(data)
    return schemes, made, bought


@pytest.fixture(scope="module")
def planted() -> tuple[Schemes, list[MonthData], dict[int, list[Purchase]]]:
    return _year(clean=False)


@pytest.fixture(scope="module")
def clean() -> dict[int, list[Purchase]]:
    return _year(clean=True)[2]


def _split(purchases: list[Purchase]) -> set[tuple[str, str, str]]:
    """Departments, categories and methods whose purchases reach a limit within a window."""
    group = {second: first for first, second, _ in AFFILIATES}
    found = set()
    for last in purchases:
        together = [
            p
            for p in purchases
            if (p.dept, p.subject, p.method) == (last.dept, last.subject, last.method)
            and group.get(p.supplier, p.supplier) == group.get(last.supplier, last.supplier)
            and 0 <= last.signed - p.signed < WINDOW
        ]
        if len(together) > 1 and sum(p.amount for p in together) >= LIMITS[last.method]:
            found.add((last.dept, last.subject, last.method))
    return found


def test_honest_departments_do_not_split_their_purchases(
    clean: dict[int, list[Purchase]],
) -> None:
    for purchases in clean.values():
        assert {p.method for p in purchases} == {PETTY, INTRA, SINGLE}
        assert not _split(purchases)
        assert all(p.amount < LIMITS[p.method] for p in purchases)
        assert all(p.reason and p.publicity for p in purchases if p.method == SINGLE)


def test_purchases_are_split_only_where_planted(
    planted: tuple[Schemes, list[MonthData], dict[int, list[Purchase]]],
) -> None:
    schemes, _, bought = planted
    for number, purchases in bought.items():
        limits = {PETTY: "intra_hospital_single", INTRA: "decentralised", SINGLE: "open_tender"}
        found = {f"{dept}|{subject}|{limits[m]}" for dept, subject, m in _split(purchases)}
        expected = {
            s.subject_id
            for s in schemes.all
            if s.hospital == number
            and s.indicator_id == "PR02"
            and s.subject_type == "dept_category"
            and s.case in ("true", "guarded")
        }
        assert found == expected, number


def test_honest_purchases_are_the_same_in_a_clean_city(
    planted: tuple[Schemes, list[MonthData], dict[int, list[Purchase]]],
    clean: dict[int, list[Purchase]],
) -> None:
    for number, purchases in planted[2].items():
        assert set(clean[number]) < set(purchases)


def test_times_of_tenders_are_out_of_order_only_where_planted(
    planted: tuple[Schemes, list[MonthData], dict[int, list[Purchase]]],
) -> None:
    schemes, months, _ = planted
    moved = {
        s.subject_id
        for s in schemes.all
        if isinstance(s.action, TenderTimes) and s.case in ("true", "guarded")
    }
    found = set()
    for data in months:
        t = data.tenders
        assert len(t.project_id) >= t.own
        for row in np.flatnonzero(t.winner >= 0).tolist():
            project = t.project_id[row]
            won = t.bid_time[(t.bid_project == row) & (t.bid_rank == 1)][0]
            if t.open_time[row] // DAY - t.notice_time[row] // DAY < 20:
                found.add(f"ZB{project}|short_notice")
            if won > t.open_time[row]:
                found.add(f"ZB{project}|late_bid")
            after = t.signed_after.get(row, 10)
            if after < 5:
                found.add(f"ZB{project}|signed_before_result")
            if after > 32:
                found.add(f"ZB{project}|signed_late")
    assert any(len(data.tenders.project_id) > data.tenders.own for data in months)
    assert found == moved


def test_numbers_of_invoices_do_not_return_in_another_month() -> None:
    """Deliveries name their invoice by its number alone: one of another month must differ."""
    orders = np.array([1_2511_0000018, 1_2512_0000018, 1_2512_0000019, 1_2601_0000018])
    numbers = invoice_numbers(orders).tolist()
    assert len(set(numbers)) == len(numbers)
    assert {len(str(number)) for number in numbers} == {8}


def test_categories_and_departments_are_found_by_their_names() -> None:
    """A practice that a hospital lacks has no position there."""
    assert categories()[category_position("D07")].code == "D07"
    hospital = hospitals(1, 1.0)[0]
    assert hospital.positions_of("oncology") == [hospital.department_of("oncology").index]
    assert hospital.department_of("oncology").practice.key == "oncology"
    assert hospital.positions_of("obgyn") == []


def _of(data: MonthData, subject_id: str) -> int:
    """Row of the tender whose contract is meant."""
    return [f"HT{project}" for project in data.tenders.project_id.tolist()].index(subject_id)


@pytest.mark.parametrize("seed", [DEFAULT_SEED, 1, 2, 3])
def test_grown_contracts_are_own_ones_and_works_only_where_meant(seed: int) -> None:
    schemes, months, _ = _year(clean=False, seed=seed)
    grown = [s for s in schemes.all if isinstance(s.action, GrownContract)]
    assert {s.case for s in grown if s.action.works} == {"guarded"}
    for scheme in grown:
        data = next(
            d for d in months if (d.hospital.number, d.month) == (scheme.hospital, scheme.first)
        )
        row = _of(data, scheme.subject_id)
        assert row < data.tenders.own
        assert (SUBJECTS[data.tenders.subject[row]][2] == "works") == scheme.action.works
        supplements = sum(data.tenders.supplements.get(row, ()))
        if scheme.action.shares:
            over = supplements > data.tenders.award[row] / 10
            assert over == (scheme.case not in ("near_miss", "honest_outlier")), scheme.scheme_id


def test_further_bills_stand_on_the_contract_that_the_truth_names(
    planted: tuple[Schemes, list[MonthData], dict[int, list[Purchase]]],
) -> None:
    schemes, months, _ = planted
    paid = {
        s.subject_id: s
        for s in schemes.all
        if isinstance(s.action, GrownContract) and s.action.paid
    }
    for data in months:
        direct = {f"HT{p.number}" for p in data.direct.purchases}
        for bill in data.direct.bills:
            if bill.contract in direct:
                continue
            scheme = paid.pop(bill.contract)
            row = _of(data, bill.contract)
            award = int(data.tenders.award[row])
            assert bill.supplier == data.tenders.winner[row]
            assert bill.amount == award * 5 // 100 + int(award * scheme.action.paid)
    assert not paid


def test_numbers_of_planted_purchases_do_not_depend_on_the_history(
    planted: tuple[Schemes, list[MonthData], dict[int, list[Purchase]]],
) -> None:
    """In the months that both have, a purchase of a scheme that fits has one number and budget."""
    later = {purchase for found in _year(clean=False, months=8)[2].values() for purchase in found}
    whole = {purchase for found in planted[2].values() for purchase in found}
    assert any(purchase.number.startswith(("YP", "YD")) for purchase in later)
    assert later < whole


def test_framework_is_late_in_the_year_of_its_scheme_alone() -> None:
    number = 8
    hospital = hospitals(12, 1.0)[number - 1]
    found = [
        s
        for s in planted_schemes(12)
        if s.hospital == number and isinstance(s.action, LateFramework)
    ]
    assert found
    period = [Month(2024, 12), Month(2025, 1)]
    staff = cast(Staff, SimpleNamespace(codes=["A", "B", "C"]))
    contracts = framework_tables(hospital, staff, Schemes(found), period)["t_contract"].to_pylist()
    late = [row for row in contracts if row["signed_on"] > row["begins_on"]]
    assert {row["begins_on"].year for row in contracts} == {2024, 2025}
    assert [row["signed_on"].year for row in late] == [2025]
    assert f"{late[0]['contract_no']}|order_before_contract" == found[0].subject_id


def test_contracts_are_completed_from_the_day_after_their_last(
    planted: tuple[Schemes, list[MonthData], dict[int, list[Purchase]]],
) -> None:
    data = planted[1][0]
    for signed, status in ((date(2025, 11, 1), "1"), (date(2025, 10, 31), "2")):
        purchase = replace(data.direct.purchases[0], signed=day_number(signed))
        direct = DirectPurchases([purchase], [])
        month = cast(MonthData, SimpleNamespace(**{**vars(data), "direct": direct}))
        (contract,) = purchase_tables(month)["t_contract"].to_pylist()
        assert (contract["ends_on"] == date(2025, 12, 31)) == (status == "1")
        assert contract["status"] == status


def test_planned_tenders_come_after_the_own_ones_and_are_awarded_contracts(
    planted: tuple[Schemes, list[MonthData], dict[int, list[Purchase]]],
) -> None:
    """Contracts of planned tenders are signed as drawn: no scheme of times reaches them."""
    for data in planted[1]:
        t = data.tenders
        assert all(row < t.own for row in (*t.signed_after, *t.reasons, *t.supplements))
        assert {c.tender for c in awarded_contracts(data)} <= set(np.flatnonzero(t.winner >= 0))


def test_single_sources_are_planted_on_both_sides_of_the_open_tender_limit() -> None:
    yuan = {
        s.action.yuan * 100 >= LIMITS[SINGLE]
        for s in planted_schemes(12)
        if isinstance(s.action, SingleSource) and s.action.about == "project" and s.case == "true"
    }
    assert yuan == {True, False}


def test_single_source_suppliers_are_named_by_their_first_award(
    planted: tuple[Schemes, list[MonthData], dict[int, list[Purchase]]],
) -> None:
    group = {second: first for first, second, _ in AFFILIATES}
    schemes, _, bought = planted
    found = [s for s in schemes.all if s.subject_type == "single_source_supplier"]
    assert found
    for scheme in found:
        awards = sorted(
            (p.signed, p.number, p.supplier) for p in bought[scheme.hospital] if p.method == SINGLE
        )
        meant = next(p for _, number, p in awards if ("pr_project", number) in scheme.evidence)
        same = [p for *_, p in awards if group.get(p, p) == group.get(meant, meant)]
        assert scheme.subject_id == f"single_source|{bidders()[same[0]].code}"


def _first_to_bid(months: list[MonthData], hospital: int, members: tuple[int, ...]) -> str:
    """Code of the member whose first bid at the hospital was opened first."""
    return min(
        (int(t.open_time[project]), bidders()[supplier].code)
        for t in (data.tenders for data in months if data.hospital.number == hospital)
        for supplier, project in zip(t.bid_supplier.tolist(), t.bid_project.tolist(), strict=True)
        if supplier in members
    )[1]


@pytest.mark.parametrize("months", [12, 8])
def test_a_planned_group_is_named_by_the_first_of_it_to_bid(months: int) -> None:
    schemes, made, _ = _year(clean=False, months=months)
    groups: list[tuple[Scheme, PlannedTender]] = [
        (s, s.action)
        for s in planted_schemes(12)
        if isinstance(s.action, PlannedTender) and s.action.about == "bidder_group"
    ]
    assert groups and schemes.all
    for scheme, action in groups:
        named = tender_subject(action)[1]
        assert named == _first_to_bid(made, scheme.hospital, action.bidders[:3])
    assert _first_to_bid(made, 1, (trader(0), trader(1), trader(2))) == "T0001"
