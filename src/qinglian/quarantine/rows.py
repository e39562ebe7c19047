"""Quarantined rows: found by filter, with the corrections made so far, masked for people's eyes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from qinglian.contracts import Contract
from qinglian.gate.checkpoint import MASK


@dataclass(frozen=True)
class Filters:
    """Which rows; None and empty stand for all."""

    source_id: str | None = None
    table: str | None = None
    rule_id: str | None = None
    status: str | None = None
    batch_id: int | None = None
    row_numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class QuarantinedRow:
    """One row as it was landed, and what was decided on it since.

    `landed` has the contract's columns as text; those of the columns `misfits` do not fit their
    type and are as the source gave them. `decisions` are rows of `ops.quarantine_decision`, oldest
    first.
    """

    batch_id: int
    row_number: int
    source_id: str
    table: str
    row_key: str
    row_hash: str
    rule_ids: tuple[str, ...]
    quarantined_at: datetime
    status: str
    landed: Mapping[str, str | None]
    misfits: frozenset[str] = frozenset()
    decisions: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def name(self) -> str:
        """How messages call the row."""
        return f"batch {self.batch_id}, row {self.row_number} ({self.source_id} {self.table})"

    @property
    def corrected(self) -> dict[str, str | None]:
        """The row with every fix applied."""
        values = dict(self.landed)
        for decision in self.decisions:
            values |= decision["after_values"] or {}
        return values

    @property
    def changed_columns(self) -> frozenset[str]:
        """Columns whose corrected value differs from the landed one."""
        return frozenset(c for c, v in self.corrected.items() if v != self.landed.get(c))


def find_rows(
    connection: Connection, filters: Filters, limit: int | None = None
) -> list[QuarantinedRow]:
    """The rows that a filter lets through, by batch and row number."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            _FIND,
            {
                "source_id": filters.source_id,
                "table": filters.table,
                "rule_id": filters.rule_id,
                "status": filters.status,
                "batch_id": filters.batch_id,
                "row_numbers": list(filters.row_numbers),
                "limit": limit,
            },
        ).fetchall()
    return [_row(row) for row in rows]


def masked(
    contract: Contract, values: Mapping[str, str | None], *, personal: bool
) -> dict[str, str | None]:
    """Values as people may see them.

    Direct identifiers are never shown; quasi-identifiers and sensitive values only to those who
    are entitled to `personal` data.
    """
    classes = {c.name: c.classification for c in contract.landed_columns}
    return {
        name: value if value is None or _may_see(classes.get(name), personal) else MASK
        for name, value in values.items()
    }


def masked_key(contract: Contract, row: QuarantinedRow, *, personal: bool) -> str:
    """The row's key, made of its key columns as people may see them."""
    shown = masked(contract, {k: row.landed.get(k) for k in contract.key}, personal=personal)
    return "|".join(value or "" for value in shown.values())


def _may_see(classification: str | None, personal: bool) -> bool:
    if classification == "internal":
        return True
    return personal and classification not in (None, "direct_identifier")


def _row(row: Mapping[str, Any]) -> QuarantinedRow:
    # Numbers stay text: a float would round money.
    values = json.loads(row["row"], parse_float=str, parse_int=str)
    misfits = json.loads(values.pop("_cast_errors") or "{}")
    landed = {name: _text(value) for name, value in values.items()} | misfits
    return QuarantinedRow(
        batch_id=row["batch_id"],
        row_number=row["row_number"],
        source_id=row["source_id"],
        table=row["table_name"],
        row_key=row["row_key"],
        row_hash=row["row_hash"],
        rule_ids=tuple(row["rule_ids"]),
        quarantined_at=row["quarantined_at"],
        status=row["status"],
        landed=landed,
        misfits=frozenset(misfits),
        decisions=tuple(row["decisions"]),
    )


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def rule_names(contract: Contract, rule_ids: Sequence[str]) -> list[str]:
    """`id 名称` of each rule; the id alone where the contract no longer has it."""
    from qinglian.gate.checks import checks_of

    names = {check.rule_id: check.name_zh for check in checks_of(contract)}
    return [f"{rule_id} {names.get(rule_id, '')}".strip() for rule_id in rule_ids]


_FIND = """
select
    q.batch_id, q.row_number, q.source_id, q.table_name, q.row_key, q.row_hash, q.rule_ids,
    q.quarantined_at, q.status, cast(q."row" as text) as "row",
    coalesce(d.decisions, '[]') as decisions
from ops.quarantine as q
left join lateral (
    select jsonb_agg(to_jsonb(decision) order by decision.decision_id) as decisions
    from ops.quarantine_decision as decision
    where decision.batch_id = q.batch_id and decision.row_number = q.row_number
) as d on true
where (%(source_id)s::text is null or q.source_id = %(source_id)s)
    and (%(table)s::text is null or q.table_name = %(table)s)
    and (%(rule_id)s::text is null or %(rule_id)s = any (q.rule_ids))
    and (%(status)s::text is null or q.status = %(status)s)
    and (%(batch_id)s::bigint is null or q.batch_id = %(batch_id)s)
    and (%(row_numbers)s::bigint[] = '{}' or q.row_number = any (%(row_numbers)s))
order by q.batch_id, q.row_number
limit %(limit)s
"""
