"""The contract of one landed table as immutable objects."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any


class ContractError(ValueError):
    """A contract cannot be used; the message names the file, what is wrong and the remedy."""

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        super().__init__(f"{path}: {problem}. Remedy: {remedy}.")


class CursorKind(StrEnum):
    """How a table is read again."""

    UPDATED_AT = "updated_at"
    APPEND_ONLY = "append_only"
    WINDOW_RELOAD = "window_reload"
    FULL_RELOAD = "full_reload"


@dataclass(frozen=True)
class Cursor:
    """Which column the window of an extract runs over, and how far back each run looks.

    A table without a time of its own names the `parent` whose column bounds its window and the
    `parent_key` that both share. `business_column` dates a row: it says which month a change
    touches, and is the cursor's column itself where that is a business time. A row stays open until
    its column `open_until` is filled: a window reload goes back to it, at most `max_days`.
    """

    kind: CursorKind
    column: str | None = None
    overlap_hours: int | None = None
    lookback_days: int | None = None
    parent: str | None = None
    parent_key: str | None = None
    business_column: str | None = None
    open_until: str | None = None
    max_days: int | None = None

    @property
    def own_column(self) -> str | None:
        """The cursor's column where the table itself has it."""
        return self.column if self.parent is None else None


@dataclass(frozen=True)
class Freshness:
    """The oldest that the latest value of a time column may be."""

    column: str
    max_age: timedelta


@dataclass(frozen=True)
class Column:
    """One column; `pseudonym` is the kind of clear value that the extract replaces by an HMAC."""

    name: str
    label_zh: str
    description_en: str
    logical_type: str
    physical_type: str
    required: bool = False
    is_key: bool = False
    classification: str = "internal"
    pseudonym: str | None = None

    @property
    def max_length(self) -> int | None:
        """Longest text that the column holds; None without a limit."""
        limited = re.fullmatch(r"(?:var)?char\((\d+)\)", self.physical_type)
        return int(limited[1]) if limited else None


@dataclass(frozen=True)
class Rule:
    """One quality rule: a condition over one row in DuckDB SQL, or a native GX expectation.

    A condition is true for a good row; null counts as good.
    """

    id: str
    name_zh: str
    description_zh: str
    dimension: str
    severity: str
    level: str
    condition: str | None = None
    expectation: str | None = None
    kwargs: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Relationship:
    """`child.column` names a row of `parent` by `parent_column`, within one organisation.

    `only` is a condition in DuckDB SQL that limits it to some rows of the child.
    """

    child: str
    column: str
    parent: str
    parent_column: str
    only: str = "true"


@dataclass(frozen=True)
class Contract:
    """One landed table: columns without the common ones, and `key` with org_code first."""

    table: str
    domain: str
    name_zh: str
    name_en: str
    description_zh: str
    description_en: str
    version: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    cursor: Cursor
    rules: tuple[Rule, ...]
    freshness: Freshness | None = None
    control_total: str | None = None
    relationships: tuple[Relationship, ...] = ()

    @property
    def landed_columns(self) -> tuple[Column, ...]:
        """What the mapping SQL of a source returns: org_code, the columns and src_updated_at."""
        return (ORG_CODE, *self.columns, SRC_UPDATED_AT)

    @property
    def row_rules(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.level == "row")

    @property
    def batch_rules(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.level == "batch")


ORG_CODE = Column(
    name="org_code",
    label_zh="机构代码",
    description_en="Code of the designated medical organisation, H and 11 digits",
    logical_type="string",
    physical_type="varchar(12)",
    required=True,
    is_key=True,
)
SRC_UPDATED_AT = Column(
    name="src_updated_at",
    label_zh="来源更新时间",
    description_en="Time of the last change in the source; null where the source keeps none",
    logical_type="timestamp",
    physical_type="timestamp",
)
