"""Planned tenders: added after the honest ones, which stay, and true to what their schemes say."""

import numpy as np

from qinglian.city.bid_items import bid_items_of
from qinglian.city.calendar import history
from qinglian.city.generate import DEFAULT_SEED, months_of, people_of
from qinglian.city.his_columns import MonthData
from qinglian.city.organisations import hospitals
from qinglian.city.planted import planted_schemes
from qinglian.city.platform import month_tables
from qinglian.city.schemes import PlannedTender, Schemes
from qinglian.city.suppliers import AFFILIATES


def _months(schemes: Schemes, hospital: int = 1, months: int = 3) -> list[MonthData]:
    place = hospitals(12, 0.1)[hospital - 1]
    patients, staff = people_of(place, DEFAULT_SEED, schemes)
    return list(months_of(place, staff, patients, history(months), DEFAULT_SEED, schemes))


def _planned() -> list[MonthData]:
    schemes = [s for s in planted_schemes(12) if isinstance(s.action, PlannedTender)]
    return _months(Schemes(schemes))


def test_planned_tenders_leave_every_honest_row_as_it_was() -> None:
    plain = _months(Schemes([]))
    planned = _planned()
    assert sum(len(data.tenders.project_id) - data.tenders.own for data in planned) > 0
    for one, other in zip(plain, planned, strict=True):
        for name, table in month_tables(one).items():
            added = month_tables(other)[name].to_pylist()
            assert [row for row in table.to_pylist() if row not in added] == [], name


def test_affiliates_never_bid_for_one_honest_lot() -> None:
    for data in _months(Schemes([])):
        t = data.tenders
        for project in range(len(t.project_id)):
            own = set(t.bid_supplier[t.bid_project == project].tolist())
            assert len(own) >= 4
            assert not any({first, second} <= own for first, second, _ in AFFILIATES)


def test_lines_of_planned_bids_add_up_and_ranks_follow_prices() -> None:
    for data in _planned():
        t = data.tenders
        assert (bid_items_of(data).amount.sum(axis=1) == t.bid_amount).all()
        for project in np.flatnonzero(t.winner >= 0).tolist():
            rows = np.flatnonzero((t.bid_project == project) & ~t.bid_rejected)
            best = rows[np.argmin(t.bid_amount[rows])]
            assert t.bid_rank[best] == 1
            assert (t.winner[project], t.award[project]) == (
                t.bid_supplier[best],
                t.bid_amount[best],
            )


def test_a_bid_with_copied_lines_makes_up_for_the_difference_in_a_line_of_its_own() -> None:
    schemes = [s for s in planted_schemes(12) if s.scheme_id == "PR06-03"]
    (data,) = [d for d in _months(Schemes(schemes), hospital=3, months=6) if d.tenders.copied]
    prices = bid_items_of(data).price
    ((copy, model),) = data.tenders.like.items()
    assert (prices[copy, :-1] == prices[model, :-1]).all()
    assert prices[copy, -1] > prices[model, -1] > 0


def test_traces_that_a_scheme_shares_stand_in_the_bids() -> None:
    schemes = Schemes([s for s in planted_schemes(2) if s.scheme_id == "PR07-17"])
    (december,) = _months(schemes, hospital=2, months=1)
    rows = month_tables(december)["t_tender_bid"].to_pylist()
    own = [row for row in rows if row["doc_author"] == "Administrator"]
    pair = schemes.all[0].subject_id.split("|")
    assert len(own) == 7
    agents = {row["supplier_code"]: row["agent_id"] for row in own}
    assert agents[pair[0]] == agents[pair[1]]
    assert len(set(agents.values())) == 6
