"""The eleven indicators by Cardinal's definitions: hits, near misses, and each guard."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from ocds_cases import award, bid, flagged, priced, process, run

from qinglian.ocds.engine import compute


@pytest.fixture(scope="session")
def cardinal_cases(external_data: Path) -> list[dict[str, Any]]:
    folder = external_data / "cardinal"
    if not (folder / "manifest.json").is_file():
        pytest.skip(f"Cardinal's own cases are not on this machine ({folder})")
    cases: list[dict[str, Any]] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return [
        {**c, "input": folder / c["input"], "expected": (folder / c["expected"]).read_text("utf-8")}
        for c in cases
    ]


def test_cases_of_cardinals_own_suite_come_out_exactly(
    cardinal_cases: list[dict[str, Any]],
) -> None:
    for case in cardinal_cases:
        computed = compute(case["input"], case["settings"]).to_json()
        assert computed == json.loads(case["expected"]), case["name"]


def period(start: str, end: str, **tender: Any) -> dict[str, Any]:
    return {"tenderPeriod": {"startDate": start, "endDate": end}, **tender}


@pytest.mark.parametrize(
    ("tender", "settings", "fires"),
    [
        (period("2025-03-01T09:00:00+08:00", "2025-03-16T08:59:59+08:00"), {}, True),
        (period("2025-03-01T09:00:00+08:00", "2025-03-16T09:00:00+08:00"), {}, False),
        # One second short of 15 days in time, whole 15 days by the clocks on the wall.
        (period("2025-03-01T09:00:00Z", "2025-03-16T16:59:59+08:00"), {}, True),
        (period("2025-03-01T09:00:00Z", "2025-03-16T17:00:00+08:00"), {}, False),
        (period("2025-03-01T00:00:00Z", "2025-03-03T00:00:00Z"), {"threshold": 2}, False),
        (period("2025-03-01T00:00:00Z", "2025-03-02T23:59:59.9Z"), {"threshold": 2}, True),
        # Half a day backwards is cut to 0 days.
        (period("2025-03-01T12:00:00Z", "2025-03-01T00:00:00Z"), {"threshold": 0}, False),
        (period("2025-03-02T12:00:00Z", "2025-03-01T00:00:00Z"), {"threshold": 0}, True),
        (period("2025-03-01", "2025-03-02"), {}, False),
        (period("2025-03-01T00:00:00", "2025-03-02T00:00:00"), {}, False),
        ({"tenderPeriod": {"endDate": "2025-03-02T00:00:00Z"}}, {}, False),
        (
            period("2025-03-01T00:00:00Z", "2025-03-02T00:00:00Z", procurementMethod="open"),
            {"procurement_methods": "open|selective"},
            True,
        ),
        (
            period("2025-03-01T00:00:00Z", "2025-03-02T00:00:00Z"),
            {"procurement_methods": "open"},
            False,
        ),
        (
            period("2025-03-01T00:00:00Z", "2025-03-06T00:00:00Z", procurementMethodDetails="急"),
            {"procurement_method_details": {"急": 5}},
            False,
        ),
        (
            period("2025-03-01T00:00:00Z", "2025-03-05T23:00:00Z", procurementMethodDetails="急"),
            {"procurement_method_details": {"急": 5}},
            True,
        ),
    ],
)
def test_r003_short_submission_period(
    tmp_path: Path, tender: dict[str, Any], settings: dict[str, Any], fires: bool
) -> None:
    report = run(tmp_path, [process("a", tender=tender)], {"R003": settings})

    assert flagged(report, "OCID", "R003") == ({"a": 1.0} if fires else {})


@pytest.mark.parametrize(
    ("count", "method", "settings", "fires"),
    [
        (1, "open", {}, True),
        (1, "selective", {}, True),
        (1, "limited", {}, False),
        (1, None, {}, False),
        (1, None, {"procurement_methods": ""}, True),
        (1, "limited", {"procurement_methods": "limited|"}, True),
        (0, "open", {}, False),
        (2, "open", {}, False),
        (1.0, "open", {}, False),
        (True, "open", {}, False),
        ("1", "open", {}, False),
    ],
)
def test_r018_single_bid(
    tmp_path: Path, count: object, method: str | None, settings: dict[str, Any], fires: bool
) -> None:
    tender = {"numberOfTenderers": count} | ({"procurementMethod": method} if method else {})
    report = run(tmp_path, [process("a", tender=tender)], {"R018": settings})

    assert flagged(report, "OCID", "R018") == ({"a": 1.0} if fires else {})


TEN_APART = [priced(f"p{i}", 100, 200) for i in range(10)]
"""Ten processes whose second price is twice the winner's: both quartiles 1, both fences 1."""


