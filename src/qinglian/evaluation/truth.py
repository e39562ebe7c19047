"""The truth file of the synthetic city: what was planted where, and what must not be found."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

CASES = ("true", "near_miss", "guarded", "honest_outlier")


class TruthFileError(ValueError):
    """The truth file cannot be read or lacks a field."""


@dataclass(frozen=True)
class Scheme:
    """One planted case; `case` is one of `CASES`, `amount` in CNY."""

    scheme_id: str
    indicator_id: str
    case: str
    strength: str | None
    org_code: str
    subject_type: str
    subject_id: str
    period_start: date
    period_end: date
    amount: Decimal


@dataclass(frozen=True)
class Truth:
    """All planted cases of one city; in a `clean` one nothing true was planted.

    `same_suppliers` are pairs of supplier codes that are one company's, `affiliated_suppliers` of
    companies that belong together; None in a truth file that says nothing of suppliers.
    """

    path: Path
    seed: int | None
    schemes: tuple[Scheme, ...]
    clean: bool = False
    same_suppliers: frozenset[frozenset[str]] | None = None
    affiliated_suppliers: frozenset[frozenset[str]] | None = None

    def of_case(self, case: str, indicator_id: str | None = None) -> tuple[Scheme, ...]:
        """The schemes of one case, of one indicator or of all."""
        return tuple(
            scheme
            for scheme in self.schemes
            if scheme.case == case and indicator_id in (None, scheme.indicator_id)
        )


def read_truth(path: Path) -> Truth:
    """Read a truth file; raises `TruthFileError` naming file, scheme and what is wrong."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise TruthFileError(
            f"{path}: cannot be read as a truth file ({error}); make the city first"
        ) from error
    schemes = tuple(_scheme(path, raw) for raw in content.get("schemes", ()))
    suppliers = content.get("suppliers", {})
    return Truth(
        path,
        content.get("seed"),
        schemes,
        content.get("clean", False),
        _pairs(suppliers.get("same")),
        _pairs(suppliers.get("affiliated")),
    )


def _pairs(raw: list[list[str]] | None) -> frozenset[frozenset[str]] | None:
    return None if raw is None else frozenset(map(frozenset, raw))


def _scheme(path: Path, raw: dict[str, Any]) -> Scheme:
    name = raw.get("scheme_id", "a scheme without scheme_id")
    try:
        scheme = Scheme(
            scheme_id=raw["scheme_id"],
            indicator_id=raw["indicator_id"],
            case=raw["case"],
            strength=raw.get("strength"),
            org_code=raw["org_code"],
            subject_type=raw["subject_type"],
            subject_id=raw["subject_id"],
            period_start=date.fromisoformat(raw["period_start"]),
            period_end=date.fromisoformat(raw["period_end"]),
            amount=Decimal(str(raw.get("amount") or 0)),
        )
    except (KeyError, ValueError) as error:
        raise TruthFileError(f"{path}: {name}: {error!r}") from error
    if scheme.case not in CASES:
        raise TruthFileError(f"{path}: {name}: case {scheme.case!r} is none of {CASES}")
    return scheme
