"""Stores, papers of implants, reports and trace codes of the city: they agree but for schemes."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from qinglian.city.calendar import history
from qinglian.city.consignments import consignments_of
from qinglian.city.generate import DEFAULT_SEED, months_of, people_of
from qinglian.city.his_columns import MonthData, flat
from qinglian.city.inventory_uploads import sold_again, upload_tables
from qinglian.city.lines import MATERIAL
from qinglian.city.organisations import hospitals
from qinglian.city.planted import planted_schemes
from qinglian.city.schemes import MissingReports, RepeatedTrace, Schemes, StockGap
from qinglian.city.stock_flows import CONSIGNED, Flows, received, used
from qinglian.city.stock_schemes import leave_unbooked, plant_stock, stocked_item
from qinglian.city.truth import write_truth

Months = tuple[Schemes, list[MonthData]]


@pytest.fixture(scope="module")
def autumn() -> Months:
    """September to December of the first hospital and the two others of the bureau's trial."""
    schemes = Schemes(planted_schemes(12))
    months = []
    for number in (1, 2, 3):
        hospital = hospitals(12, 0.4)[number - 1]
        patients, staff = people_of(hospital, DEFAULT_SEED, schemes)
        months += list(months_of(hospital, staff, patients, history(5), DEFAULT_SEED, schemes))
    return schemes, months


def test_stores_differ_from_bills_only_where_planted(autumn: Months) -> None:
    schemes, months = autumn
    differed = 0
    for data in months:
        billed, (stored, late) = used(data), plant_stock(data, used(data), schemes)
        by_item: dict[int, int] = defaultdict(int)
        for sign, flows in ((1, billed), (-1, stored)):
            for item, qty in zip(flows.item.tolist(), flows.qty.tolist(), strict=True):
                by_item[item] += sign * qty
        gaps = {item for item, gap in by_item.items() if gap}
        planted = set()
        for _, action in schemes.of(StockGap, data.hospital.number, data.month):
            kind, place = stocked_item(action.item)
            planted.add(int(flat(np.array([kind]), np.array([place]))[0]))
        assert gaps <= planted
        assert set(late.item.tolist()) <= gaps
        differed += len(gaps)
    assert differed >= 6


def test_only_consigned_pieces_of_what_is_also_ordered_bypass_the_stores(autumn: Months) -> None:
    schemes, months = autumn
    bypassed = 0
    for data in months:
        plain = used(data), received(data)
        use, receipts = leave_unbooked(data, used(data), received(data), schemes)
        planted = {
            int(flat(np.array([kind]), np.array([place]))[0]): action.pieces * 100
            for _, action in schemes.of(StockGap, data.hospital.number, data.month)
            if action.pattern == "not_booked"
            for kind, place in [stocked_item(action.item)]
        }
        gone = plain[0].qty.sum() - use.qty.sum()
        assert gone <= sum(planted.values())
        for item, most in planted.items():
            ordered = [_quantity(f, item, consigned=False) for f in (plain[1], receipts)]
            consigned = [_quantity(f, item, consigned=True) for f in (plain[1], receipts)]
            assert ordered[0] == ordered[1]
            assert consigned[0] - consigned[1] == gone == min(most, consigned[0])
        bypassed += int(gone)
    assert bypassed >= 100


def _quantity(flows: Flows, item: int, consigned: bool) -> int:
    """What came of an item on consignment, or by order."""
    rows = (flows.item == item) & ((flows.of >= CONSIGNED) == consigned)
    return int(flows.qty[rows].sum())


def test_consigned_pieces_follow_the_lines_that_use_them(autumn: Months) -> None:
    _, months = autumn
    seen = 0
    for data in months:
        came, lines = consignments_of(data), data.bills.lines
        assert (lines.kind[came.line] == MATERIAL).all()
        assert (came.qty == lines.qty[came.line]).all()
        assert (came.time > lines.time[came.line]).all()
        assert len(set(came.line.tolist())) == len(came)
        planted = data.care.traces.model
        other = came.item != lines.item_given[came.line]
        assert set(came.line[other].tolist()) <= set(planted)
        assert not set(came.line.tolist()) & data.care.traces.not_received
        seen += len(came)
    assert seen >= 50


