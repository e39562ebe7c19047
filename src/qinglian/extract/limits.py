"""What a source bears: connections at once, rows a second, hours in which backfills may read."""

import re
import time as clocks
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class _Rows(Protocol):
    @property
    def num_rows(self) -> int: ...


_Batch = TypeVar("_Batch", bound=_Rows)


class Limits(BaseModel):
    """`limits` of a source's YAML; nothing is limited that is not named.

    `connections` counts all processes together. `rows_per_second` is the sum over the connections,
    each of which has an equal share: it needs their number. `hours` such as ``20:00-06:00`` hold
    for backfills, which begin no window and read on outside of them; the nightly extract has the
    schedule of its DAG.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    connections: int | None = Field(default=None, ge=1)
    rows_per_second: int | None = Field(default=None, ge=1)
    hours: str | None = None

    @field_validator("hours")
    @classmethod
    def _hours_are_a_span(cls, value: str | None) -> str | None:
        if value is not None and (
            not _HOURS.fullmatch(value) or len(set(value.split("-"))) != 2  # noqa: PLR2004
        ):
            raise ValueError("hours must read HH:MM-HH:MM with two different times")
        return value

    @model_validator(mode="after")
    def _rows_are_shared(self) -> "Limits":
        if self.rows_per_second is not None and self.connections is None:
            raise ValueError("rows_per_second needs connections, over which it is the sum")
        return self

    def hold(self, batches: Iterator[_Batch]) -> Iterator[_Batch]:
        """The batches of one connection, no faster than its share of the rows."""
        if self.rows_per_second is None or self.connections is None:
            return batches
        return throttled(batches, self.rows_per_second / self.connections)

    def allows(self, moment: datetime) -> bool:
        """Whether a backfill may start to read a window at `moment` (local time)."""
        if self.hours is None:
            return True
        start, end = self._span()
        now = moment.time()
        return start <= now < end if start < end else now >= start or now < end

    def wait(self, moment: datetime) -> timedelta:
        """How long it is from `moment` until `allows`; zero within the hours."""
        if self.allows(moment):
            return timedelta(0)
        start, _ = self._span()
        opens = datetime.combine(moment.date(), start)
        return (opens if opens > moment else opens + timedelta(days=1)) - moment

    def _span(self) -> tuple[time, time]:
        start, _, end = (self.hours or "").partition("-")
        return time.fromisoformat(start), time.fromisoformat(end)


def throttled(
    batches: Iterator[_Batch],
    rows_per_second: float,
    clock: Callable[[], float] = clocks.monotonic,
    sleep: Callable[[float], None] = clocks.sleep,
) -> Iterator[_Batch]:
    """The same batches; after each, the next is not fetched before its rows' time has passed.

    Time that the reader takes counts, and is not saved up: a slow stretch is never made up for by
    a fast one, since it is the source's load that is limited.
    """
    for batch in batches:
        fetched = clock()
        yield batch
        left = fetched + batch.num_rows / rows_per_second - clock()
        if left > 0:
            sleep(left)