def test_r024_flags_at_the_fence_and_names_both_tenderers(tmp_path: Path) -> None:
    seconds = [190, 195, 200, 200, 200, 205, 210]
    others = [priced(f"p{i}", 100, second) for i, second in enumerate(seconds)]
    report = run(tmp_path, [*others, priced("near", 100, 101)], {"R024": {}})

    assert flagged(report, "OCID", "R024") == {"near": 0.01}
    assert flagged(report, "Tenderer", "R024") == {"w-near": 0.0, "s-near": 0.0}
    # n = 8: h = 8 1/3 p + 1/3, so 2 5/12 and 6 7/12; Q1 = .9 + 5/12 * .05, Q3 = 1 + 7/12 * .05.
    meta: Any = report.to_json(meta=True)["Meta"]
    assert meta == {"R024": {"q1": 0.9208, "q3": 1.0292, "lower_fence": 0.7583}}


@pytest.mark.parametrize("code", ["R024", "R058"])
@pytest.mark.parametrize(
    "changed",
    [
        {"tender": {"status": "cancelled"}},
        {"tender": {"procurementMethodDetails": "no price"}},
        {"tender": {"procurementMethodDetails": "excluded"}},
        {"awards": [award("w-x"), award("w-x")]},
        {"awards": [award("w-x", "other")]},
        {"awards": [award("w-x"), award("w-x", status="pending")]},
        {"awards": [award("nobody")]},
        {"awards": []},
        {"bids": [bid("valid", "w-x", 100)]},
        {"bids": [bid("valid", "w-x", 100), bid("disqualified", "s-x", 101)]},
        {"bids": [bid("valid", "w-x", 100), bid("valid", ["s-x", "t"], 101)]},
        {"bids": [bid("valid", "w-x", 100), bid("valid", "s-x", "101")]},
        {"bids": [bid("valid", "w-x", 100), bid("valid", "s-x", 99.99)]},
        {
            "bids": [
                bid("valid", "w-x", 100),
                {**bid("valid", "s-x"), "value": {"amount": 101, "currency": "USD"}},
            ]
        },
    ],
)
def test_price_gaps_are_measured_only_where_prices_compete(
    tmp_path: Path, code: str, changed: dict[str, Any]
) -> None:
    settings = {
        code: {"threshold": 5.0 if code == "R024" else 0.001},
        "no_price_comparison_procurement_methods": "no price",
        "exclusions": {"procurement_method_details": "excluded"},
    }
    plain = process("x", [bid("valid", "w-x", 100), bid("valid", "s-x", 101)], [award("w-x")])
    assert flagged(run(tmp_path, [plain], settings), "OCID", code) == {"x": 0.01}

    lacking = dict(plain)
    for name, value in changed.items():
        lacking[name] = {"details": value} if name == "bids" else value
    assert flagged(run(tmp_path, [lacking], settings), "OCID", code) == {}


@pytest.mark.parametrize("code", ["R024", "R058"])
def test_awards_that_came_to_nothing_do_not_stand_in_the_way(tmp_path: Path, code: str) -> None:
    settings = {code: {"threshold": 0.01}}
    awards = [award("v", status="unsuccessful"), award("u", status="cancelled"), award("w-x")]
    odd = [{"suppliers": [{"id": "no status"}]}]
    bids = [bid("valid", "w-x", price) for price in (150, 100, 120)] + [bid("valid", "s-x", 101)]

    report = run(tmp_path, [process("x", bids, awards + odd)], settings)

    assert flagged(report, "OCID", code) == {"x": 0.01}


