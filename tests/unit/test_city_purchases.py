"""Purchases without an open tender: what they are honestly, and where schemes bend them."""

from collections import defaultdict
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from qinglian.city.calendar import DAY, history
from qinglian.city.direct_purchases import Purchase, direct_purchases
from qinglian.city.generate import DEFAULT_SEED
from qinglian.city.his_columns import MonthData
from qinglian.city.organisations import hospitals
from qinglian.city.planted import planted_schemes
from qinglian.city.purchase_schemes import INTRA, PETTY, SINGLE, TenderTimes
from qinglian.city.purchase_times import plant_times
from qinglian.city.purchases import invoice_numbers, purchases_of
from qinglian.city.schemes import Schemes
from qinglian.city.suppliers import AFFILIATES, categories, category_position
from qinglian.city.tenders import tenders_of

LIMITS = {PETTY: 50_000_00, INTRA: 300_000_00, SINGLE: 2_000_000_00}
WINDOW = 90


def _year(clean: bool) -> tuple[Schemes, list[MonthData], dict[int, list[Purchase]]]:
    """All months of twelve hospitals, with purchasing alone."""
    schemes = Schemes(planted_schemes(12, clean))
    months, bought = [], defaultdict(list)
    for hospital in hospitals(12, 1.0):
        for month in history(12):
            data = cast(
                MonthData,
                SimpleNamespace(
                    hospital=hospital,
                    month=month,
                    seed=DEFAULT_SEED,
                    tenders=tenders_of(hospital, month, DEFAULT_SEED),
                    purchases=purchases_of(hospital, month, DEFAULT_SEED, schemes),
                ),
            )
            plant_times(data, schemes)
            bought[hospital.number] += direct_purchases(data, schemes).purchases
            months.append(data)
    return schemes, months, bought


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
        for row, project in enumerate(t.project_id.tolist()):
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
