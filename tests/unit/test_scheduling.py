"""The business date of a run, and what counts as arrived."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qinglian.scheduling import (
    NothingArrivedError,
    business_date_text,
    choose_date,
    require_arrivals,
)

NIGHT = datetime(2025, 12, 30, 18, 0, tzinfo=UTC)  # 02:00 of the 31st in Shanghai


def test_the_night_run_is_for_the_local_day() -> None:
    assert choose_date(None, [], NIGHT) == date(2025, 12, 31)


@given(st.lists(st.dates(), min_size=1))
def test_followers_work_for_the_latest_data(dates: list[date]) -> None:
    events = [{"as_of": day.isoformat()} for day in dates]
    assert choose_date(None, events, NIGHT) == max(dates)


@given(st.dates(), st.lists(st.dates()))
def test_the_parameter_wins(day: date, dates: list[date]) -> None:
    events = [{"as_of": other.isoformat()} for other in dates]
    assert choose_date(day.isoformat(), events, NIGHT) == day


def test_events_without_a_date_are_passed_over() -> None:
    assert choose_date(None, [{}, {"as_of": "2025-03-01"}], NIGHT) == date(2025, 3, 1)


def test_a_manual_run_has_no_logical_date() -> None:
    run = SimpleNamespace(logical_date=None, run_after=NIGHT)
    assert business_date_text({"as_of": None}, None, run) == "2025-12-31"


def test_one_source_down_does_not_stop_the_others() -> None:
    assert require_arrivals("his", ["his_01", "his_02"], ["his_02"]) == {"his_01"}


def test_a_system_without_sources_is_no_error() -> None:
    assert require_arrivals("insurance", [], []) == set()


def test_nothing_arrived_is_an_error_that_names_the_sources() -> None:
    with pytest.raises(NothingArrivedError, match="his_01, his_02"):
        require_arrivals("his", ["his_02", "his_01"], [])