def test_lines_without_report_are_those_of_schemes(autumn: Months) -> None:
    schemes, months = autumn
    lacking = 0
    for data in months:
        reports = data.care.reports
        assert len(set(reports.report_id.tolist())) == len(reports.line)
        without = set(np.flatnonzero(reports.done_by_line > 0).tolist()) - set(
            reports.line.tolist()
        )
        allowed = sum(
            action.per_month
            for _, action in schemes.of(MissingReports, data.hospital.number, data.month)
            if action.pattern == "none"
        )
        assert len(without) <= allowed
        assert all(reports.of_line[row] == 0 for row in without)
        lacking += len(without)
    assert lacking >= 3


def test_a_code_is_sold_again_only_where_planted(autumn: Months) -> None:
    schemes, months = autumn
    again = 0
    for data in months:
        sales = upload_tables(data, schemes)["prod_sel_d"].to_pylist()
        times = Counter(
            code
            for row in sales
            if row["sel_retn_cnt"] > 0
            for code in row["drug_trac_codg"].split("|")
        )
        allowed = sum(
            action.per_month
            for _, action in schemes.of(RepeatedTrace, data.hospital.number, data.month)
        )
        repeated = sum(count - 1 for count in times.values())
        assert repeated <= allowed
        again += repeated
    assert again >= 3


def test_packs_are_sold_again_in_the_order_of_time_and_never_twice() -> None:
    time = np.array([10, 20, 30, 40, 50])
    encounter = np.array([1, 1, 2, 3, 3])
    rows = np.arange(5)
    pairs = list(sold_again(rows, rows, time, time + 5, encounter))
    # The second is of the first one's encounter; the fourth finds the second, the fifth nothing.
    assert pairs == [(2, 0), (3, 1)]
    # A pack that is ready at the moment of the sale was not sold before it.
    assert not list(sold_again(rows[1:], rows[:1], time, np.full(5, 50), np.arange(5)))


def test_selling_again_looks_at_each_row_once() -> None:
    count = 20_000
    rows, seen = np.arange(count), _Counted(np.arange(count))
    # All packs are ready, and every sale is of one encounter with what is sold before but the last.
    encounter = np.arange(count)
    pairs = list(sold_again(rows, rows, rows, seen, encounter))  # type: ignore[arg-type]
    assert len(pairs) == count // 2
    assert seen.looked <= 3 * count


class _Counted:
    """Counts how often its values are looked up."""

    def __init__(self, values: np.ndarray) -> None:
        self._values = values
        self.looked = 0

    def __getitem__(self, place: int) -> int:
        self.looked += 1
        return int(self._values[place])


def test_a_short_city_names_only_what_its_stores_can_show(tmp_path: Path) -> None:
    """A year's sum with all its months; consigned pieces after the month of their first count."""
    found = {}
    for months in (4, 12):
        schemes = Schemes(planted_schemes(12))
        for number in (3, 9):
            people_of(hospitals(12, 0.05)[number - 1], DEFAULT_SEED, schemes)
        path = tmp_path / f"{months}.json"
        write_truth(path, DEFAULT_SEED, history(months), schemes, {}, clean=False)
        found[months] = [
            (entry["subject_type"], entry["note"])
            for entry in json.loads(path.read_text("utf-8"))["schemes"]
            if entry["indicator_id"] == "XS02"
        ]
    assert sum(kind == "stock_item_year" for kind, _ in found[12]) >= 4
    assert not [note for kind, note in found[4] if kind == "stock_item_year"]
    # Screws of the ninth hospital end with the first of the four months, plates go on.
    assert ("stock_item", "换用螺钉，所收未出库") in found[12]
    assert ("stock_item", "换用螺钉，所收未出库") not in found[4]
    assert ("stock_item", "换用接骨板，所收未出库") in found[4]
