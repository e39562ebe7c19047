"""What the gate found out about one batch."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qinglian.gate.breakdown import EMPTY, Breakdown
from qinglian.gate.checks import Check


@dataclass(frozen=True)
class RuleOutcome:
    """The verdict on one check: rows for a row check, the batch itself (1) for a batch check."""

    check: Check
    evaluated: int
    failed: int
    not_evaluated: int
    not_evaluated_reason: str | None
    #: Failing rows as people may see them, at most ten; direct, indirect and sensitive personal
    #: columns are masked.
    samples: tuple[str, ...] = ()

    @property
    def success(self) -> bool | None:
        """None where nothing could be evaluated: silence is no success."""
        return self.failed == 0 if self.evaluated else None


@dataclass(frozen=True)
class RowFailure:
    """A row that stays out: its number in the file (from 0) and the rules that it breaks."""

    row_number: int
    rule_ids: tuple[str, ...]


@dataclass(frozen=True)
class GateResult:
    """Rows add up: rows = passed + quarantined + duplicates + tombstones."""

    batch_id: int
    source_id: str
    table: str
    checked_at: datetime
    rows: int
    duplicates: int
    tombstones: int
    outcomes: tuple[RuleOutcome, ...]
    failures: tuple[RowFailure, ...]
    #: GX's validation result in JSON form.
    validation: dict[str, Any]
    #: Empty where nothing of the batch could be read as rows.
    breakdown: Breakdown = EMPTY

    @property
    def quarantined(self) -> int:
        return len(self.failures)

    @property
    def passed(self) -> int:
        """Rows that may be loaded, tombstones apart."""
        return self.rows - self.quarantined - self.duplicates - self.tombstones

    @property
    def quarantined_rows(self) -> frozenset[int]:
        """Row numbers of the file (from 0) that must not be loaded."""
        return frozenset(failure.row_number for failure in self.failures)

    @property
    def batch_failures(self) -> tuple[RuleOutcome, ...]:
        """Batch checks of severity error that failed: each of them stops the whole batch."""
        return tuple(
            outcome
            for outcome in self.outcomes
            if outcome.failed
            and outcome.check.level == "batch"
            and outcome.check.severity == "error"
        )

    @property
    def rejected_reason(self) -> str | None:
        """Why the batch stops, None where it may be loaded."""
        return (
            "; ".join(f"{o.check.rule_id} {o.check.name_zh}" for o in self.batch_failures) or None
        )
