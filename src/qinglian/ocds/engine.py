"""Runs the indicators over a file."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, NamedTuple

from qinglian.ocds.cardinal_market import R024, R025, R038, R048, R058, PriceGaps
from qinglian.ocds.cardinal_process import (
    R003,
    R018,
    R028,
    R030,
    R035,
    R036,
    MainCurrency,
)
from qinglian.ocds.lots import tidied
from qinglian.ocds.own import own_indicators
from qinglian.ocds.reading import Faults, Reader
from qinglian.ocds.release import (
    Json,
    NotComputable,
    Reason,
    details_fit,
    ids,
    part,
    submitted_bids,
    text,
)
from qinglian.ocds.results import Group, Indicator, Results, enabled
from qinglian.ocds.settings import Settings, load_settings

_OF_TENDERERS = frozenset({"R025", "R038", "R048"})


class Standard(StrEnum):
    """Whose definitions are used."""

    CARDINAL = "cardinal"
    QINGLIAN = "qinglian"


class Outcome(StrEnum):
    """What an indicator says on one process or organisation."""

    FIRED = "fired"
    CLEAR = "clear"
    NOT_COMPUTABLE = "not_computable"
    COUNTED = "counted"
    """The process went into the figures of its organisations, of which the indicator speaks."""


class State(NamedTuple):
    """One row of the coverage."""

    indicator: str
    group: str
    id: str
    outcome: Outcome
    reason: str


@dataclass
class Report:
    """Results, what was read, and what could not be."""

    results: Results
    faults: Faults
    indicators: tuple[Indicator, ...]
    processes: int = 0
    skipped: Counter[Reason] = field(default_factory=Counter)
    _states: IO[str] | None = None

    def to_json(self, *, meta: bool = False, maps: bool = False) -> dict[str, object]:
        """Cardinal's result object; `meta` adds quartiles and fences, `maps` who belongs where."""
        return self.results.to_json(meta=meta, maps=maps)

    def states(self) -> Iterator[State]:
        """What each indicator says on each process and organisation, flagged or not.

        Needs a report that was computed with `states=True`.
        """
        if self._states is None:
            raise ValueError("compute with states=True")
        groups = {indicator.code: indicator.groups for indicator in self.indicators}
        self._states.seek(0)
        for line in self._states:
            code, ocid, reason = json.loads(line)
            if Group.OCID in groups[code]:
                yield self._state(code, Group.OCID, ocid, reason)
            else:
                outcome = Outcome.NOT_COMPUTABLE if reason else Outcome.COUNTED
                yield State(code, Group.OCID, ocid, outcome, reason or "")
        for (code, group), organisations in self.results.seen.items():
            for identifier, reason in organisations.items():
                yield self._state(code, group, identifier, reason)

    def _state(self, code: str, group: Group, identifier: str, reason: str | None) -> State:
        if self.results.fired(group, identifier, code):
            return State(code, group, identifier, Outcome.FIRED, "")
        reason = reason or self.results.void.get((code, group))
        outcome = Outcome.NOT_COMPUTABLE if reason else Outcome.CLEAR
        return State(code, group, identifier, outcome, reason or "")


def compute(
    path: Path | str,
    settings: Settings | Mapping[str, Any] | Path | None = None,
    *,
    standard: Standard | str = Standard.CARDINAL,
    merge_lines: bool = False,
    states: bool = False,
    maps: bool = False,
) -> Report:
    """Compute the indicators of one OCDS file.

    `settings` is a settings file's path, its content as a mapping, or `Settings`; without it all
    eleven run with their defaults. Raises `SettingsError` and `OcdsFileError`. `states` keeps what
    `Report.states` tells, in a temporary file; `maps` what the Maps tell, in memory.
    """
    options = _settings(settings)
    indicators, gaps = _indicators(options, Standard(standard))
    reader = Reader(Path(path), merge_lines=merge_lines)
    kept = tempfile.TemporaryFile("w+", encoding="utf-8") if states else None  # noqa: SIM115
    report = Report(Results(keep_maps=maps), reader.faults, indicators, _states=kept)
    tidy = tidied if Standard(standard) is Standard.QINGLIAN else None
    for release in reader.releases():
        _take(tidy(release) if tidy else release, options, gaps, report)
    for indicator in indicators:
        indicator.finish(report.results)
    return report


def _settings(settings: Settings | Mapping[str, Any] | Path | None) -> Settings:
    if settings is None:
        return Settings.all_indicators()
    if isinstance(settings, Path):
        return load_settings(settings)
    return settings if isinstance(settings, Settings) else Settings.model_validate(settings)


def _indicators(
    settings: Settings, standard: Standard
) -> tuple[tuple[Indicator, ...], PriceGaps | None]:
    if standard is Standard.QINGLIAN:
        return own_indicators(settings)
    # The order of the indicators decides which currency is seen first where none is set.
    currency = MainCurrency(settings.currency)
    gaps = PriceGaps(settings, currency)
    made: tuple[Indicator, ...] = (
        *enabled(settings.R003, R003),
        *enabled(settings.R018, R018),
        *enabled(settings.R024, lambda options: R024(options, gaps)),
        *enabled(settings.R025, R025),
        *enabled(settings.R028, lambda _: R028(settings)),
        *enabled(settings.R030, lambda _: R030()),
        *enabled(settings.R035, R035),
        *enabled(settings.R036, lambda _: R036(settings, currency)),
        *enabled(settings.R038, R038),
        *enabled(settings.R048, R048),
        *enabled(settings.R058, lambda options: R058(options, gaps)),
    )
    compared = settings.R024 is not None or settings.R058 is not None
    return made, gaps if compared else None


def _take(release: Json, settings: Settings, gaps: PriceGaps | None, report: Report) -> None:
    ocid = text(release, "ocid")
    if ocid is None:
        report.faults.add("a compiled release has no ocid that is text. Remedy: give it its ocid.")
        return
    report.processes += 1
    skipped = _skipped(release, settings)
    if skipped is not None:
        report.skipped[skipped] += 1
    elif gaps is not None:
        gaps.take(release, ocid)
    for indicator in report.indicators:
        reason = skipped
        if skipped is None:
            try:
                indicator.take(release, ocid, report.results)
            except NotComputable as lacking:
                reason = lacking.reason
        if report._states is not None:
            report._states.write(json.dumps([indicator.code, ocid, reason]) + "\n")
    if skipped is None and any(i.code in _OF_TENDERERS for i in report.indicators):
        for bid in submitted_bids(release):
            for tenderer in ids(bid, "tenderers"):
                report.results.map_tenderer("ocid_tenderer", ocid, tenderer)


def _skipped(release: Json, settings: Settings) -> Reason | None:
    if text(part(release, "tender"), "status") == "cancelled":
        return Reason.CANCELLED
    if not details_fit(release, frozenset(), settings.exclusions.procurement_method_details):
        return Reason.EXCLUDED_METHOD
    return None
