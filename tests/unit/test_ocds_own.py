"""Our versions of the indicators: what they do otherwise than Cardinal's."""

from pathlib import Path
from typing import Any

import pytest
from ocds_cases import award, bid, flagged, lots_process, priced, process, run

from qinglian.ocds.engine import Report
from qinglian.ocds.release import REASONS, Reason


def own(tmp_path: Path, processes: list[Any], settings: dict[str, Any], **more: Any) -> Report:
    return run(tmp_path, processes, settings, standard="qinglian", **more)


def reason(report: Report, identifier: str) -> str:
    (found,) = [state.reason for state in report.states() if state.id == identifier]
    return found


def test_every_reason_has_words_in_both_languages() -> None:
    assert set(REASONS) == set(Reason)
    assert all(zh and en for zh, en in REASONS.values())


OPEN = {"procurementMethod": "open"}


@pytest.mark.parametrize(
    ("one", "fires"),
    [
        (process("a", [bid("valid", "A"), bid("valid", "A")], tender=OPEN), True),
        (process("a", [bid("valid", "A"), bid("disqualified", "B")], tender=OPEN), False),
        (process("a", [bid("valid", "A"), bid("withdrawn", "B")], tender=OPEN), True),
        (process("a", tender=OPEN | {"tenderers": [{"id": "A"}]}), True),
        (process("a", tender=OPEN | {"numberOfTenderers": 1.0}), True),
        (process("a", tender=OPEN | {"numberOfTenderers": 2}), False),
        (
            {
                **process("a", tender=OPEN),
                "bids": {"statistics": [{"measure": "validBids", "value": 1}]},
            },
            True,
        ),
        (process("a", [bid("valid", "A")], tender={"procurementMethod": "direct"}), False),
        (process("a", [bid("valid", "A")], tender={"procurementMethodDetails": "竞价"}), True),
        (process("a", [bid("valid", "A")], tender={"procurementMethodDetails": "直接"}), False),
    ],
)
def test_r018_counts_bidders_where_the_number_is_absent(
    tmp_path: Path, one: dict[str, Any], fires: bool
) -> None:
    settings = {"R018": {}, "qinglian": {"competitive_procurement_method_details": "竞价"}}

    assert flagged(own(tmp_path, [one], settings), "OCID", "R018") == ({"a": 1.0} if fires else {})


def test_r018_says_why_it_cannot_tell(tmp_path: Path) -> None:
    processes = [process("no count", tender=OPEN), process("no method", [bid("valid", "A")])]
    report = own(tmp_path, processes, {"R018": {}}, states=True)

    assert reason(report, "no count") == "no_count"
    assert reason(report, "no method") == "no_method"


SKEWED = [priced(f"p{i}", 1000, 1000 + 2 ** (i % 10)) for i in range(40)]
"""Ratios from .001 to .512: the plain fence is far below zero."""


def test_r024_and_r058_fire_on_skewed_ratios(tmp_path: Path) -> None:
    processes = [*SKEWED, priced("near", 1e6, 1e6 + 0.01), priced("far", 1, 100_000)]
    settings: dict[str, Any] = {"R024": {}, "R058": {}}
    report = own(tmp_path, processes, settings)

    assert set(flagged(report, "OCID", "R024")) == {"near"}
    assert set(flagged(report, "OCID", "R058")) == {"far"}
    assert flagged(report, "Tenderer", "R024") == {"w-near": 0.0, "s-near": 0.0}
    assert flagged(report, "Tenderer", "R058") == {"w-far": 0.0}
    assert flagged(run(tmp_path, processes, settings), "OCID", "R024") == {}


def test_price_gaps_need_volume_one_currency_and_a_price(tmp_path: Path) -> None:
    mixed = priced("mixed", 100, 101)
    mixed["bids"]["details"][1]["value"]["currency"] = "USD"
    few = [priced("tie", 5, 5), priced("zero", 0, 5), mixed, priced("plain", 100, 101)]
    report = own(tmp_path, few, {"R024": {}}, states=True)

    assert {s.id: s.reason for s in report.states()} == {
        "tie": "tied_price",
        "zero": "zero_price",
        "mixed": "other_currency",
        "plain": "below_minimum",
    }


def test_the_winning_bid_is_the_one_its_award_names(tmp_path: Path) -> None:
    bids = [
        bid("valid", "W", 90, id="1"),
        bid("valid", "W", 100, id="2"),
        bid("valid", "S", 110, id="3"),
    ]
    settings = {"R024": {"threshold": 0.15}}
    named = process("named", bids, [award("W", relatedBid="2")])

    assert flagged(own(tmp_path, [named], settings), "OCID", "R024") == {"named": 0.1}
    unnamed = process("unnamed", bids, [award("W")])
    assert flagged(own(tmp_path, [unnamed], settings), "OCID", "R024") == {}


