"""What stands in an audit pack, before anybody draws it: sections of tables of plain values.

PDF and Excel are drawn from the same content, and its hash is the hash of what they say.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Value = str | int | Decimal | date | datetime | bool | None


@dataclass(frozen=True)
class Column:
    """A column; `kind` is text, count, money (CNY), share (0 to 1), or code (hashes and keys)."""

    title_zh: str
    title_en: str
    kind: str = "text"


@dataclass(frozen=True)
class Table:
    """One table. `note_zh` says what it holds and what its totals sum; `total` is its last line.

    One that `is_printed_whole` is not cut on paper; that is its layout and no part of the content.
    """

    title_zh: str
    title_en: str
    note_zh: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: tuple[Value, ...] | None = None
    is_printed_whole: bool = False


@dataclass(frozen=True)
class Section:
    """A chapter of the pack."""

    title_zh: str
    title_en: str
    intro_zh: str
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Scope:
    """What the pack is about and the state of the ledger that it was made from."""

    month: date
    sources: tuple[str, ...]
    all_sources: bool
    ledger_entry: int
    ledger_hash: str
    state_date: date


@dataclass(frozen=True)
class Content:
    """All of a pack but its hashes."""

    scope: Scope
    sections: tuple[Section, ...]

    def canonical(self) -> str:
        """JSON with sorted keys, numbers and dates as text: the same content, the same text."""
        return json.dumps(
            asdict(self, dict_factory=_without_layout),
            sort_keys=True,
            ensure_ascii=False,
            separators=(",", ":"),
            default=str,
        )

    def sha256(self) -> str:
        """SHA-256 of :meth:`canonical`, 64 hex digits."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


def _without_layout(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in fields if name != "is_printed_whole"}


def summed(
    columns: Sequence[Column], rows: Iterable[Sequence[Value]], label: str = "合计"
) -> tuple[Value, ...]:
    """The total line of a table: the label, then sums of its counts and money; others are empty."""
    listed = list(rows)
    total: list[Value] = []
    for number, column in enumerate(columns):
        values = [value for row in listed if isinstance(value := row[number], int | Decimal)]
        if column.kind not in ("count", "money"):
            total.append(label if number == 0 else None)
        elif column.kind == "count":
            total.append(int(sum(values)))
        else:
            total.append(sum(map(Decimal, values), start=Decimal(0)) if values else None)
    return tuple(total)