def test_r024_fence_must_be_positive(tmp_path: Path) -> None:
    spread = [priced(f"p{i}", 100, 100 + i * i) for i in range(1, 12)]
    report = run(tmp_path, [*spread, priced("tie", 100, 100)], {"R024": {}})

    assert flagged(report, "OCID", "R024") == {}


def test_r024_fence_is_rounded_once_as_cardinals(tmp_path: Path) -> None:
    # All ratios alike: the fence is the ratio itself, and comparison is inclusive.
    report = run(tmp_path, [priced(f"p{i}", 3, 4) for i in range(7)], {"R024": {}, "R058": {}})

    assert len(flagged(report, "OCID", "R024")) == len(flagged(report, "OCID", "R058")) == 7


def test_r058_flags_at_the_fence_and_names_the_winner(tmp_path: Path) -> None:
    at, below = priced("at", 100, 200), priced("below", 100, 199.99)
    report = run(tmp_path, [*TEN_APART, at, below], {"R058": {}})

    assert flagged(report, "OCID", "R058") == {f"p{i}": 1.0 for i in range(10)} | {"at": 1.0}
    assert "w-at" in flagged(report, "Tenderer", "R058")
    assert "s-at" not in flagged(report, "Tenderer", "R058")


def test_r058_says_nothing_when_most_prices_tie(tmp_path: Path) -> None:
    ties = [priced(f"p{i}", 100, 100) for i in range(9)]
    report = run(tmp_path, [*ties, priced("x", 100, 300)], {"R058": {}})

    assert flagged(report, "OCID", "R058") == {}


def test_a_zero_price_that_won_gives_null_as_cardinal_does(tmp_path: Path) -> None:
    report = run(tmp_path, [priced("x", 0, 5), priced("y", 0, 0)], {"R058": {"threshold": 1}})

    assert flagged(report, "OCID", "R058") == {"x": float("inf")}


def test_first_currency_seen_is_the_main_one_unless_it_is_set(tmp_path: Path) -> None:
    dollars = priced("usd", 100, 101)
    for one in dollars["bids"]["details"]:
        one["value"]["currency"] = "USD"
    both = [priced("cny", 100, 101), dollars]

    seen = run(tmp_path, both, {"R024": {"threshold": 1}})
    chosen = run(tmp_path, both, {"R024": {"threshold": 1}, "currency": "USD"})

    assert set(flagged(seen, "OCID", "R024")) == {"cny"}
    assert set(flagged(chosen, "OCID", "R024")) == {"usd"}


def test_an_allow_list_wins_over_a_deny_list(tmp_path: Path) -> None:
    listed = priced("listed", 100, 101, tender={"procurementMethodDetails": "auction"})
    unset = priced("unset", 100, 101)
    settings = {
        "R024": {"threshold": 1},
        "price_comparison_procurement_methods": "auction",
        "no_price_comparison_procurement_methods": "auction",
    }

    assert set(flagged(run(tmp_path, [listed, unset], settings), "OCID", "R024")) == {"listed"}


def lost(ocid: str, loser: str, winner: str | None = None) -> dict[str, Any]:
    winner = winner or f"w-{ocid}"
    return process(ocid, [bid("valid", loser), bid("valid", winner)], [award(winner)])


def test_r025_flags_a_frequent_tenderer_that_wins_seldom(tmp_path: Path) -> None:
    processes = [lost(f"l{i}", "L") for i in range(8)] + [lost("won", "once", "L")]
    report = run(tmp_path, processes, {"R025": {}})

    # L wins 1 of 9; `once` took part once, as the 75th percentile of all did, and lost.
    assert flagged(report, "Tenderer", "R025") == {"L": 1 / 9, "once": 0.0}