def against(ocid: str, loser: str, rivals: int, winner: int = 0) -> dict[str, Any]:
    names = [loser, *(f"{ocid}-{i}" for i in range(rivals))]
    return process(ocid, [bid("valid", name) for name in names], [award(names[winner])])


def test_r025_flags_what_chance_does_not_explain(tmp_path: Path) -> None:
    # 20 losses against one rival each: p = 2^-20. 20 losses against nine: p = .9^20 = .12.
    often = [against(f"o{i}", "often", 1, 1) for i in range(20)]
    fair = [against(f"f{i}", "fair", 9, 1) for i in range(20)]
    short = [against(f"s{i}", "short", 1, 1) for i in range(9)]
    alone = [against(f"a{i}", "alone", 0) for i in range(20)]
    report = own(tmp_path, often + fair + short + alone, {"R025": {}}, states=True)

    assert flagged(report, "Tenderer", "R025") == {"often": 0.0}
    assert reason(report, "short") == "below_minimum"
    assert reason(report, "a0") == "no_other_bid"
    assert reason(report, "fair") == ""


def test_r025_asks_more_of_one_tenderer_the_more_are_tested(tmp_path: Path) -> None:
    # Ten losses against two rivals: p = (2/3)^10 = .017, below .05 and above .05 / 11.
    losing = [against(f"l{i}", "loser", 2, 1) for i in range(10)]
    fair = [against(f"{t}-{i}", f"fair{t}", 9, 1) for t in range(10) for i in range(20)]

    alone = own(tmp_path, losing, {"R025": {}})
    assert flagged(alone, "Tenderer", "R025") == {"loser": 0.0}
    assert flagged(own(tmp_path, losing + fair, {"R025": {}}), "Tenderer", "R025") == {}


@pytest.mark.parametrize(
    ("bids", "tender", "fires"),
    [
        ([bid("valid", "A", 10), bid("valid", "B", 10)], {}, True),
        ([bid("valid", "A", 0), bid("valid", "B", 0)], {}, False),
        ([bid("valid", "A", 10), bid("valid", "B", 10)], {"value": {"amount": 10}}, False),
        (
            [bid("valid", "A", 10), bid("valid", "B", 10)],
            {"items": [{"classification": {"id": "51101"}}]},
            False,
        ),
        (
            [bid("valid", "A", 10), bid("valid", "B", 10)],
            {"items": [{"classification": {"id": "42101"}}]},
            True,
        ),
    ],
)
def test_r028_leaves_out_prices_that_nobody_chose(
    tmp_path: Path, bids: list[Any], tender: dict[str, Any], fires: bool
) -> None:
    settings = {"R028": {}, "qinglian": {"regulated_classifications": "51"}}
    report = own(tmp_path, [process("a", bids, tender=tender)], settings)

    assert flagged(report, "OCID", "R028") == ({"a": 1.0} if fires else {})


@pytest.mark.parametrize(
    ("date", "fires", "told"),
    [
        ("2025-03-01T12:00:01+08:00", True, ""),
        ("2025-03-01T12:00:00+08:00", False, ""),
        # By text the first is late and the second is not; by the clock it is the other way round.
        ("2025-03-01T13:00:00+13:00", False, ""),
        ("2025-03-01T08:00:00Z", True, ""),
        ("2025-03-02", False, "no_instant"),
        (None, False, "no_bid_dates"),
    ],
)
def test_r030_goes_by_the_clock(tmp_path: Path, date: str | None, fires: bool, told: str) -> None:
    one = bid("valid", "A", **({"date": date} if date else {}))
    tender = {"tenderPeriod": {"endDate": "2025-03-01T12:00:00+08:00"}}
    late = process("a", [one], [award("A")], tender)
    report = own(tmp_path, [late], {"R030": {}}, states=True)

    assert flagged(report, "OCID", "R030") == ({"a": 1.0} if fires else {})
    assert reason(report, "a") == told


@pytest.mark.parametrize(
    ("bids", "tender", "fires"),
    [
        ([bid("disqualified", "D", 9), bid("valid", "W", 10)], {}, True),
        (
            [bid("disqualified", "D", 9), bid("valid", "W", 10)],
            {"awardCriteria": "priceOnly"},
            True,
        ),
        ([bid("disqualified", "D", 9), bid("valid", "W", 10)], {"awardCriteria": "rated"}, False),
        ([bid("disqualified", "D", 10), bid("valid", "W", 10)], {}, False),
        ([bid("disqualified", "D", 0), bid("valid", "W", 10)], {}, False),
        (
            [bid("pending", "P", 8), bid("disqualified", "D", 9), bid("valid", "W", 10)],
            {},
            True,
        ),
    ],
)
def test_r036_only_for_price_alone_and_strictly_lowest(
    tmp_path: Path, bids: list[Any], tender: dict[str, Any], fires: bool
) -> None:
    report = own(tmp_path, [process("a", bids, [award("W")], tender)], {"R036": {}})

    assert flagged(report, "OCID", "R036") == ({"a": 1.0} if fires else {})


