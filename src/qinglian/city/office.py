"""The inspection office's desk at one hospital: who writes the register, and what it draws by."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import numpy as np

from qinglian.city.calendar import HISTORY_END, Month
from qinglian.city.doctors import Staff
from qinglian.city.draws import Purpose, stream
from qinglian.city.organisations import Department, Hospital

#: One row of a table of the register by column; rows of several tables by the table's name.
Row = dict[str, Any]
Rows = dict[str, list[Row]]
END_OF_HISTORY = datetime.combine(HISTORY_END, time.max).replace(microsecond=0)
#: The department that buys; it has no doctors.
PURCHASING = "9001"
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Office:
    """One hospital, its staff, and the random stream of a subject and month."""

    hospital: Hospital
    staff: Staff
    rng: np.random.Generator

    @classmethod
    def open(
        cls, hospital: Hospital, staff: Staff, seed: int, purpose: Purpose, month: Month | None
    ) -> "Office":
        """The desk of a subject in a month, or for what holds all the time (month None)."""
        serial = month.serial if month else 0
        return cls(hospital, staff, stream(seed, purpose, hospital.number, serial))

    @property
    def approver(self) -> str:
        """Who approves orders, and donations."""
        return self.staff.codes[-3]

    @property
    def buyers(self) -> list[str]:
        """Who orders goods; pharmacists accept and keep them."""
        return self.staff.codes[-2:]

    def officer(self) -> str:
        """An officer of the city's inspection office, which has codes of its own."""
        return f"JJ{int(self.rng.integers(1, 7)):03d}"

    def one(self, items: "tuple[_Item, ...] | list[_Item]") -> _Item:
        """One of a short list."""
        return items[int(self.rng.integers(0, len(items)))]

    def weighted(self, weights: dict[str, float]) -> str:
        """One of the keys; the weights add up to one."""
        place = np.searchsorted(np.cumsum(list(weights.values())), self.rng.random())
        return list(weights)[min(int(place), len(weights) - 1)]

    def count(self, tertiary: float, secondary: float, primary: float) -> int:
        """How often something happens in a month, by the hospital's level."""
        return int(self.rng.poisson((tertiary, secondary, primary)[self.hospital.level_rank]))

    def happens(self, share: float) -> bool:
        """True in `share` of all cases."""
        return bool(self.rng.random() < share)

    def department(self) -> Department:
        """One of the clinical departments."""
        return self.one(self.hospital.departments)

    def head_of(self, department: Department) -> str:
        """The first doctor of a department."""
        return self.staff.codes[self.staff.number(department.index, 0)]

    def doctor_of(self, department: Department) -> str:
        """One of the doctors of a department."""
        ordinal = int(self.rng.integers(0, department.doctors))
        return self.staff.codes[self.staff.number(department.index, ordinal)]

    def day_in(self, month: Month) -> date:
        """A working day of the month."""
        return self.one(month.working_days())

    def moment_on(self, day: date, first_hour: int = 8, last_hour: int = 17) -> datetime:
        """A minute of a day between two hours."""
        minute = int(self.rng.integers(first_hour * 60, last_hour * 60))
        return datetime.combine(day, time.min) + timedelta(minutes=minute)

    def later(self, moment: datetime, fewest_days: int, most_days: int) -> datetime | None:
        """Some days after a moment; None where history ends before."""
        days = int(self.rng.integers(fewest_days, most_days + 1))
        return known(self.moment_on(moment.date() + timedelta(days=days)))

    def yuan(self, lowest: int, highest: int, step: int) -> Decimal:
        """An amount in CNY, a multiple of `step`."""
        return Decimal(int(self.rng.integers(lowest // step, highest // step + 1)) * step)


def known(moment: datetime) -> datetime | None:
    """The moment, or None where it lies beyond the end of history."""
    return moment if moment <= END_OF_HISTORY else None


def day_of(moment: datetime | None) -> date | None:
    """The day of a moment that may be missing."""
    return moment.date() if moment else None


def updated(*moments: datetime | None) -> datetime:
    """When a row was last written: an hour after the last thing that happened."""
    last = max(moment for moment in moments if moment is not None)
    return min(last + timedelta(hours=1), END_OF_HISTORY)


def midnight(day: date) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time.min)


def number(prefix: str, office: Office, month: Month, position: int) -> str:
    """A register number: prefix, hospital, yymm and a running number."""
    return f"{prefix}{office.hospital.number:02d}{month.stamp}{position + 1:03d}"


def number_of_year(prefix: str, office: Office, position: int) -> str:
    """A register number of what is kept by the year 2025."""
    return f"{prefix}{office.hospital.number:02d}2025{position + 1:03d}"


def yes(value: bool | None) -> str | None:
    """The register's way to write yes and no; unknown stays empty."""
    return None if value is None else "1" if value else "0"
