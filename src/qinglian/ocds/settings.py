"""Settings of the indicators: Cardinal's settings file, or the same as JSON.

A section enables its indicator. Sections of Cardinal's `prepare` are accepted and not used, so that
one file serves both programs; anything else that is unknown is an error, as it is there.
"""

import configparser
import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

CODES = (
    "R003", "R018", "R024", "R025", "R028", "R030", "R035", "R036", "R038", "R048", "R058",
)  # fmt: skip
_NO_SECTION = "\x00before the first section"


class SettingsError(Exception):
    """A settings file that cannot be used; the message names file, setting and remedy."""


def _split(value: object) -> object:
    """`a|b` as a set; a bar at the end adds no empty name."""
    if not isinstance(value, str):
        return value
    names = value.split("|")
    return names if names[-1] else names[:-1]


Names = Annotated[frozenset[str], BeforeValidator(_split)]
Count = Annotated[int, Field(ge=0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShortSubmission(_Section):
    """R003: days; the methods it looks at (all); days by `procurementMethodDetails`."""

    threshold: int = 15
    procurement_methods: Names = frozenset()
    procurement_method_details: dict[str, int] = Field(default_factory=dict)


class SingleBid(_Section):
    """R018: the methods in which competition is expected; an empty list is all."""

    procurement_methods: Names = frozenset({"open", "selective"})


class RatioThreshold(_Section):
    """R024, R058: a ratio in place of the fence."""

    threshold: float | None = None


class LosingTenderer(_Section):
    """R025: percentile of participations from which on; a ratio in place of the fence."""

    percentile: Count = 75
    threshold: float | None = None


class NoSettings(_Section):
    """R028, R030, R036: enabled or not."""


class OthersDisqualified(_Section):
    """R035: so many other tenderers; at least 1."""

    threshold: Count = 1


class ExcessDisqualified(_Section):
    """R038: a ratio in place of the fence; from how many bids or processes on."""

    threshold: float | None = None
    minimum_submitted_bids: Count = 2
    minimum_contracting_processes: Count = 2


class HeterogeneousSupplier(_Section):
    """R048: leading characters of a classification; a count in place of the fence; volume."""

    digits: Count = 2
    threshold: Count | None = None
    minimum_contracting_processes: Count = 20


class Exclusions(_Section):
    """`procurementMethodDetails` of processes that no indicator looks at."""

    procurement_method_details: Names = frozenset()


class OwnSettings(_Section):
    """Section `[qinglian]`: what only our own versions use."""

    competitive_procurement_method_details: Names = frozenset()
    """Stands in for `procurementMethod` where a publisher leaves it out (R018)."""
    regulated_classifications: Names = frozenset()
    """Leading characters of item classifications whose prices are set by rule (R028)."""
    minimum_ratios: Count = 20
    """Processes from which on a fence is drawn (R024, R058)."""
    minimum_participations: Count = 10
    """Processes of a tenderer from which on R025 tests it."""
    false_discovery_rate: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """Share of R025's flags that chance may have made."""


class Settings(_Section):
    """The whole file. An indicator without its section is not computed."""

    currency: str | None = None
    no_price_comparison_procurement_methods: Names = frozenset()
    price_comparison_procurement_methods: Names = frozenset()
    exclusions: Exclusions = Exclusions()
    R003: ShortSubmission | None = None
    R018: SingleBid | None = None
    R024: RatioThreshold | None = None
    R025: LosingTenderer | None = None
    R028: NoSettings | None = None
    R030: NoSettings | None = None
    R035: OthersDisqualified | None = None
    R036: NoSettings | None = None
    R038: ExcessDisqualified | None = None
    R048: HeterogeneousSupplier | None = None
    R058: RatioThreshold | None = None
    qinglian: OwnSettings = OwnSettings()
    defaults: dict[str, Any] = Field(default_factory=dict)
    redactions: dict[str, Any] = Field(default_factory=dict)
    corrections: dict[str, Any] = Field(default_factory=dict)
    modifications: dict[str, Any] = Field(default_factory=dict)
    codelists: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def all_indicators(cls) -> "Settings":
        """Every indicator with its defaults, as the file has it that Cardinal's `init` writes."""
        return cls.model_validate({code: {} for code in CODES})


def load_settings(path: Path) -> Settings:
    """Read an INI file as Cardinal's, or a JSON object of the same names.

    Raises `SettingsError` for a file that is neither, or that says what no setting is.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read as settings: {error}") from None
    try:
        content = json.loads(text) if text.lstrip().startswith("{") else _sections(text)
    except json.JSONDecodeError as error:
        raise SettingsError(f"{path}, line {error.lineno} is no JSON: {error.msg}") from None
    except configparser.Error as error:
        raise SettingsError(f"{path} is no INI file: {error.message}") from None
    return _validated(path, content)


def _sections(text: str) -> dict[str, Any]:
    parser = configparser.RawConfigParser(
        comment_prefixes=(";", "#"), default_section="\x00none", strict=False
    )
    parser.optionxform = lambda optionstr: optionstr  # type: ignore[method-assign] # keep case
    # Indented lines are settings, not the continuation of a value.
    lines = "\n".join(line.strip() for line in text.splitlines())
    parser.read_string(f"[{_NO_SECTION}]\n{lines}")
    content: dict[str, Any] = {}
    for section in parser.sections():
        place = content
        for name in [] if section == _NO_SECTION else section.split(".", 1):
            place = place.setdefault(name, {})
        place.update({name: _unquoted(value) for name, value in parser.items(section)})
    return content


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _validated(path: Path, content: dict[str, Any]) -> Settings:
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].lower()}"
            for fault in error.errors()
        )
        raise SettingsError(
            f"{path}: {faults}. Sections are {', '.join(CODES)}, exclusions and qinglian;"
            " docs/ocds.md lists the settings of each"
        ) from None
