"""The points at which steps are killed: `--kill-points` of them, drawn from `--seed`."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from fault_child import Calls, Kill
from nights import WAYS, Way

#: The steps take turns; "ledger" is what an ingest enters before, between and after the others, and
#: "record" what a detection does when the marts are built. A detection takes minutes: its turn
#: comes last and half as often.
_INGEST = ("extract", "land", "gate", "load", "release")
_DETECTION = ("record", "detect")
STEPS = (*_INGEST, "ledger", *_INGEST, "ledger", "load", *_DETECTION)
#: Of seven points two are of ways of reading that ordinary nights do not have.
_OF_WAYS, _OF = 2, 7


@dataclass(frozen=True)
class KillPoint:
    """One of the points, before it is known how long its step is.

    `step` is a step of ordinary nights, or the name of another way of reading.
    """

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
        nights = [night for night, calls in enumerate(calls_of_nights) if calls.get(self.step)]
        draws = self.draws
        night = draws.choice(nights)
        return night, _at(self.step, calls_of_nights[night][self.step], draws)

    def place_in_way(self, way: Way, calls_of_nights: Sequence[Calls]) -> tuple[int, Kill]:
        """A night of what is killed in this way, one of its steps, and the call as above."""
        draws = self.draws
        night = draws.choice([n for n, night in enumerate(way.nights) if night.work == way.work])
        calls = calls_of_nights[night]
        step = draws.choice(sorted(calls))
        return night, _at(step, calls[step], draws)


def _at(step: str, lasted: Sequence[float], draws: random.Random) -> Kill:
    if draws.choice((True, False)):
        return Kill(step, draws.randint(1, len(lasted)))
    call = draws.choices(range(len(lasted)), lasted)[0]
    return Kill(step, call + 1, draws.uniform(0, lasted[call]))


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `ingest_kill`, `detection_kill` or `way_kill` once for each point."""
    options = metafunc.config.option
    of_ways = options.kill_points * _OF_WAYS // _OF
    steps = _points(STEPS, options.kill_points - of_ways, options.seed)
    found = {
        "ingest_kill": [point for point in steps if point.step not in _DETECTION],
        "detection_kill": [point for point in steps if point.step in _DETECTION],
        "way_kill": _points([way.name for way in WAYS], of_ways, options.seed),
    }
    for fixture, points in found.items():
        if fixture in metafunc.fixturenames:
            ids = [f"{point.step}-{point.number}" for point in points]
            metafunc.parametrize(fixture, points or [_nothing()], ids=ids or ["none"])


def _points(steps: Sequence[str], number: int, seed: int) -> list[KillPoint]:
    return [KillPoint(n, steps[n % len(steps)], seed) for n in range(number)]


def _nothing() -> object:
    return pytest.param(None, marks=pytest.mark.skip(reason="too few --kill-points: `make faults`"))