def test_r038_counts_processes(tmp_path: Path) -> None:
    bids = [bid("valid", "A"), bid("disqualified", "B")]
    once = process("1", bids, buyer={"id": "once"})
    twice = [process(f"t{i}", bids, buyer={"id": "twice"}) for i in range(2)]
    settings = {"R038": {"threshold": 0.5}}

    assert set(flagged(own(tmp_path, [once, *twice], settings), "Buyer", "R038")) == {"twice"}
    both = run(tmp_path, [once, *twice], settings)
    assert set(flagged(both, "Buyer", "R038")) == {"once", "twice"}


def test_ids_that_are_numbers_and_single_references_are_taken(tmp_path: Path) -> None:
    bids: list[Any] = [
        {"status": "valid", "tenderers": {"id": 1}},
        {"status": "disqualified", "tenderers": [{"id": 2}]},
    ]
    one = process("a", bids, [{"status": "active", "suppliers": {"id": 1}}])

    assert flagged(own(tmp_path, [one], {"R035": {}}), "Tenderer", "R035") == {"1": 0.0}
    assert run(tmp_path, [one], {"R035": {}}).to_json() == {}


def test_each_lot_is_a_competition_of_its_own(tmp_path: Path) -> None:
    two_lots = lots_process(
        [
            bid("valid", "W", 100, relatedLots=["1"]),
            bid("disqualified", "D", 90, relatedLots=["1"]),
            bid("valid", "V", 50, relatedLots=["2"]),
            bid("valid", "X", 50, relatedLots=["2"]),
        ],
        [
            award("W", relatedLots=["1"]),
            award("V", items=[{"relatedLot": "2"}]),
        ],
    )
    settings: dict[str, Any] = {"R028": {}, "R035": {}, "R036": {}}
    report = own(tmp_path, [two_lots], settings)

    assert report.to_json()["OCID"] == {"a": {"R028": 1.0, "R035": 1.0, "R036": 1.0}}
    assert flagged(report, "Tenderer", "R028") == {"V": 1.0, "X": 1.0}
    # Seen as one competition two tenderers are valid, and the lowest bid is V's.
    assert set(run(tmp_path, [two_lots], settings).to_json()["OCID"]["a"]) == {"R028"}  # type: ignore[index]


def test_equal_prices_for_different_lots_are_no_coincidence(tmp_path: Path) -> None:
    bids = [bid("valid", n, 50, relatedLots=[lot]) for n, lot in [("A", "1"), ("B", "2")]]

    assert own(tmp_path, [lots_process(bids, [])], {"R028": {}}).to_json() == {}


def test_a_bid_on_several_lots_has_the_prices_of_its_lots(tmp_path: Path) -> None:
    def prices(first: int, second: int) -> list[Any]:
        return [
            {"value": {"amount": first, "currency": "CNY"}, "relatedLot": "1"},
            {"value": {"amount": second, "currency": "CNY"}, "relatedLot": "2"},
        ]

    by_lot = [bid("valid", "A", lotValues=prices(1, 7)), bid("valid", "B", lotValues=prices(2, 7))]
    total = [bid("valid", n, 50, relatedLots=["1", "2"]) for n in "AB"]

    found = own(tmp_path, [lots_process(by_lot, [])], {"R028": {}})
    assert flagged(found, "Tenderer", "R028") == {"A": 1.0, "B": 1.0}
    report = own(tmp_path, [lots_process(total, [])], {"R028": {}}, states=True)
    assert reason(report, "a") == "no_prices"


def test_bids_that_do_not_say_their_lot_are_not_computed(tmp_path: Path) -> None:
    bids = [bid("valid", "A", 50), bid("valid", "B", 50, relatedLots=["2"])]
    report = own(tmp_path, [lots_process(bids, [])], {"R028": {}}, states=True)

    assert reason(report, "a") == "lots_not_linked"


def test_a_cancelled_lot_is_left_out(tmp_path: Path) -> None:
    bids = [bid("valid", n, 50, relatedLots=["2"]) for n in "AB"]
    one = lots_process(bids, [])
    one["tender"]["lots"][1]["status"] = "cancelled"

    assert own(tmp_path, [one], {"R028": {}}).to_json() == {}