def test_r025_counts_a_tenderer_once_a_process_and_only_its_valid_own_bids(tmp_path: Path) -> None:
    twice = process(
        "twice", [bid("valid", "L"), bid("valid", "L"), bid("valid", "w")], [award("w")]
    )
    joint = process("joint", [bid("valid", ["L", "m"]), bid("valid", "w")], [award("w")])
    out = process("out", [bid("disqualified", "L"), bid("valid", "w")], [award("w")])
    open_award = process("open", [bid("valid", "L")], [award("w", status="pending")])
    report = run(
        tmp_path,
        [twice, joint, out, open_award, lost("a", "L")],
        {"R025": {"threshold": 0.1, "percentile": 0}},
        states=True,
    )

    assert flagged(report, "Tenderer", "R025") == {"L": 0.0}
    outcomes = {s.id: s.outcome for s in report.states() if s.group == "OCID"}
    assert outcomes["open"] == "not_computable"
    assert outcomes["joint"] == "counted"


def test_r025_needs_the_percentile_of_participations(tmp_path: Path) -> None:
    processes = [lost(f"l{i}", "often", "big") for i in range(4)] + [lost("s", "seldom", "big")]
    settings = {"R025": {"threshold": 0.1, "percentile": 75}}

    # Participations 5, 4, 1: the 75th percentile is 4.8333 (h = 2 5/6).
    assert flagged(run(tmp_path, processes, settings), "Tenderer", "R025") == {}
    settings["R025"]["percentile"] = 50
    assert flagged(run(tmp_path, processes, settings), "Tenderer", "R025") == {"often": 0.0}


@pytest.mark.parametrize("code", ["R024", "R025"])
def test_a_threshold_of_zero_never_fires(tmp_path: Path, code: str) -> None:
    processes = [priced("tie", 100, 100), priced("near", 100, 101)]

    assert run(tmp_path, processes, {code: {"threshold": 0}}).to_json() == {}


def test_r025_says_nothing_when_most_never_win(tmp_path: Path) -> None:
    processes = [
        process(f"p{i}", [bid("valid", n) for n in "abcdefg"], [award("g")]) for i in range(3)
    ]

    assert flagged(run(tmp_path, processes, {"R025": {}}), "Tenderer", "R025") == {}


@pytest.mark.parametrize(
    ("bids", "tenderers"),
    [
        ([bid("valid", "A", 10), bid("disqualified", "B", 10)], {"A", "B"}),
        ([bid("odd status", "A", 10), bid("pending", "B", 10.0)], {"A", "B"}),
        ([bid("valid", ["A", "B"], 10), bid("valid", "A", 10)], {"A", "B"}),
        ([bid("valid", "A", 0), bid("valid", "B", 0)], {"A", "B"}),
        # A bid is compared with the last one of its price.
        ([bid("valid", n, 10) for n in "ABC"], {"A", "B", "C"}),
        ([bid("valid", "A", 10), bid("valid", "B", 10.01)], set()),
        ([bid("valid", "A", 10), bid("valid", "A", 10)], set()),
        ([bid("valid", ["A", "B"], 10), bid("valid", ["B", "A"], 10)], set()),
        ([bid("valid", "A", 10), bid("withdrawn", "B", 10)], set()),
        ([bid("valid", "A", 10), bid("invited", "B", 10)], set()),
        ([bid("valid", "A", 10), bid("valid", None, 10)], set()),
        ([bid("valid", "A", 10), bid("valid", "B", "10")], set()),
        ([bid("valid", "A", 10), {"tenderers": [{"id": "B"}], "value": {"amount": 10}}], set()),
        ([bid("valid", "A", True), bid("valid", "B", True)], set()),
    ],
)
def test_r028_identical_prices(tmp_path: Path, bids: list[Any], tenderers: set[str]) -> None:
    report = run(tmp_path, [process("a", bids)], {"R028": {}})

    assert flagged(report, "Tenderer", "R028") == dict.fromkeys(tenderers, 1.0)
    assert flagged(report, "OCID", "R028") == ({"a": 1.0} if tenderers else {})


END = "2025-03-01T12:00:00+08:00"


