"""How often each rule failed in a table's last checks, for the data docs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

#: Checks of a table that a trend goes back.
CHECKS = 6

_LAST_CHECKS = """
with checks as (
    select distinct source_id, table_name, batch_id, checked_at from ops.quality_result
),
numbered as (
    select *, row_number() over (
        partition by source_id, table_name order by checked_at desc, batch_id desc
    ) as age
    from checks
)
select r.source_id, r.table_name, r.checked_at, n.age, r.rule_id, r.rule_name_zh, r.evaluated,
    r.failed
from ops.quality_result r
join numbered n on n.source_id = r.source_id and n.table_name = r.table_name
    and n.checked_at = r.checked_at and n.batch_id is not distinct from r.batch_id
where n.age <= %s
order by r.source_id, r.table_name, n.age desc, r.rule_id
"""

#: Failed and evaluated; None where the check did not ask the rule or it could not be evaluated.
Count = tuple[int, int] | None


@dataclass(frozen=True)
class Trend:
    """The last checks of a table, oldest first, and what each rule that ever failed found in them.

    `rules` is name and one count a check, in the order of `checked_at`.
    """

    checked_at: tuple[datetime, ...]
    rules: tuple[tuple[str, tuple[Count, ...]], ...]


def rule_trends(connection: Connection[Any]) -> Mapping[tuple[str, str], Trend]:
    """The trend of each source and table, as the auditor may read it."""
    found: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for source_id, table, *rest in connection.execute(_LAST_CHECKS, (CHECKS,)):
        found.setdefault((source_id, table), []).append(tuple(rest))
    return {key: _trend(verdicts) for key, verdicts in found.items()}


def _trend(verdicts: list[tuple[Any, ...]]) -> Trend:
    """Of rows (checked at, age, rule id, name, evaluated, failed), oldest check first."""
    checks = {age: checked_at for checked_at, age, *_ in verdicts}
    names = {rule_id: name for _, _, rule_id, name, _, failed in verdicts if failed}
    counts = {
        (rule_id, age): (failed, evaluated)
        for _, age, rule_id, _, evaluated, failed in verdicts
        if evaluated
    }
    return Trend(
        tuple(checks.values()),
        tuple(
            (name, tuple(counts.get((rule_id, age)) for age in checks))
            for rule_id, name in names.items()
        ),
    )
