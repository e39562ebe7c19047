"""Windows: nothing may fall between two runs, and late changes must be read again."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qinglian.contracts import Cursor
from qinglian.extract.window import next_window

HISTORY = date(2025, 1, 1)
FEES = Cursor(kind="window_reload", column="fee_time", lookback_days=35)
UPDATED = Cursor(kind="updated_at", column="src_updated_at", overlap_hours=24)


def test_first_run_reads_the_history() -> None:
    window = next_window(FEES, date(2025, 3, 31), HISTORY, None)
    assert window is not None
    assert (window.start, window.end) == (datetime(2025, 1, 1), datetime(2025, 4, 1))


def test_window_reload_goes_back_by_its_look_back() -> None:
    window = next_window(FEES, date(2025, 6, 30), HISTORY, datetime(2025, 6, 30))
    assert window is not None
    assert window.start == datetime(2025, 7, 1) - timedelta(days=35)


def test_window_reload_goes_further_back_after_a_long_outage() -> None:
    window = next_window(FEES, date(2025, 6, 30), HISTORY, datetime(2025, 2, 1))
    assert window is not None
    assert window.start == datetime(2025, 2, 1)


def test_updated_at_overlaps_what_was_read() -> None:
    window = next_window(UPDATED, date(2025, 6, 30), HISTORY, datetime(2025, 6, 30))
    assert window is not None
    assert window.start == datetime(2025, 6, 29)


def test_full_reload_has_no_window() -> None:
    assert next_window(Cursor(kind="full_reload"), date(2025, 6, 30), HISTORY, None) is None


@given(
    cursor=st.sampled_from([FEES, UPDATED]),
    days=st.lists(st.integers(1, 90), min_size=2, max_size=8),
)
def test_consecutive_windows_leave_no_gap(cursor: Cursor, days: list[int]) -> None:
    as_of, covered = HISTORY, None
    for step in days:
        as_of += timedelta(days=step)
        window = next_window(cursor, as_of, HISTORY, covered)
        assert window is not None
        assert window.start <= (covered or datetime(2025, 1, 1))
        assert window.end == datetime(as_of.year, as_of.month, as_of.day) + timedelta(days=1)
        covered = window.end
