"""What the indicators found, in Cardinal's shape."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from qinglian.ocds.release import Json, Reason
from qinglian.ocds.statistics import rounded


class Group(StrEnum):
    """What a result is about."""

    OCID = "OCID"
    BUYER = "Buyer"
    PROCURING_ENTITY = "ProcuringEntity"
    TENDERER = "Tenderer"


MAPS = (
    "ocid_buyer_r038", "ocid_procuringentity_r038", "ocid_tenderer", "ocid_tenderer_r024",
    "ocid_tenderer_r028", "ocid_tenderer_r030", "ocid_tenderer_r035", "ocid_tenderer_r058",
)  # fmt: skip


@dataclass
class Results:
    """Values by group, identifier and code; only what was flagged is in it.

    `meta` holds quartiles and fences by code, `seen` the organisations that were measured or the
    reason why not, `void` why an indicator tells nothing on a whole group.
    """

    keep_maps: bool = False
    values: dict[Group, dict[str, dict[str, float]]] = field(default_factory=dict)
    meta: dict[str, dict[str, float]] = field(default_factory=dict)
    maps: dict[str, dict[str, dict[str, None] | str]] = field(
        default_factory=lambda: {name: {} for name in MAPS}
    )
    seen: dict[tuple[str, Group], dict[str, Reason | None]] = field(default_factory=dict)
    void: dict[tuple[str, Group], Reason] = field(default_factory=dict)

    def flag(self, group: Group, identifier: str, code: str, value: float) -> None:
        """Say that the indicator fired."""
        self.values.setdefault(group, {}).setdefault(identifier, {})[code] = value

    def fired(self, group: Group, identifier: str, code: str) -> bool:
        """Whether it did."""
        return code in self.values.get(group, {}).get(identifier, ())

    def note(self, code: str, **figures: float) -> None:
        """Keep quartiles and fences."""
        self.meta.setdefault(code, {}).update(figures)

    def map_tenderer(self, name: str, ocid: str, tenderer: str) -> None:
        """Connect a process with a tenderer, once."""
        if not self.keep_maps:
            return
        tenderers = self.maps[name].setdefault(ocid, {})
        if isinstance(tenderers, dict):
            tenderers[tenderer] = None

    def map_organisation(self, name: str, ocid: str, organisation: str) -> None:
        """Connect a process with its buyer or procuring entity."""
        if self.keep_maps:
            self.maps[name][ocid] = organisation

    def see(self, code: str, group: Group, identifier: str, reason: Reason | None) -> None:
        """Remember an organisation that was measured, or why it was not."""
        self.seen.setdefault((code, group), {})[identifier] = reason

    def to_json(self, *, meta: bool = False, maps: bool = False) -> dict[str, object]:
        """Cardinal's result object: groups that hold nothing are left out."""
        content: dict[str, object] = {g.value: self.values[g] for g in Group if g in self.values}
        if meta:
            content["Meta"] = {
                code: {name: rounded(value) for name, value in figures.items()}
                for code, figures in self.meta.items()
            }
        if maps:
            content["Maps"] = {
                name: {o: v if isinstance(v, str) else list(v) for o, v in entries.items()}
                for name, entries in self.maps.items()
            }
        return content


class Indicator(Protocol):
    """One indicator: takes process by process, then says what it found."""

    code: str
    groups: tuple[Group, ...]
    """Groups of which it can say that nothing was found; others only go with a finding."""

    def take(self, release: Json, ocid: str, results: Results) -> None:
        """Take one process. Raises `NotComputable` when it lacks what is needed."""

    def finish(self, results: Results) -> None:
        """Flag what can only be told from all processes."""


_Options = TypeVar("_Options")


def enabled(
    options: _Options | None, make: Callable[[_Options], Indicator]
) -> tuple[Indicator, ...]:
    """The indicator when the settings have a section for it."""
    return () if options is None else (make(options),)
