"""Price screens against figures worked out by hand, and what must not change them."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qinglian.screens.market import Market, Tender
from qinglian.screens.patterns import (
    identical_offers,
    regular_differences,
    repeated_ratios,
)
from qinglian.screens.price import SCREENS, price_screens
from qinglian.screens.subgroups import TOO_FEW, TOO_MANY, subgroup_screens

# Distinct to four digits: what is equal but for rounding is tested by itself.
bids = st.lists(st.integers(1_000, 9_999), min_size=2, max_size=9, unique=True)


def test_screens_of_four_bids_by_hand() -> None:
    screens = price_screens(np.array([130.0, 100.0, 110.0, 120.0]))
    # mean 115, sum of squares 500, sd sqrt(500/3); losing 110, 120, 130: mean 120, sd 10
    assert screens["cv"] == pytest.approx((500 / 3) ** 0.5 / 115)
    assert screens["spd"] == pytest.approx(0.3)
    assert screens["diffp"] == pytest.approx(0.1)
    assert screens["rd"] == pytest.approx(1.0)
    assert screens["rdnor"] == pytest.approx(1.0)
    assert screens["rdalt"] == pytest.approx(1.0)
    assert screens["cv_losing"] == pytest.approx(10 / 120)
    assert screens["skew"] == pytest.approx(0.0)
    assert screens["kurt"] == pytest.approx(-1.2)
    # places 0, 1/3, 2/3, 1 against steps of a quarter
    assert screens["kstest"] == pytest.approx(0.25)


def test_a_cover_pattern_has_a_large_relative_distance() -> None:
    # next price 108, losing 108, 109, 110: sd 1, mean gap 1
    screens = price_screens(np.array([100.0, 108.0, 109.0, 110.0]))
    assert screens["rd"] == pytest.approx(8.0)
    assert screens["rdalt"] == pytest.approx(8.0)
    assert screens["rdnor"] == pytest.approx(2.4)
    assert screens["skew"] < 0


def test_the_distance_goes_to_the_next_distinct_price() -> None:
    screens = price_screens(np.array([100.0, 100.0, 110.0, 112.0]))
    assert screens["diffp"] == pytest.approx(0.1)
    assert screens["rd"] == pytest.approx(10 / 2**0.5)


def test_equal_prices_have_no_second_price() -> None:
    screens = price_screens(np.array([7.0, 7.0, 7.0, 7.0]))
    assert screens["cv"] == screens["spd"] == screens["skew"] == screens["kurt"] == 0
    for name in ("diffp", "rd", "rdnor", "rdalt", "cv_losing", "kstest"):
        assert np.isnan(screens[name])


def test_equal_losing_bids_have_no_relative_distance() -> None:
    screens = price_screens(np.array([100.0, 110.0, 110.0]))
    assert np.isnan(screens["rd"])
    assert np.isnan(screens["rdalt"])
    assert screens["cv_losing"] == 0


def test_two_bids_have_the_screens_that_two_bids_can_have() -> None:
    screens = price_screens(np.array([100.0, 150.0]))
    assert screens["spd"] == pytest.approx(0.5)
    assert screens["kstest"] == pytest.approx(0.5)
    assert {name for name in SCREENS if np.isnan(screens[name])} == {
        "rd",
        "rdnor",
        "rdalt",
        "cv_losing",
        "skew",
        "kurt",
    }


def test_one_bid_has_no_screen() -> None:
    assert all(np.isnan(value) for value in price_screens(np.array([5.0])).values())


@pytest.mark.parametrize("price", [0.0, -1.0, np.nan, np.inf])
def test_a_price_that_is_none_is_refused(price: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        price_screens(np.array([100.0, price]))


@given(bids, st.floats(1e-6, 1e6))
def test_the_unit_of_money_changes_no_screen(prices: list[int], factor: float) -> None:
    once = price_screens(np.array(prices, dtype=float))
    again = price_screens(np.array(prices) * factor)
    for name in SCREENS:
        assert again[name] == pytest.approx(once[name], rel=1e-6, abs=1e-6, nan_ok=True)


@given(bids, st.randoms(use_true_random=False))
def test_the_order_of_bids_changes_no_screen(prices: list[int], random: object) -> None:
    shuffled = list(prices)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert str(price_screens(np.array(shuffled, float))) == str(
        price_screens(np.array(prices, float))
    )


@given(st.lists(st.integers(1_000, 9_999), min_size=4, max_size=7), st.sampled_from([3, 4]))
def test_subgroups_are_all_groups(prices: list[int], size: int) -> None:
    found = subgroup_screens(np.array(prices, float), size)
    assert isinstance(found, dict)
    each = [price_screens(np.array(group, float)) for group in combinations(prices, size)]
    for name in SCREENS:
        values = np.array([screens[name] for screens in each])
        values = values[np.isfinite(values)]
        for summary, figure in {
            "mean": np.mean,
            "median": np.median,
            "min": np.min,
            "max": np.max,
        }.items():
            expected = figure(values) if len(values) else np.nan
            assert found[f"{name}_{size}_{summary}"] == pytest.approx(expected, nan_ok=True)


def test_subgroups_beyond_what_is_computed_say_so() -> None:
    assert subgroup_screens(np.arange(1.0, 41.0), 4) != TOO_MANY
    assert subgroup_screens(np.arange(1.0, 42.0), 4) == TOO_MANY
    assert subgroup_screens(np.arange(1.0, 4.0), 4) == TOO_FEW


def _market(*tenders: Tender) -> Market:
    return Market("small", tenders, {})


def _tender(name: str, prices: list[float], bidders: str = "") -> Tender:
    own = np.array(prices, dtype=float)
    return Tender(name, own, own, tuple(bidders))


def test_identical_offers_are_counted_in_pairs() -> None:
    assert identical_offers(_tender("1", [5, 5, 5, 6, 7, 7])) == 4
    assert identical_offers(_tender("2", [5, 6])) == 0


def test_even_spacing_stands_out_from_random_prices() -> None:
    draw = np.random.default_rng(3)
    random = [_tender(str(n), list(draw.uniform(900, 1100, 6))) for n in range(40)]
    even = _tender("even", [1000, 1010, 1020, 1030, 1040, 1050])
    powers = _tender("powers", [1000 * 1.02**n for n in range(6)])
    found = {r.tender_id: r for r in regular_differences(_market(*random, even, powers))}
    assert found["even"].arithmetic == pytest.approx(0, abs=1e-9)
    assert found["powers"].geometric == pytest.approx(0, abs=1e-9)
    surprising = {name for name, r in found.items() if r.q is not None and r.q <= 0.05}
    assert surprising == {"even", "powers"}


def test_two_gaps_are_too_few_to_be_even() -> None:
    (found,) = regular_differences(_market(_tender("1", [10, 20, 30])))
    assert found.q is None
    assert found.reason == "fewer_than_4_prices"


def test_a_repeated_ratio_is_found_among_bidders_that_meet_often() -> None:
    draw = np.random.default_rng(5)
    tenders = []
    for number in range(30):
        a, c, d = draw.uniform(900, 1100, 3)
        tenders.append(_tender(str(number), [a, a * 1.0375, c, d], "ABCD"))
    ratios = repeated_ratios(_market(*tenders))
    assert isinstance(ratios, tuple)
    assert (ratios[0].first, ratios[0].second, ratios[0].repeats) == ("A", "B", 30)
    assert ratios[0].ratio == pytest.approx(1 / 1.0375, abs=1e-4)
    assert ratios[0].q < 0.001
    assert all(ratio.q > 0.05 for ratio in ratios[1:])


def test_ratios_need_bidders() -> None:
    assert repeated_ratios(_market(_tender("1", [1, 2]))) == "no_bidder_identity"