@pytest.mark.parametrize(
    ("one", "awards", "fires"),
    [
        (bid("valid", "A", date="2025-03-01T12:00:01+08:00"), [award("A")], True),
        (bid("valid", ["B", "A"], date="2025-03-01T12:00:01+08:00"), [award("A", "C")], True),
        (bid("valid", "A", date=END), [award("A")], False),
        (bid("valid", "A", date="2025-03-01T11:59:59+08:00"), [award("A")], False),
        # Compared as text: in time this bid was four hours early, and the next four hours late.
        (bid("valid", "A", date="2025-03-01T13:00:00+13:00"), [award("A")], True),
        (bid("valid", "A", date="2025-03-01T08:00:00Z"), [award("A")], False),
        (bid("disqualified", "A", date="2025-03-02T00:00:00+08:00"), [award("A")], False),
        (bid("valid", "A", date="2025-03-02T00:00:00+08:00"), [award("B")], False),
        (bid("valid", "A", date="2025-03-02"), [award("A", status="pending")], False),
        (bid("valid", "A"), [award("A")], False),
    ],
)
def test_r030_late_bid_won(tmp_path: Path, one: Any, awards: list[Any], fires: bool) -> None:
    late = process("a", [one], awards, {"tenderPeriod": {"endDate": END}})
    report = run(tmp_path, [late, process("no end", [one], awards)], {"R030": {}})

    assert flagged(report, "OCID", "R030") == ({"a": 1.0} if fires else {})
    assert flagged(report, "Tenderer", "R030") == ({"A": 1.0} if fires else {})


@pytest.mark.parametrize(
    ("bids", "awards", "threshold", "value"),
    [
        ([bid("valid", "W"), bid("disqualified", "D")], [award("W")], None, 1.0),
        ([bid("valid", "W"), bid("disqualified", ["D", "E"])], [award("W")], 2, 2.0),
        ([bid("valid", "W"), bid("disqualified", ["D", "W"])], [award("W")], 2, None),
        ([bid("valid", "W"), bid("disqualified", "W")], [award("W")], 0, None),
        ([bid("valid", "W"), bid("disqualified", "D")], [award("W"), award("V")], None, None),
        ([bid("valid", ["W", "V"]), bid("disqualified", "D")], [award("W")], None, None),
        ([bid("valid", "W"), bid("disqualified", "D")], [award("W", status="x")], None, None),
        ([bid("valid", "W"), bid("withdrawn", "D")], [award("W")], None, None),
        ([bid("valid", "W"), bid("disqualified", "D")], None, None, None),
    ],
)
def test_r035_others_disqualified(
    tmp_path: Path, bids: list[Any], awards: Any, threshold: int | None, value: float | None
) -> None:
    settings = {} if threshold is None else {"threshold": threshold}
    report = run(tmp_path, [process("a", bids, awards)], {"R035": settings})

    assert flagged(report, "OCID", "R035") == ({"a": value} if value else {})
    assert flagged(report, "Tenderer", "R035") == ({"W": 0.0} if value else {})


@pytest.mark.parametrize(
    ("bids", "awards", "fires"),
    [
        ([bid("disqualified", "D", 9), bid("valid", "W", 10)], [award("W")], True),
        # Of equals the first is the lowest.
        ([bid("disqualified", "D", 10), bid("valid", "W", 10)], [award("W")], True),
        ([bid("valid", "W", 10), bid("disqualified", "D", 10)], [award("W")], False),
        ([bid("disqualified", "D", 11), bid("valid", "W", 10)], [award("W")], False),
        ([bid("disqualified", "D", 9), bid("valid", "W")], [award("W")], False),
        ([bid("disqualified", "D", 9), bid("pending", "W", 10)], [award("W")], False),
        (
            [bid("pending", "P", 8), bid("disqualified", "D", 9), bid("valid", "W", 10)],
            [award("W")],
            False,
        ),
        (
            [bid("withdrawn", "P", 8), bid("disqualified", "D", 9), bid("valid", "W", 10)],
            [award("W"), award("X", status="pending")],
            True,
        ),
        ([bid("disqualified", "D", 9), bid("valid", "W", 10)], [award("W", status="x")], False),
        ([bid("disqualified", "D", 9), bid("valid", "W", 10)], None, False),
    ],
)
def test_r036_lowest_disqualified(
    tmp_path: Path, bids: list[Any], awards: Any, fires: bool
) -> None:
    report = run(tmp_path, [process("a", bids, awards)], {"R036": {}})

    assert flagged(report, "OCID", "R036") == ({"a": 1.0} if fires else {})


