"""Stores, papers of implants, reports and trace codes of the city: they agree but for schemes."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from qinglian.city.calendar import history
from qinglian.city.consignments import consignments_of
from qinglian.city.generate import DEFAULT_SEED, months_of, people_of
from qinglian.city.his_columns import MonthData, flat
from qinglian.city.inventory_uploads import upload_tables
from qinglian.city.lines import MATERIAL
from qinglian.city.organisations import hospitals
from qinglian.city.planted import planted_schemes
from qinglian.city.schemes import MissingReports, RepeatedTrace, Schemes, StockGap
from qinglian.city.stock_flows import used
from qinglian.city.stock_schemes import plant_stock, stocked_item

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
