"""A batch by organisation and business month, so that a verdict can be laid at the right door.

One batch of a city's platform holds rows of many hospitals and a first batch rows of many months.
`ops.quality_result` says how often a rule failed in the batch; the tables here say for whom and in
which month. Only what failed or could not be evaluated is kept for each rule: what was evaluated
follows from the rows of the batch.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from psycopg import Connection

from qinglian.contracts import Contract
from qinglian.gate.checks import Check
from qinglian.gate.landed import LandedFile

OPS_BREAKDOWN_DDL = """
create table if not exists ops.batch_month (
    batch_id bigint not null references ops.batch,
    org_code varchar(12),
    business_month date,
    rows bigint not null,
    quarantined bigint not null,
    duplicates bigint not null,
    vanished bigint not null,
    amount numeric(24, 2),
    quarantined_amount numeric(24, 2),
    duplicate_amount numeric(24, 2),
    vanished_amount numeric(24, 2),
    unique nulls not distinct (batch_id, org_code, business_month)
);
comment on table ops.batch_month is
    '批次按机构与业务月份的分解：rows 与 amount（控制总额）不含重复行与源端已删除行';
create table if not exists ops.quality_month (
    batch_id bigint not null references ops.batch,
    rule_id text not null,
    org_code varchar(12),
    business_month date,
    failed bigint not null,
    not_evaluated bigint not null,
    unique nulls not distinct (batch_id, rule_id, org_code, business_month)
);
comment on table ops.quality_month is
    '行级规则按机构与业务月份的分解，只记未通过或未能检查的；检查行数由 ops.batch_month 得出';
"""

_BATCH_MONTH = """
insert into ops.batch_month (
    batch_id, org_code, business_month, rows, quarantined, duplicates, vanished, amount,
    quarantined_amount, duplicate_amount, vanished_amount
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict do nothing
"""
_QUALITY_MONTH = """
insert into ops.quality_month (
    batch_id, rule_id, org_code, business_month, failed, not_evaluated
)
values (%s, %s, %s, %s, %s, %s)
on conflict do nothing
"""

Group = tuple[str | None, date | None]


@dataclass(frozen=True)
class RowCounts:
    """Rows of one organisation and business month in a batch.

    `rows` and `amount` leave out duplicates and vanished rows and include the quarantined ones.
    Amounts are sums of the contract's control total in CNY, None where there is nothing to sum.
    """

    rows: int
    quarantined: int
    duplicates: int
    vanished: int
    amount: Decimal | None
    quarantined_amount: Decimal | None
    duplicate_amount: Decimal | None
    vanished_amount: Decimal | None


@dataclass(frozen=True)
class RuleCounts:
    """Rows of one organisation and business month that fail a rule or that it cannot judge."""

    rule_id: str
    failed: int
    not_evaluated: int


@dataclass(frozen=True)
class Breakdown:
    """One batch by organisation and business month."""

    rows: Mapping[Group, RowCounts]
    rules: Sequence[tuple[Group, RuleCounts]]


EMPTY = Breakdown({}, ())


def break_down(
    contract: Contract,
    landed: LandedFile,
    checks: Iterable[Check],
    flags: pa.Table,
    quarantined: Sequence[int],
) -> Breakdown:
    """Count a batch's rows, and its row checks' failures, by organisation and business month.

    `flags` has one row a live row in the order of `_row_no`, and one boolean column a check.
    """
    return Breakdown(
        _row_counts(contract, landed, quarantined), _rule_counts(contract, landed, checks, flags)
    )


def write_breakdown(connection: Connection[Any], batch_id: int, breakdown: Breakdown) -> None:
    """Add the breakdown of a batch; doing it again for the same batch changes nothing."""
    with connection.cursor() as cursor:
        cursor.executemany(
            _BATCH_MONTH,
            [
                (
                    *(batch_id, org_code, month),
                    *(c.rows, c.quarantined, c.duplicates, c.vanished),
                    *(c.amount, c.quarantined_amount, c.duplicate_amount, c.vanished_amount),
                )
                for (org_code, month), c in breakdown.rows.items()
            ],
        )
        cursor.executemany(
            _QUALITY_MONTH,
            [
                (batch_id, c.rule_id, org_code, month, c.failed, c.not_evaluated)
                for (org_code, month), c in breakdown.rules
            ],
        )


def _month_sql(contract: Contract) -> str:
    """The business month of a row; null where the table dates its rows by nothing of its own."""
    column = contract.cursor.business_column or contract.cursor.own_column
    known = {c.name for c in contract.landed_columns}
    if column not in known:
        return "cast(null as date)"
    return f"cast(date_trunc('month', cast(\"{column}\" as timestamp)) as date)"


def _groups(contract: Contract, landed: LandedFile) -> pa.Table:
    return landed.table(
        f"org_code, {_month_sql(contract)} as business_month", order="order by _row_no"
    )


def _row_counts(
    contract: Contract, landed: LandedFile, quarantined: Sequence[int]
) -> dict[Group, RowCounts]:
    total = contract.control_total
    amount = f'cast("{total}" as decimal(24, 2))' if total else "cast(null as decimal(24, 2))"
    fates = ("live", "live and out", "_duplicate and not src_is_deleted", "src_is_deleted")
    counts_of_fates = [f"count(*) filter (where {fate})" for fate in fates]
    amounts_of_fates = [f"sum({amount}) filter (where {fate})" for fate in fates]
    rows = landed.grouped(
        f"org_code, {_month_sql(contract)}",
        ", ".join([*counts_of_fates, *amounts_of_fates]),
        quarantined,
    )
    return {(org_code, month): RowCounts(*counts) for org_code, month, *counts in rows}


def _rule_counts(
    contract: Contract, landed: LandedFile, checks: Iterable[Check], flags: pa.Table
) -> list[tuple[Group, RuleCounts]]:
    counts: list[tuple[Group, RuleCounts]] = []
    groups: pa.Table | None = None
    for check in checks:
        flag = flags[check.flag]
        # Nearly every rule passes on nearly every row: only what did not is grouped.
        is_odd = pc.or_kleene(pc.is_null(flag), pc.invert(flag))
        if not pc.any(is_odd).as_py():
            continue
        if groups is None:
            groups = _groups(contract, landed)
        odd = groups.append_column("flag", flag).filter(is_odd)
        counted = odd.group_by(["org_code", "business_month"]).aggregate(
            [("flag", "count", pc.CountOptions("only_valid")), ([], "count_all")]
        )
        for row in counted.to_pylist():
            failed = row["flag_count"]
            counts.append(
                (
                    (row["org_code"], row["business_month"]),
                    RuleCounts(check.rule_id, failed, row["count_all"] - failed),
                )
            )
    return counts