def at_buyer(ocid: str, buyer: str, valid: int, disqualified: int) -> dict[str, Any]:
    statuses = ["valid"] * valid + ["disqualified"] * disqualified
    bids = [bid(status, f"{ocid}-{i}") for i, status in enumerate(statuses)]
    return process(ocid, bids, buyer={"id": buyer})


def test_r038_adds_up_by_organisation_and_flags_at_the_fence(tmp_path: Path) -> None:
    others = [at_buyer(f"p{i}", f"b{i}", 9, 1) for i in range(8)]
    hit = [at_buyer("h1", "hit", 1, 1), at_buyer("h2", "hit", 1, 0)]
    report = run(tmp_path, [*others, *hit], {"R038": {}})

    # All others 0.1: fence 0.1, so they are at it too.
    assert flagged(report, "Buyer", "R038") == {f"b{i}": 0.1 for i in range(8)} | {"hit": 1 / 3}
    assert flagged(report, "ProcuringEntity", "R038") == {}


def test_r038_threshold_and_volumes(tmp_path: Path) -> None:
    processes = [at_buyer("a", "one process, two bids", 1, 1), at_buyer("b", "one bid", 0, 1)]
    processes.append(
        process(
            "c",
            [bid("disqualified", "T"), bid("withdrawn", "T"), bid("valid", "T")],
            tender={"procuringEntity": {"id": "E"}},
        )
    )
    report = run(tmp_path, processes, {"R038": {"threshold": 0.5}})

    # Two bids of one process satisfy minimum_contracting_processes = 2, as in Cardinal.
    assert flagged(report, "Buyer", "R038") == {"one process, two bids": 0.5}
    assert flagged(report, "ProcuringEntity", "R038") == {"E": 0.5}
    assert flagged(report, "Tenderer", "R038") == {"T": 0.5}
    stricter = {"threshold": 0.5, "minimum_submitted_bids": 3, "minimum_contracting_processes": 3}
    assert run(tmp_path, processes, {"R038": stricter}).to_json() == {}


def test_r038_says_nothing_where_nobody_is_disqualified(tmp_path: Path) -> None:
    processes = [at_buyer(f"p{i}", f"b{i}", 2, 0) for i in range(9)] + [at_buyer("x", "x", 1, 1)]

    assert flagged(run(tmp_path, processes, {"R038": {}}), "Buyer", "R038") == {}


def supplied(ocid: str, supplier: str, *codes: Any) -> dict[str, Any]:
    items = [{"classification": {"id": code}} for code in codes]
    return process(ocid, awards=[award(supplier, items=items)])


def test_r048_counts_leading_digits_of_suppliers_with_volume(tmp_path: Path) -> None:
    many = [supplied(f"m{i}", "many", f"{10 + i}00") for i in range(20)]
    few = [supplied(f"f{i}", "few", f"{10 + i}00") for i in range(19)]
    same = [supplied(f"s{j}-{i}", f"same{j}", "1099") for j in range(4) for i in range(20)]

    report = run(tmp_path, [*many, *few, *same], {"R048": {}})
    by_digits = run(tmp_path, [*many, *same], {"R048": {"digits": 1, "threshold": 2}})

    assert flagged(report, "Tenderer", "R048") == {"many": 20.0}
    assert flagged(by_digits, "Tenderer", "R048") == {"many": 2.0}


