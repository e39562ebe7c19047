"""What the gate writes into the warehouse: verdicts and quarantined rows.

Both writers add rows and change none, so that the loader needs no more than insert; doing it again
for the same batch changes nothing.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from psycopg import Connection

from qinglian.contracts import Contract
from qinglian.gate.landed import LandedFile
from qinglian.gate.outcome import GateResult, RuleOutcome

OPS_QUALITY_DDL = """
create table if not exists ops.quality_result (
    result_id bigint generated always as identity primary key,
    batch_id bigint references ops.batch,
    source_id text not null,
    org_code varchar(12),
    table_name text not null,
    rule_id text not null,
    rule_name_zh text not null,
    dimension text not null,
    severity text not null check (severity in ('error', 'warning')),
    level text not null check (level in ('row', 'batch')),
    evaluated bigint not null,
    failed bigint not null,
    not_evaluated bigint not null,
    not_evaluated_reason text,
    success boolean,
    checked_at timestamp not null,
    unique (batch_id, rule_id),
    check (failed <= evaluated)
);
comment on table ops.quality_result is
    '质量检查结果：每批次每规则一行；batch_id 为空的是集市检查；success 为空表示未能检查';
create table if not exists ops.quarantine (
    batch_id bigint not null references ops.batch,
    row_number bigint not null,
    source_id text not null,
    table_name text not null,
    row_key text not null,
    row_hash char(64) not null,
    rule_ids text[] not null,
    "row" jsonb not null,
    quarantined_at timestamp not null,
    status text not null default 'open' check (status in ('open', 'released', 'discarded')),
    primary key (batch_id, row_number)
);
create index if not exists quarantine_source_table
    on ops.quarantine (source_id, table_name, status);
comment on table ops.quarantine is '隔离区：违反规则的行，按落地时的内容（已假名化）整行保存';
"""

_QUALITY = """
insert into ops.quality_result (
    batch_id, source_id, org_code, table_name, rule_id, rule_name_zh, dimension, severity, level,
    evaluated, failed, not_evaluated, not_evaluated_reason, success, checked_at
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict do nothing
"""

_QUARANTINE = """
insert into ops.quarantine (
    batch_id, row_number, source_id, table_name, row_key, row_hash, rule_ids, "row", quarantined_at
)
select
    %s, r.row_number, %s, %s, r.row_key, r.row_hash,
    array(select jsonb_array_elements_text(r.rule_ids)), r."row", %s
from jsonb_to_recordset(%s::jsonb) as r(
    row_number bigint, row_key text, row_hash text, rule_ids jsonb, "row" jsonb
)
on conflict do nothing
"""

_ROWS_AT_ONCE = 2000


def write_quality(
    connection: Connection[Any], result: GateResult, org_code: str | None = None
) -> None:
    """One row a rule into `ops.quality_result`.

    `org_code` is that of a source which serves one organisation; what a rule found in a source of
    many is in `ops.quality_month` by organisation.
    """
    write_outcomes(
        connection,
        result.outcomes,
        (result.batch_id, result.source_id, result.table, result.checked_at),
        org_code,
    )


def write_outcomes(
    connection: Connection[Any],
    outcomes: Iterable[RuleOutcome],
    of: tuple[int | None, str, str, object],
    org_code: str | None = None,
) -> None:
    """Verdicts of batch id (None for the marts), source id, table and time `of`."""
    batch_id, source_id, table, checked_at = of
    with connection.cursor() as cursor:
        cursor.executemany(
            _QUALITY,
            [
                (
                    *(batch_id, source_id, org_code, table),
                    *(o.check.rule_id, o.check.name_zh, o.check.dimension),
                    *(o.check.severity, o.check.level),
                    *(o.evaluated, o.failed, o.not_evaluated, o.not_evaluated_reason),
                    *(o.success, checked_at),
                )
                for o in outcomes
            ],
        )


def write_quarantine(
    connection: Connection[Any],
    contract: Contract,
    result: GateResult,
    file: Path,
    memory_mb: int = 400,
) -> None:
    """The failing rows of a file into `ops.quarantine`, whole, as they were landed."""
    waiting = _records(contract, result, file, memory_mb)
    while records := list(islice(waiting, _ROWS_AT_ONCE)):
        connection.execute(
            _QUARANTINE,
            (
                *(result.batch_id, result.source_id, result.table, result.checked_at),
                "[" + ",".join(records) + "]",
            ),
        )


def _records(contract: Contract, result: GateResult, file: Path, memory_mb: int) -> Iterator[str]:
    if not result.failures:
        return
    rules = {failure.row_number: failure.rule_ids for failure in result.failures}
    with LandedFile(contract, file, memory_mb) as landed:
        for number, key, row_hash, row in landed.rows_as_json(sorted(rules)):
            head = {
                "row_number": number,
                "row_key": key,
                "row_hash": row_hash,
                "rule_ids": rules[number],
            }
            # The row is JSON already; reading it back here could round its numbers. jsonb cannot
            # hold a zero character.
            row_json = row.replace("\\u0000", "\\ufffd")
            yield json.dumps(head, ensure_ascii=False)[:-1] + f', "row": {row_json}}}'
