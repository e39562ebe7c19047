"""The comparison of names measured on a file of pairs that others have judged."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from qinglian.suppliers.name_comparison import NameLevel, compare_names
from qinglian.suppliers.quality import Quality

#: What a pair of an organisation is called in the file's column `schema`; a file without it holds
#: organisations alone.
ORGANISATIONS = frozenset({"Company", "Organization", "LegalEntity", "PublicBody"})
_COLUMNS = frozenset({"name1", "name2", "is_match"})
_DRAWS = 2_000
_SEED = 7


class PairsFileError(ValueError):
    """The file cannot be read as judged pairs; the message says what it lacks."""


@dataclass(frozen=True)
class JudgedPair:
    """Two names, what the file says of them and what the comparison does."""

    first: str
    second: str
    is_match: bool
    level: NameLevel
    reason: str


@dataclass(frozen=True)
class PairsReport:
    """The judged pairs, and the middle 95 % of F1 over samples drawn with replacement."""

    path: Path
    pairs: tuple[JudgedPair, ...]
    f1_low: float
    f1_high: float

    @property
    def same(self) -> Quality:
        """Joined is what is taken for one organisation: what a resolution would merge."""
        return quality(self.pairs, NameLevel.SPELLING)

    @property
    def house(self) -> Quality:
        """Joined is also what is of one house, as another fund of one series."""
        return quality(self.pairs, NameLevel.RELATED)

    @property
    def errors(self) -> list[JudgedPair]:
        """The pairs on which labels and comparison differ."""
        return [p for p in self.pairs if p.is_match != (p.level >= NameLevel.SPELLING)]

    def to_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`."""
        return {
            "file": str(self.path),
            "pairs": len(self.pairs),
            "matches": sum(p.is_match for p in self.pairs),
            **self.same.to_json(),
            "f1_95": [self.f1_low, self.f1_high],
            "same_house": self.house.to_json(),
            "errors": [asdict(p) | {"level": p.level.name.lower()} for p in self.errors],
        }


def evaluate_pairs(path: Path) -> PairsReport:
    """Compare the names of all pairs of organisations in a CSV file with its labels.

    Columns: `name1`, `name2`, `is_match` (true or false) and, where other things than organisations
    are in it, `schema`. No label reaches the comparison. Raises PairsFileError.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if lacking := _COLUMNS.difference(reader.fieldnames or ()):
                raise PairsFileError(f"{path}: no column {', '.join(sorted(lacking))}")
            rows = [row for row in reader if row.get("schema", "Company") in ORGANISATIONS]
    except (OSError, UnicodeDecodeError) as error:
        raise PairsFileError(f"{path}: cannot be read as CSV in UTF-8: {error}") from error
    if not rows:
        raise PairsFileError(f"{path}: no pair of organisations")
    pairs = tuple(_judged(path, row) for row in rows)
    low, high = _f1_interval(pairs)
    return PairsReport(path, pairs, low, high)


def quality(pairs: Sequence[JudgedPair], level: NameLevel) -> Quality:
    """Agreement with the labels when pairs of at least `level` are joined."""
    joined = [pair for pair in pairs if pair.level >= level]
    true = sum(pair.is_match for pair in joined)
    matches = sum(pair.is_match for pair in pairs)
    return Quality(true, len(joined) - true, matches - true)


def _judged(path: Path, row: dict[str, str]) -> JudgedPair:
    label = row["is_match"].strip().lower()
    if label not in ("true", "false"):
        raise PairsFileError(f"{path}: is_match is {label!r}, neither true nor false")
    compared = compare_names(row["name1"], row["name2"])
    return JudgedPair(row["name1"], row["name2"], label == "true", compared.level, compared.reason)


def _f1_interval(pairs: Sequence[JudgedPair]) -> tuple[float, float]:
    """The middle 95 % of F1 over samples of the pairs; how far chance moves it."""
    is_match = np.array([pair.is_match for pair in pairs])
    joined = np.array([pair.level >= NameLevel.SPELLING for pair in pairs])
    drawn = np.random.default_rng(_SEED).integers(0, len(pairs), (_DRAWS, len(pairs)))
    true = (is_match & joined)[drawn].sum(axis=1)
    either = is_match[drawn].sum(axis=1) + joined[drawn].sum(axis=1)
    f1 = 2 * true / np.maximum(either, 1)
    low, high = np.percentile(f1, [2.5, 97.5])
    return float(low), float(high)


def render_pairs(report: PairsReport) -> RenderableType:
    """The report as rich text: figures, and each pair that was judged otherwise."""
    figures = Table(title=f"名称比对 Names compared: {len(report.pairs)} 对 pairs")
    for header in ("判为同一 joined when", "精确 precision", "召回 recall", "F1", "95 %"):
        figures.add_column(header)
    interval = f"{report.f1_low:.3f}-{report.f1_high:.3f}"
    for label, measured, note in (
        ("同一主体 one organisation", report.same, interval),
        ("同一家族 one house", report.house, ""),
    ):
        shares = (measured.precision, measured.recall, measured.f1)
        texts = ("–" if share is None else f"{share:.3f}" for share in shares)
        figures.add_row(label, *texts, note)
    lines = [
        f"{'漏合 missed' if p.is_match else '误合 wrong'}: {p.first} | {p.second} ({p.reason})"
        for p in report.errors
    ]
    return Group(figures, Text("\n".join(lines)))
