"""The points at which steps are killed: `--kill-points` of them, drawn from `--seed`."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from fault_child import Kill

#: The steps take turns. A detection takes minutes: its turn comes last and half as often.
_INGEST = ("extract", "land", "gate", "load", "release")
STEPS = (*_INGEST, *_INGEST, "load", "detect")
_LONGEST_DELAY = 0.03  # seconds


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

    def place(self, calls_of_nights: Sequence[Mapping[str, int]]) -> tuple[int, Kill]:
        """A night that has the step, and the call of the step to be killed at.

        Every other kill comes a moment after its call, when the process may be waiting for the
        database or writing a file.
        """
        draws = self.draws
        nights = [night for night, calls in enumerate(calls_of_nights) if calls.get(self.step)]
        night = draws.choice(nights)
        call = draws.randint(1, calls_of_nights[night][self.step])
        delay = draws.choice((0.0, draws.uniform(0, _LONGEST_DELAY)))
        return night, Kill(self.step, call, delay)


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `ingest_kill` or `detect_kill` once for each point."""
    options = metafunc.config.option
    points = [
        KillPoint(number, STEPS[number % len(STEPS)], options.seed)
        for number in range(options.kill_points)
    ]
    for fixture, is_detect in (("ingest_kill", False), ("detect_kill", True)):
        if fixture in metafunc.fixturenames:
            chosen = [point for point in points if (point.step == "detect") == is_detect]
            ids = [f"{point.step}-{point.number}" for point in chosen]
            metafunc.parametrize(fixture, chosen or [_nothing()], ids=ids or ["none"])


def _nothing() -> object:
    return pytest.param(None, marks=pytest.mark.skip(reason="too few --kill-points: `make faults`"))