def test_r048_takes_active_awards_to_one_supplier_with_text_codes(tmp_path: Path) -> None:
    settings = {"R048": {"threshold": 2, "minimum_contracting_processes": 1}}
    items = [{"classification": {"id": "10"}}, {"classification": {"id": "20"}}]
    processes = [
        process("joint", awards=[award("A", "B", items=items)]),
        process("open", awards=[award("C", items=items, status="pending")]),
        supplied("numbers", "D", 10, 20),
        process("hit", awards=[award("E", items=items[:1]), award("E", items=items[1:])]),
    ]

    assert flagged(run(tmp_path, processes, settings), "Tenderer", "R048") == {"E": 2.0}


def test_r048_counts_a_process_once(tmp_path: Path) -> None:
    settings = {"R048": {"threshold": 1, "minimum_contracting_processes": 2}}
    twice = process(
        "x", awards=[award("A", items=[{"classification": {"id": "10"}}]) for _ in range(2)]
    )

    assert run(tmp_path, [twice], settings).to_json() == {}


def test_processes_that_no_indicator_looks_at(tmp_path: Path) -> None:
    tender = {"numberOfTenderers": 1, "procurementMethod": "open"}
    settings = {"R018": {}, "exclusions": {"procurement_method_details": "x|y"}}
    processes = [
        process("cancelled", tender={**tender, "status": "cancelled"}),
        process("excluded", tender={**tender, "procurementMethodDetails": "y"}),
        process("taken", tender={**tender, "procurementMethodDetails": "z"}),
        {"ocid": 7, "tender": tender},
    ]
    report = run(tmp_path, processes, settings, states=True)

    assert report.to_json() == {"OCID": {"taken": {"R018": 1.0}}}
    assert report.faults.count == 1
    assert {s.id: s.reason for s in report.states()} == {
        "cancelled": "cancelled",
        "excluded": "excluded_method",
        "taken": "",
    }


def test_only_sections_that_are_there_are_computed_and_maps_tell_who(tmp_path: Path) -> None:
    x = process("x", [bid("valid", "A", 1), bid("disqualified", "B", 1)], buyer={"id": "H"})
    settings = {"R028": {}, "R038": {}}
    report = run(tmp_path, [x], settings, maps=True)

    content: Any = report.to_json(maps=True, meta=True)
    assert content["Maps"]["ocid_tenderer"] == {"x": ["A", "B"]}
    assert content["Maps"]["ocid_buyer_r038"] == {"x": "H"}
    assert sorted(content["Maps"]["ocid_tenderer_r028"]["x"]) == ["A", "B"]
    assert set(content["Meta"]) == {"R038"}
    assert run(tmp_path, [x], {}).to_json() == {}


PROCESSES = st.lists(
    st.builds(
        lambda winner, second, out, buyer: process(
            "",
            [
                bid("valid", f"t{winner % 7}", winner),
                bid("valid", f"t{second % 7 + 7}", second),
                *([bid("disqualified", f"t{out}", out)] if out else []),
            ],
            [award(f"t{winner % 7}")],
            buyer={"id": f"b{buyer}"},
        ),
        st.integers(1, 50),
        st.integers(1, 50),
        st.integers(0, 20),
        st.integers(0, 3),
    ),
    max_size=25,
)


@given(PROCESSES, st.randoms(use_true_random=False))
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_order_of_lines_changes_nothing(tmp_path: Path, processes: Any, random: Any) -> None:
    named = [{**p, "ocid": f"p{i}"} for i, p in enumerate(processes)]
    every = {code: {} for code in ("R024", "R025", "R028", "R035", "R036", "R038", "R058")}
    for standard in ("cardinal", "qinglian"):
        before = run(tmp_path, named, every, standard=standard).to_json()
        shuffled = random.sample(named, len(named))

        assert run(tmp_path, shuffled, every, standard=standard).to_json() == before


@given(PROCESSES)
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_line_that_comes_twice_changes_no_result_of_its_process(
    tmp_path: Path, processes: Any
) -> None:
    named = [{**p, "ocid": f"p{i}"} for i, p in enumerate(processes)]
    every = {code: {} for code in ("R024", "R028", "R035", "R036", "R058")}
    once = run(tmp_path, named, every).to_json()

    assert run(tmp_path, [*named, *named], every).to_json() == once
