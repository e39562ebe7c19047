"""What a source declares to bear is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from qinglian.extract.limits import Limits, throttled


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True)
class Rows:
    num_rows: int


@given(
    sizes=st.lists(st.integers(0, 10_000), min_size=1, max_size=20),
    delays=st.lists(st.floats(0, 5), min_size=20, max_size=20),
    rate=st.integers(1, 5_000),
)
def test_no_stretch_is_faster_than_the_limit(
    sizes: list[int], delays: list[float], rate: int
) -> None:
    clock = Clock()
    fetched: list[tuple[float, int]] = []

    def source() -> Iterator[Rows]:
        for size in sizes:
            fetched.append((clock.now, size))
            yield Rows(size)

    held = throttled(source(), rate, clock, clock.sleep)
    for batch, delay in zip(held, delays, strict=False):  # asks for one more: the last is held too
        assert batch.num_rows == fetched[-1][1]
        clock.now += delay
    assert [size for _, size in fetched] == sizes
    moments = [*(moment for moment, _ in fetched), clock.now]
    for first in range(len(sizes)):
        for last in range(first, len(sizes)):
            elapsed = moments[last + 1] - moments[first]
            assert sum(sizes[first : last + 1]) <= rate * elapsed + 1e-3


def test_without_a_limit_nothing_is_held() -> None:
    batches = iter([Rows(1)])
    assert Limits().hold(batches) is batches


@given(moment=st.datetimes(datetime(2025, 1, 1), datetime(2025, 1, 3)))
@pytest.mark.parametrize("hours", ["20:00-06:00", "12:30-13:00"])
def test_the_wait_ends_when_the_hours_begin(hours: str, moment: datetime) -> None:
    limits = Limits(hours=hours)
    wait = limits.wait(moment)
    assert limits.allows(moment + wait)
    assert (wait == timedelta(0)) == limits.allows(moment)
    if wait:
        assert not limits.allows(moment + wait - timedelta(microseconds=1))


def test_hours_over_midnight() -> None:
    limits = Limits(hours="20:00-06:00")
    allowed = [h for h in range(24) if limits.allows(datetime(2025, 1, 1, h))]
    assert allowed == [0, 1, 2, 3, 4, 5, 20, 21, 22, 23]


@pytest.mark.parametrize("hours", ["20-06", "24:00-06:00", "08:00-08:00", "always"])
def test_hours_that_say_nothing_are_refused(hours: str) -> None:
    with pytest.raises(ValidationError, match="HH:MM-HH:MM"):
        Limits(hours=hours)


def test_rows_a_second_need_the_number_of_connections() -> None:
    with pytest.raises(ValidationError, match="needs connections"):
        Limits(rows_per_second=1000)
