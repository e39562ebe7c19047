"""What reviewers say of two records: added, never changed, followed by every resolution."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from qinglian.extract.errors import own_failures_named
from qinglian.landing import ledger
from qinglian.landing.journal import Journal, JournalError
from qinglian.landing.verdicts import insert_rows
from qinglian.settings import Settings
from qinglian.warehouse.server import Server
from qinglian.warehouse.transaction import Transaction, transaction


class SupplierDecisionError(ValueError):
    """A decision cannot be taken; the message says why and what to do."""


@dataclass(frozen=True)
class PairFilter:
    """Which pairs to list: of one outcome or all, at most so many."""

    outcome: str | None
    limit: int


def decide(
    settings: Settings, server: Server, pair: tuple[str, str], action: str, by: str, reason: str
) -> tuple[str, str]:
    """Record that two records are one company's (`confirm`) or not (`split`), in the ledger too.

    A supplier id stands for the first of its records. Returns the two records in order.
    Raises SupplierDecisionError.
    """
    if not by.strip() or not reason.strip():
        raise SupplierDecisionError("a decision needs a name (--by) and a reason (--reason)")
    first, second = pair
    journal = Journal(settings.landing_dir)
    with server.connect("steward", autocommit=True) as connection:
        try:
            journal.must_continue(connection)
        except JournalError as error:
            raise SupplierDecisionError(str(error)) from error
        a, b = sorted((_record(connection, first), _record(connection, second)))
    if a == b:
        raise SupplierDecisionError(
            f"{first} and {second} are the same record {a}; name two records of"
            " `qinglian suppliers list --members`"
        )
    _enter(server, (a, b, action, by, reason))
    entered = f"{action} {a} {b}: the decision is entered, its copy in the landing zone waits"
    with (
        own_failures_named(entered, SupplierDecisionError),
        server.connect("steward", autocommit=True) as connection,
    ):
        journal.catch_up(connection)
    return a, b


def _enter(server: Server, values: tuple[str, ...]) -> None:
    """Add a decision and its entry in the ledger in one transaction."""
    with transaction(server.url("steward")) as tx:
        row = tx.one(
            "insert into ops.supplier_decision (record_a, record_b, action, decided_by, reason)"
            " values ($1, $2, $3, $4, $5) returning cast(to_jsonb(supplier_decision) as text)",
            *values,
        )
        assert row is not None  # noqa: S101 - insert … returning gives a row
        ledger.append(tx, ledger.NO_BATCH, "supplier", json.loads(row[0]))


def restore(tx: Transaction, facts: Mapping[str, Any]) -> None:
    """Write a decision as it stands in the ledger."""
    insert_rows(tx, "ops.supplier_decision", [facts])


def _record(connection: Connection, given: str) -> str:
    row = connection.execute(
        "select record_id from ops.supplier_member where resolution_id ="
        " (select max(resolution_id) from ops.supplier_resolution)"
        " and %s in (record_id, supplier_id) order by record_id <> %s, record_id limit 1",
        (given, given),
    ).fetchone()
    if row is None:
        raise SupplierDecisionError(
            f"no record or supplier {given} in the latest resolution; `qinglian suppliers list"
            " --members` shows them, `qinglian suppliers resolve` brings them up to date"
        )
    return str(row[0])


_PAIRS = """
select
    match.record_a, one.name as name_a, match.record_b, two.name as name_b,
    match.probability, match.outcome, match.evidence,
    decision.action, decision.decided_by, decision.decided_at, decision.reason
from ops.supplier_match as match
inner join ops.supplier_member as one
    on one.resolution_id = match.resolution_id and one.record_id = match.record_a
inner join ops.supplier_member as two
    on two.resolution_id = match.resolution_id and two.record_id = match.record_b
left join lateral (
    select * from ops.supplier_decision
    where supplier_decision.record_a = match.record_a
        and supplier_decision.record_b = match.record_b
    order by decision_id desc limit 1
) as decision on true
where match.resolution_id = (select max(resolution_id) from ops.supplier_resolution)
    and (cast(%(outcome)s as text) is null or match.outcome = %(outcome)s)
order by match.probability desc, match.record_a, match.record_b
limit %(limit)s
"""

_MEMBERS = """
select supplier_id, record_id, role, name
from ops.supplier_member
where resolution_id = (select max(resolution_id) from ops.supplier_resolution)
order by supplier_id, record_id
"""


def list_pairs(connection: Connection, chosen: PairFilter) -> list[dict[str, Any]]:
    """Pairs of the latest resolution with evidence and the last decision on each."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_PAIRS, {"outcome": chosen.outcome, "limit": chosen.limit}).fetchall()


def list_members(connection: Connection) -> list[dict[str, Any]]:
    """All records of the latest resolution with the supplier that each belongs to."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_MEMBERS).fetchall()
