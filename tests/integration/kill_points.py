"""The points at which steps are killed: `--kill-points` of them, drawn from `--seed`."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from fault_child import Calls, Kill

#: The steps take turns; "ledger" is what an ingest enters before, between and after the others, and
#: "record" what a detection does when the marts are built. A detection takes minutes: its turn
#: comes last and half as often.
_INGEST = ("extract", "land", "gate", "load", "release")
_DETECTION = ("record", "detect")
STEPS = (*_INGEST, "ledger", *_INGEST, "ledger", "load", *_DETECTION)


@dataclass(frozen=True)
class KillPoint:
    """One of the points, before it is known how long its step is."""

    number: int
    step: str
    seed: int

    @property
    def draws(self) -> random.Random:
        """Draws of this point's own, the same each time."""
        return random.Random(self.seed * 1000 + self.number)  # noqa: S311 - nothing to hide

    def place(self, calls_of_nights: Sequence[Calls]) -> tuple[int, Kill]:
        """A night that has the step, and the call of the step to be killed at.

        Every other kill comes at a moment of the step's time, when the process may be waiting for
        the database or writing a file. Of those at a call, as many come where much is called.
        """
        draws = self.draws
        nights = [night for night, calls in enumerate(calls_of_nights) if calls.get(self.step)]
        night = draws.choice(nights)
        lasted = calls_of_nights[night][self.step]
        if draws.choice((True, False)):
            return night, Kill(self.step, draws.randint(1, len(lasted)))
        call = draws.choices(range(len(lasted)), lasted)[0]
        return night, Kill(self.step, call + 1, draws.uniform(0, lasted[call]))


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `ingest_kill` or `detection_kill` once for each point."""
    options = metafunc.config.option
    points = [
        KillPoint(number, STEPS[number % len(STEPS)], options.seed)
        for number in range(options.kill_points)
    ]
    for fixture, of_detection in (("ingest_kill", False), ("detection_kill", True)):
        if fixture in metafunc.fixturenames:
            chosen = [point for point in points if (point.step in _DETECTION) == of_detection]
            ids = [f"{point.step}-{point.number}" for point in chosen]
            metafunc.parametrize(fixture, chosen or [_nothing()], ids=ids or ["none"])


def _nothing() -> object:
    return pytest.param(None, marks=pytest.mark.skip(reason="too few --kill-points: `make faults`"))
