"""Points in time of OCDS documents: RFC 3339, to the nanosecond."""

import re
from datetime import datetime

_RFC_3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:([Zz])|([+\-\u2212])([0-9]{2}):([0-9]{2}))",
)
_EPOCH = datetime(1, 1, 1)
_NANOSECONDS = 1_000_000_000
_LAST_SECOND = 60  # a leap second
_DAY_HOURS = 24
_HOUR_MINUTES = 60


def instant(text: str) -> int | None:
    """Nanoseconds since the year 1 (UTC) of an RFC 3339 date and time; None for anything else.

    As strict as the RFC: seconds and an offset are required, so a bare date or a local time has no
    instant. Digits beyond the ninth after the point are dropped.
    """
    match = _RFC_3339.fullmatch(text)
    if match is None:
        return None
    day, time, seconds, fraction, zulu, sign, hours, minutes = match.groups()
    try:
        wall = datetime.fromisoformat(f"{day}T{time}")
    except ValueError:
        return None
    if int(seconds) > _LAST_SECOND:
        return None
    offset = 0
    if not zulu:
        if int(hours) >= _DAY_HOURS or int(minutes) >= _HOUR_MINUTES:
            return None
        offset = (int(hours) * 60 + int(minutes)) * 60 * (1 if sign == "+" else -1)
    since = wall - _EPOCH
    whole = since.days * 86_400 + since.seconds + int(seconds) - offset
    return whole * _NANOSECONDS + int((fraction or "0")[:9].ljust(9, "0"))


def whole_days(start: int, end: int) -> int:
    """Days from one instant to another, cut towards zero: minus half a day is 0 days."""
    days = abs(end - start) // (86_400 * _NANOSECONDS)
    return days if end >= start else -days
