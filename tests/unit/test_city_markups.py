"""Prices paid and charged in the synthetic city, without a database."""

import numpy as np
import pytest

from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.draws import Ints
from qinglian.city.generate import DEFAULT_SEED, months_of, people_of
from qinglian.city.his_columns import MonthData
from qinglian.city.lines import DRUG
from qinglian.city.organisations import hospitals
from qinglian.city.planted import planted_schemes
from qinglian.city.purchases import LISTED_CHANGE, listed_change_item, product
from qinglian.city.schemes import PaidBelow, PaidPrice, Schemes
from qinglian.city.suppliers import categories

SCALE = 0.1
TOLERANCE = 0.01
LAG = 30 * DAY


@pytest.fixture(scope="module")
def summer() -> tuple[Schemes, list[MonthData]]:
    """Two hospitals in the months around the fall of a listed price."""
    schemes = Schemes(planted_schemes(12))
    months = []
    for number in (1, 2):
        hospital = hospitals(12, SCALE)[number - 1]
        patients, staff = people_of(hospital, DEFAULT_SEED, schemes)
        period = [Month(2025, m) for m in (6, 7, 8)]
        months += list(months_of(hospital, staff, patients, period, DEFAULT_SEED, schemes))
    return schemes, months


def _pack_prices(data: MonthData, is_drug: bool, item: int) -> Ints:
    """Prices of whole packs paid for an item in the month's orders."""
    bought = data.purchases
    rows = (bought.is_drug == is_drug) & (bought.item == item) & ~bought.in_min_unit
    prices: Ints = bought.unit_price[rows]
    return prices


def test_what_is_paid_is_charged_but_where_planted(
    summer: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = summer
    found: dict[str, set[tuple[int, str, int]]] = {"above": set(), "planted": set()}
    for data in months:
        number = data.hospital.number
        changed = {
            (action.category, action.item)
            for kind in (PaidBelow, PaidPrice)
            for _, action in schemes.of(kind, number, data.month)
        }
        found["planted"] |= {
            (number, action.category, action.item)
            for scheme, action in schemes.of(PaidBelow, number, data.month)
            if scheme.case == "true"
        }
        for category in categories():
            for place, item in enumerate(category.items):
                is_drug = category.item_kind == "drug"
                paid = _pack_prices(data, is_drug, item)
                if not len(paid) or (is_drug and item == listed_change_item()):
                    continue
                markup = product(is_drug, item).price / paid.max() - 1
                if markup > TOLERANCE:
                    found["above"].add((number, category.code, place))
                elif (category.code, place) not in changed:
                    assert abs(markup) <= TOLERANCE
    assert found["planted"]
    assert found["above"] == found["planted"]


def test_a_fallen_price_is_charged_within_thirty_days(
    summer: tuple[Schemes, list[MonthData]],
) -> None:
    changed, item = second_number(LISTED_CHANGE), listed_change_item()
    before, after = set(), set()
    for data in summer[1]:
        lines = data.bills.lines
        rows = (lines.kind == DRUG) & (lines.item == item) & ~lines.in_min_unit
        before |= set(lines.unit_price[rows & (lines.time < changed)].tolist())
        after |= set(lines.unit_price[rows & (lines.time >= changed + LAG)].tolist())
    assert before and after
    assert max(after) < min(before)
    paid = np.concatenate([_pack_prices(d, True, item) for d in summer[1] if d.month.month == 8])
    assert max(after) <= paid.max() * (1 + TOLERANCE)
