"""Which stretch of a table a run reads."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from qinglian.contracts import Cursor


@dataclass(frozen=True)
class Window:
    """Half-open stretch `[start, end)` of a cursor column, in local time."""

    start: datetime
    end: datetime


def next_window(
    cursor: Cursor,
    as_of: date,
    history_start: date,
    covered_until: datetime | None,
    open_since: datetime | None = None,
) -> Window | None:
    """The window to read so that everything up to the end of `as_of` is known.

    `covered_until` is the end of the latest window that was loaded whole, None at first: then the
    history is read. Afterwards a window reload goes back by its look-back, since fees are refunded
    and posted late, or to `open_since`, the earliest row known that is still open. An updated-at
    cursor goes back by its overlap, since a source's transactions commit after the time that they
    are stamped with. Returns None for a full reload.
    """
    if cursor.kind == "full_reload":
        return None
    end = datetime.combine(as_of + timedelta(days=1), time.min)
    history = datetime.combine(history_start, time.min)
    if covered_until is None:
        return Window(history, end)
    if cursor.kind == "window_reload":
        start = min(covered_until, end - timedelta(days=cursor.lookback_days or 0))
    else:
        start = covered_until - timedelta(hours=cursor.overlap_hours or 0)
    if open_since is not None:
        start = min(start, max(open_since, end - timedelta(days=cursor.max_days or 0)))
    return Window(max(history, start), end)
