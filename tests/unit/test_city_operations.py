"""Second operations of the city: discounted but for schemes, each with a record of its own."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from qinglian.city.billing import charge_price
from qinglian.city.calendar import DAY, history
from qinglian.city.care.surgery import OPERATIONS
from qinglian.city.generate import DEFAULT_SEED, months_of, people_of
from qinglian.city.his_columns import MonthData
from qinglian.city.lines import SERVICE
from qinglian.city.organisations import hospitals
from qinglian.city.planted import planted_schemes
from qinglian.city.schemes import Schemes, SecondOperation
from qinglian.city.services import service_index


@pytest.fixture(scope="module")
def autumn() -> tuple[Schemes, list[MonthData]]:
    """Five months of two hospitals with such schemes."""
    schemes = Schemes(planted_schemes(12))
    months = []
    for number in (3, 4):
        hospital = hospitals(12, 1.0)[number - 1]
        patients, staff = people_of(hospital, DEFAULT_SEED, schemes)
        months += list(months_of(hospital, staff, patients, history(5), DEFAULT_SEED, schemes))
    return schemes, months


def test_second_operations_are_charged_above_half_only_where_planted(
    autumn: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = autumn
    tendon = service_index()["surgery_tendon"]
    above, planted, honest = set(), set(), 0
    for data in months:
        lines = data.bills.lines
        surgeries = data.care.surgeries
        for row in np.flatnonzero((lines.item == tendon) & (lines.kind == SERVICE)).tolist():
            same = (lines.encounter == lines.encounter[row]) & lines.inpatient
            same &= (lines.item == service_index()["surgery_fracture"]) & (lines.kind == SERVICE)
            together = (lines.time[same] == lines.time[row]).any()
            full = charge_price(data.hospital, tendon, data.month.first)
            if together and lines.unit_price[row] > full // 2:
                above.add(data.stays.mdtrt_id(int(lines.encounter[row])))
            elif together:
                honest += 1
        planted |= {
            scheme.subject_id
            for scheme, action in schemes.of(SecondOperation, data.hospital.number, data.month)
            if scheme.case == "true" and action.pattern == "same_incision"
        }
        assert len(set(surgeries.surgery_id.tolist())) == len(surgeries.stay)
    assert above == planted
    assert len(above) >= 4
    assert honest >= 5


def test_operations_billed_together_share_one_anaesthesia(
    autumn: tuple[Schemes, list[MonthData]],
) -> None:
    _, months = autumn
    together = apart = 0
    for data in months:
        lines, s = data.bills.lines, data.care.surgeries
        line_of = {
            int(s.of_line[r]): r
            for r in np.flatnonzero(lines.original == 0)[::-1].tolist()
            if s.of_line[r] and lines.kind[r] == SERVICE
        }
        of_stay: dict[int, list[int]] = defaultdict(list)
        for place, stay in enumerate(s.stay.tolist()):
            of_stay[stay].append(place)
        for places in of_stay.values():
            for one, other in pairwise(places):
                times = [lines.time[line_of[int(s.surgery_id[p])]] for p in (one, other)]
                begins, ends = s.anaesthesia_start[[one, other]], s.anaesthesia_end[[one, other]]
                if times[0] == times[1]:
                    assert begins[0] == begins[1]
                    assert ends[0] == ends[1]
                    together += 1
                else:
                    assert abs(times[0] - times[1]) >= DAY
                    assert ends.min() < begins.max()
                    apart += 1
    assert together >= 5
    assert apart >= 1


def test_guarded_operations_are_what_they_are_called(
    autumn: tuple[Schemes, list[MonthData]],
) -> None:
    schemes, months = autumn
    keys = list(OPERATIONS)
    seen = set()
    for data in months:
        s = data.care.surgeries
        for scheme, action in schemes.of(SecondOperation, data.hospital.number, data.month):
            mine = [
                place
                for place, stay in enumerate(s.stay.tolist())
                if data.stays.mdtrt_id(stay) == scheme.subject_id
            ]
            assert len(mine) == 2, scheme.scheme_id
            first, second = (keys[s.operation[place]] for place in mine)
            approaches = {OPERATIONS[first].approach, OPERATIONS[second].approach}
            assert (len(approaches) == 2) == (action.pattern == "other_incision")
            assert (first == second) == (action.pattern == "both_sides")
            assert not s.cancelled[mine].any()
            seen.add(action.pattern)
    assert seen == {"same_incision", "other_incision", "both_sides", "return"}
