"""Months of the city's history, seasons and the rhythm of the week."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

HISTORY_END = date(2025, 12, 31)
DAY = 86_400
_EPOCH = date(1970, 1, 1)
#: Working days see most patients; Monday is the fullest.
_WEEKDAY_WEIGHTS = np.array([1.25, 1.12, 1.08, 1.05, 1.05, 0.62, 0.48])


def _span(first: date, days: int) -> tuple[date, ...]:
    return tuple(first + timedelta(days=i) for i in range(days))


#: Days off in 2025 by holiday, and the days that are worked in exchange.
HOLIDAYS_2025 = {
    "元旦": _span(date(2025, 1, 1), 1),
    "春节": _span(date(2025, 1, 28), 8),
    "清明节": _span(date(2025, 4, 4), 3),
    "劳动节": _span(date(2025, 5, 1), 5),
    "端午节": _span(date(2025, 5, 31), 3),
    "国庆节": _span(date(2025, 10, 1), 8),
}
WORKDAYS_FOR_HOLIDAYS_2025 = tuple(
    date(2025, month, day) for month, day in ((1, 26), (2, 8), (4, 27), (9, 28), (10, 11))
)
_DAYS_OFF = {(day.month, day.day) for days in HOLIDAYS_2025.values() for day in days}


@dataclass(frozen=True, order=True)
class Month:
    """One calendar month."""

    year: int
    month: int

    @property
    def serial(self) -> int:
        """Months since year 0: the number that random streams are keyed by."""
        return self.year * 12 + self.month - 1

    @property
    def stamp(self) -> int:
        """yymm, the part of row identifiers that names the month."""
        return self.year % 100 * 100 + self.month

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def next(self) -> "Month":
        return self.shift(1)

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def day_count(self) -> int:
        return (self.last - self.first).days + 1

    def shift(self, months: int) -> "Month":
        """The month `months` later."""
        serial = self.serial + months
        return Month(serial // 12, serial % 12 + 1)

    def working_days(self) -> list[date]:
        """Weekdays that are no holiday."""
        days = [self.first + timedelta(days=i) for i in range(self.day_count)]
        return [d for d in days if d.weekday() < 5 and (d.month, d.day) not in _DAYS_OFF]

    def day_weights(self) -> np.ndarray:
        """Share of the month's visits on each of its days."""
        days = [self.first + timedelta(days=i) for i in range(self.day_count)]
        weights = np.array(
            [
                _WEEKDAY_WEIGHTS[d.weekday()] * (0.35 if (d.month, d.day) in _DAYS_OFF else 1)
                for d in days
            ]
        )
        share: np.ndarray = weights / weights.sum()
        return share


def history(months: int) -> list[Month]:
    """The last `months` months up to the end of the city's history."""
    end = Month(HISTORY_END.year, HISTORY_END.month)
    return [end.shift(-back) for back in range(months - 1, -1, -1)]


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH).days


def second_number(day: date) -> int:
    """Seconds from 1970 to the start of `day`."""
    return day_number(day) * DAY


def season(month: Month, winter_peak: float) -> float:
    """Factor on the month's visits: `winter_peak` more in January, as much less in July."""
    return float(1 + winter_peak * np.cos((month.month - 1) / 12 * 2 * np.pi))
