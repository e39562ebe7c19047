"""What people decided on quarantined rows: added, never changed, and chained in the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from qinglian.landing import ledger
from qinglian.landing.verdicts import insert_rows
from qinglian.warehouse.transaction import Transaction, as_json

OPS_DECISION_DDL = """
create table if not exists ops.quarantine_decision (
    decision_id bigint generated always as identity primary key,
    batch_id bigint not null,
    row_number bigint not null,
    action text not null check (action in ('fix', 'release', 'refuse', 'discard')),
    decided_at timestamp not null,
    decided_by text not null check (trim(decided_by) <> ''),
    reason text not null check (trim(reason) <> ''),
    before_values jsonb,
    after_values jsonb,
    message text,
    released_batch_id bigint references ops.batch,
    released_row_key text,
    moved boolean not null default false,
    foreign key (batch_id, row_number) references ops.quarantine
);
create index if not exists quarantine_decision_row
    on ops.quarantine_decision (batch_id, row_number, decision_id);
comment on table ops.quarantine_decision is
    '隔离行的处理记录，只增不改：fix 更正、release 放行、refuse 放行未通过、discard 作废';
comment on column ops.quarantine_decision.moved is
    '更正改动了主键或游标字段：来源仍以原来的主键或日期给出这一行';
"""

#: Action -> the state that it brings the row to.
_STATUS = {"release": "released", "discard": "discarded"}


class DecisionError(ValueError):
    """A decision cannot be taken; the message names the row and says why and what to do."""


@dataclass(frozen=True)
class Author:
    """Who decides, and why."""

    name: str
    reason: str

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.reason.strip():
            raise DecisionError("a decision needs a name (--by) and a reason (--reason)")


@dataclass(frozen=True)
class Decision:
    """One decision on one row.

    `before_values` and `after_values` are the columns that a fix changed, as text. A release names
    the batch in which the row went on and the row's key there; `moved` says that a fix changed its
    key or its place in the cursor's column, so that the source still shows the row elsewhere.
    `message` says which rules refuse the row.
    """

    batch_id: int
    row_number: int
    action: str
    before_values: Mapping[str, str | None] | None = None
    after_values: Mapping[str, str | None] | None = None
    message: str | None = None
    released_batch_id: int | None = None
    released_row_key: str | None = None
    moved: bool = False


def record(
    tx: Transaction, batch_id: int, decisions: Sequence[Decision], author: Author, at: datetime
) -> None:
    """Add decisions and their entry in the ledger within the caller's transaction.

    `batch_id` is the batch that the ledger's entry is about: the one that a release made, else
    that of the rows. Raises DecisionError when a row is no longer open.
    """
    if not decisions:
        return
    _must_be_open(tx, decisions)
    ids = tx.fetch(
        "select nextval(pg_get_serial_sequence('ops.quarantine_decision', 'decision_id')) as id"
        f" from generate_series(1, {len(decisions)})"
    )["id"].to_pylist()
    about = {"decided_at": str(at), "decided_by": author.name, "reason": author.reason}
    rows = [
        {"decision_id": number, **asdict(decision), **about}
        for number, decision in zip(ids, decisions, strict=True)
    ]
    restore(tx, rows)
    ledger.append(tx, batch_id, "quarantine", {"decisions": rows})


def restore(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write decisions as they stand in the ledger, and bring their rows to the state they say."""
    insert_rows(tx, "ops.quarantine_decision", rows)
    for action, status in _STATUS.items():
        chosen = [r for r in rows if r["action"] == action]
        if chosen:
            tx.execute(
                f"update ops.quarantine as q set status = '{status}' from {_GIVEN_ROWS}"
                " where q.batch_id = given.batch_id and q.row_number = given.row_number",
                _row_ids(chosen),
            )


_GIVEN_ROWS = (
    "jsonb_to_recordset(cast(cast($1 as text) as jsonb) -> 'rows')"
    " as given (batch_id bigint, row_number bigint)"
)


def _row_ids(rows: Sequence[Mapping[str, Any]]) -> str:
    ids = [{"batch_id": r["batch_id"], "row_number": r["row_number"]} for r in rows]
    return as_json({"rows": ids})


def _must_be_open(tx: Transaction, decisions: Sequence[Decision]) -> None:
    """Lock the rows, so that two people cannot decide differently at once."""
    found = tx.fetch(
        f"select q.batch_id, q.row_number, q.status from ops.quarantine as q, {_GIVEN_ROWS}"
        " where q.batch_id = given.batch_id and q.row_number = given.row_number"
        " for update of q",
        _row_ids([asdict(decision) for decision in decisions]),
    ).to_pylist()
    states = {(row["batch_id"], row["row_number"]): row["status"] for row in found}
    for decision in decisions:
        state = states.get((decision.batch_id, decision.row_number))
        if state != "open":
            raise DecisionError(
                f"batch {decision.batch_id}, row {decision.row_number}:"
                f" {f'it is {state} already' if state else 'there is no such row in quarantine'};"
                " `qinglian quarantine show` tells who decided what"
            )
