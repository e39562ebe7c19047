"""Leads of two runs side by side, where the second was told all money in another unit."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from psycopg import Connection
from psycopg.rows import class_row

#: Figures are rounded to so much, amounts of money to a cent.
_STEP, _CENT = Decimal("0.0001"), Decimal("0.01")


@dataclass(frozen=True)
class ReadLead:
    """What fires, what it says and the rows behind it; from which batch these came is left out."""

    lead_id: str
    indicator_id: str
    light: str
    value: Decimal | None
    threshold: Decimal | None
    expected: Decimal | None
    deviation: Decimal | None
    q_value: Decimal | None
    risk_gross: Decimal | None
    risk_fund: Decimal | None
    evidence: str

    def rows(self) -> list[dict[str, Any]]:
        """The rows behind, in the order of their keys."""
        return list(json.loads(self.evidence, parse_float=Decimal, parse_int=Decimal))


def read_leads(connection: Connection) -> list[ReadLead]:
    """All that fire now, in the order of their ids."""
    columns = ", ".join(field.name for field in fields(ReadLead))
    with connection.cursor(row_factory=class_row(ReadLead)) as cursor:
        return cursor.execute(
            f"select {columns} from marts.lead where is_active order by lead_id"
        ).fetchall()


@dataclass(frozen=True)
class Finding:
    """What a rule found that looks at nobody else's numbers, or what a guard took out."""

    indicator_id: str
    org_code: str
    subject_type: str
    subject_id: str
    period_start: date
    outcome: str
    reason: str | None
    zone: str | None
    value: Decimal | None
    threshold: Decimal | None
    risk_gross: Decimal | None
    risk_fund: Decimal | None
    evidence: str | None


def read_findings(connection: Connection) -> set[Finding]:
    """Findings of deterministic and reconciling indicators, without those among peers."""
    return _read_results(
        connection,
        Finding,
        "indicator.kind in ('D', 'R') and result.peer_n is null"
        " and result.outcome in ('fired', 'guarded')",
    )


@dataclass(frozen=True)
class PeerTest:
    """What a statistical indicator made of one subject among its peers, fired or not."""

    indicator_id: str
    org_code: str
    subject_type: str
    subject_id: str
    period_start: date
    outcome: str
    reason: str | None
    p_value: Decimal
    q_value: Decimal


def read_tests(connection: Connection) -> set[PeerTest]:
    """All subjects of statistical indicators that have a p-value."""
    return _read_results(
        connection, PeerTest, "indicator.kind = 'S' and result.p_value is not null"
    )


_Result = TypeVar("_Result", Finding, PeerTest)


def _read_results(connection: Connection, kind: type[_Result], condition: str) -> set[_Result]:
    columns = ", ".join(f"result.{field.name}" for field in fields(kind))
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return set(
            cursor.execute(
                f"select {columns} from indicators.indicator_result as result"
                f" inner join marts.indicator as indicator using (indicator_id) where {condition}"
            ).fetchall()
        )


def differences(before: list[ReadLead], after: list[ReadLead], factor: int) -> Iterator[str]:
    """What differs though only the unit of money should: at risk is `factor` times as much.

    A figure (value, threshold, expected, deviation) is money or is not, and so is either told in
    the new unit or as it was. Amounts behind are rounded to a cent row by row, in either unit.
    """
    old = {lead.lead_id: lead for lead in before}
    new = {lead.lead_id: lead for lead in after}
    for lead_id in sorted(old.keys() ^ new.keys()):
        lead = (old | new)[lead_id]
        yield f"{lead.indicator_id} {lead_id}: {'gone' if lead_id in old else 'new'}"
    for lead_id in sorted(old.keys() & new.keys()):
        for what in _differing(old[lead_id], new[lead_id], factor):
            yield f"{old[lead_id].indicator_id} {lead_id}: {what}"


def _differing(old: ReadLead, new: ReadLead, factor: int) -> Iterator[str]:
    rows, told = old.rows(), new.rows()
    if [(r["table"], r["key"]) for r in rows] != [(r["table"], r["key"]) for r in told]:
        yield "other rows behind"
        return
    rounding = _CENT / 2 * (factor + 1) * len(rows)
    if old.light != new.light or old.q_value != new.q_value:
        yield f"{old.light} {old.q_value} is {new.light} {new.q_value}"
    for name in ("value", "threshold", "expected", "deviation"):
        one, other = getattr(old, name), getattr(new, name)
        if not (_near(one, other, 1, _STEP) or _near(one, other, factor, rounding)):
            yield f"{name} {one} is {other}"
    for name in ("risk_gross", "risk_fund"):
        one, other = getattr(old, name), getattr(new, name)
        if not _near(one, other, factor, rounding):
            yield f"{name} {one} is {other}"
    rounding = _CENT / 2 * (factor + 1)
    for row, again in zip(rows, told, strict=True):
        money = all(_near(row[r], again[r], factor, rounding) for r in ("risk_gross", "risk_fund"))
        figure = any(_near(row["value"], again["value"], f, rounding) for f in (1, factor))
        if not (money and figure):
            yield f"{row} is {again}"


def _near(one: Decimal | None, other: Decimal | None, factor: int, rounding: Decimal) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one * factor - other) <= rounding
