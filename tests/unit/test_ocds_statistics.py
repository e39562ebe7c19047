"""Quantiles, fences, tests and points in time."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qinglian.ocds.dates import instant, whole_days
from qinglian.ocds.statistics import (
    Quartiles,
    discoveries,
    lower_tail,
    quantile,
    quartiles,
    rounded,
)

VALUES = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60)


@given(VALUES, st.floats(0, 1))
def test_quantile_is_type_8(values: list[float], p: float) -> None:
    expected = np.quantile(values, p, method="median_unbiased")

    assert quantile(values, p) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@given(VALUES, st.floats(0, 1))
def test_quantile_lies_within_and_rises(values: list[float], p: float) -> None:
    assert min(values) <= quantile(values, p) <= max(values)
    assert quantile(values, p / 2) <= quantile(values, p) + 1e-6


def test_quartiles_by_hand() -> None:
    # n = 10: h = 10 1/3 p + 1/3, so 2 11/12 and 8 1/12. PostgreSQL's type 7 gives 3.25 and 7.75.
    assert quartiles(range(1, 11)) == pytest.approx((2 + 11 / 12, 8 + 1 / 12))


def test_quantile_of_nothing_and_beyond_is_no_number() -> None:
    assert math.isnan(quantile([], 0.5))
    assert math.isnan(quantile([1.0], 1.01))
    assert quantile([7.0], 0.25) == quantile([7.0], 1.0) == 7.0


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_fences_are_rounded_once(q1: float, q3: float) -> None:
    exact = Fraction(q3) + Fraction(q3 - q1) * Fraction(3, 2)

    assert Quartiles(q1, q3).upper_fence == float(exact)


def test_fences_of_infinite_ratios_are_not_finite() -> None:
    assert Quartiles(1.0, math.inf).lower_fence == -math.inf
    assert math.isnan(Quartiles(math.inf, math.inf).upper_fence)


@pytest.mark.parametrize(
    ("value", "text"), [(0.00005, "0.0001"), (-0.12345, "-0.1235"), (66.66666, "66.6667")]
)
def test_rounding_takes_halves_away_from_zero(value: float, text: str) -> None:
    assert str(rounded(value)) == text


@given(st.integers(1, 40), st.integers(2, 12), st.data())
def test_lower_tail_of_equal_fields_is_binomial(n: int, k: int, data: st.DataObject) -> None:
    wins = data.draw(st.integers(0, n))
    expected = sum(math.comb(n, i) * (1 / k) ** i * (1 - 1 / k) ** (n - i) for i in range(wins + 1))

    assert lower_tail(wins, {k: n}) == pytest.approx(expected, rel=1e-9)


def test_lower_tail_of_mixed_fields_by_hand() -> None:
    # One of two and one of four: no win 1/2 * 3/4, at most one 1 - 1/8.
    assert lower_tail(0, {2: 1, 4: 1}) == pytest.approx(3 / 8)
    assert lower_tail(1, {2: 1, 4: 1}) == pytest.approx(7 / 8)


def test_discoveries_step_up() -> None:
    # 5 tests at 5 %: limits .01 .02 .03 .04 .05. The third passes and takes the second along.
    assert discoveries([0.03, 0.025, 0.001, 0.2, 0.9], 0.05) == 0.03
    assert discoveries([0.04, 0.2], 0.05) == -1.0
    assert discoveries([], 0.05) == -1.0


@pytest.mark.parametrize(
    "same",
    [
        "2025-03-01T04:00:00Z",
        "2025-03-01t04:00:00z",
        "2025-03-01 12:00:00+08:00",
        "2025-02-28T23:00:00-05:00",
        "2025-03-01T04:00:00.0000000009+00:00",
    ],
)
def test_one_instant_has_many_names(same: str) -> None:
    assert instant(same) == instant("2025-03-01T12:00:00+08:00")


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-01",
        "2025-03-01T04:00:00",
        "2025-03-01T04:00Z",
        "2025-03-01T04:00:00+0800",
        "2025-03-01T24:00:00Z",
        "2025-02-29T04:00:00Z",
        "2025-03-01T04:00:61Z",
        "2025-03-01T04:00:00+24:00",
        "2025-03-01T04:00:00Z ",
        "２０２５-03-01T04:00:00Z",
        "",
    ],
)
def test_what_is_not_rfc_3339_has_no_instant(text: str) -> None:
    assert instant(text) is None


def test_days_are_cut_towards_zero_to_the_nanosecond() -> None:
    start = instant("2025-03-01T00:00:00.000000001Z")
    end = instant("2025-03-16T00:00:00Z")
    assert start is not None
    assert end is not None

    assert whole_days(start, end) == 14
    assert whole_days(end, start) == -14
    assert whole_days(start - 1, end) == 15
