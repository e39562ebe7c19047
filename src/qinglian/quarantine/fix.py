"""Correct values of a quarantined row, or discard rows for good."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyarrow as pa

from qinglian.contracts import Contract
from qinglian.extract.errors import own_failures_named
from qinglian.extract.pseudonym import Pseudonymiser
from qinglian.landing.journal import Journal
from qinglian.landing.spool import Spool
from qinglian.quarantine.decisions import Author, Decision, DecisionError, record
from qinglian.quarantine.rows import Filters, QuarantinedRow, find_rows
from qinglian.scratch import scratch_folder
from qinglian.settings import Settings
from qinglian.warehouse.server import Server
from qinglian.warehouse.transaction import transaction


def fix_row(
    settings: Settings,
    server: Server,
    contract: Contract,
    row: QuarantinedRow,
    values: Mapping[str, str | None],
    author: Author,
) -> Decision:
    """Correct columns of an open row; the row as landed stays what it was.

    `values` are texts that must fit the contract's types, None to empty a column. A column of
    personal identifiers takes the clear value, of which only the keyed digest is kept. Raises
    DecisionError naming row, column and what is wrong with the value, or that a disk is full.
    """
    with own_failures_named(row.name, DecisionError):
        return _fix_row(settings, server, contract, row, values, author)


def _fix_row(
    settings: Settings,
    server: Server,
    contract: Contract,
    row: QuarantinedRow,
    values: Mapping[str, str | None],
    author: Author,
) -> Decision:
    stored = _pseudonymised(server, contract, values)
    _check(settings, contract, row, stored)
    before = {column: row.corrected.get(column) for column in stored}
    changed = {c: v for c, v in stored.items() if v != before[c]}
    if not changed:
        raise DecisionError(f"{row.name}: the columns have these values already")
    decision = Decision(
        row.batch_id,
        row.row_number,
        "fix",
        before_values={c: before[c] for c in changed},
        after_values=changed,
    )
    _decide(settings, server, row.name, [decision], author)
    return decision


def discard_rows(settings: Settings, server: Server, filters: Filters, author: Author) -> int:
    """Discard the open rows of a filter; returns how many. They stay readable, with the reason.

    Raises DecisionError when one is no longer open, or a disk is full.
    """
    with server.connect("steward", autocommit=True) as connection:
        rows = find_rows(connection, filters)
    opened = [row for row in rows if row.status == "open"]
    decisions = [Decision(row.batch_id, row.row_number, "discard") for row in opened]
    where = opened[0].name if opened else "no row"
    with own_failures_named(where, DecisionError):
        _decide(settings, server, where, decisions, author)
    return len(decisions)


def as_record_batch(contract: Contract, rows: Sequence[QuarantinedRow]) -> pa.RecordBatch:
    """The rows as a source would send them: the contract's columns as text."""
    values = [row.corrected for row in rows]
    return pa.RecordBatch.from_pydict(
        {
            column.name: pa.array([v.get(column.name) for v in values], pa.string())
            for column in contract.landed_columns
        }
    )


@contextmanager
def spooled(
    settings: Settings, contract: Contract, rows: Sequence[QuarantinedRow]
) -> Iterator[Spool]:
    """A spool that has taken in the corrected rows, typed as any extract is."""
    with (
        scratch_folder(settings.spool_dir) as folder,
        Spool(folder / "rows", contract, settings.duckdb_memory_mb) as spool,
    ):
        spool.fill([as_record_batch(contract, rows)])
        yield spool


def _decide(
    settings: Settings, server: Server, where: str, decisions: Sequence[Decision], author: Author
) -> None:
    """Record decisions, one entry of the ledger a batch; `where` names them in messages."""
    with transaction(server.url("steward")) as tx:
        for batch_id in sorted({d.batch_id for d in decisions}):
            chosen = [d for d in decisions if d.batch_id == batch_id]
            record(tx, batch_id, chosen, author, settings.now())
    entered = f"{where}: the decision is entered and stands, its copy in the landing zone waits"
    with (
        own_failures_named(entered, DecisionError),
        server.connect("steward", autocommit=True) as connection,
    ):
        Journal(settings.landing_dir).catch_up(connection)


def _pseudonymised(
    server: Server, contract: Contract, values: Mapping[str, str | None]
) -> dict[str, str | None]:
    kinds = {c.name: c.pseudonym for c in contract.columns if c.pseudonym}
    pseudonymiser = Pseudonymiser(server.secrets.get("PSEUDONYM_KEY"))
    return {
        column: pseudonymiser.key_of(kinds[column], value) if value and column in kinds else value
        for column, value in values.items()
    }


def _check(
    settings: Settings, contract: Contract, row: QuarantinedRow, values: Mapping[str, str | None]
) -> None:
    if row.status != "open":
        raise DecisionError(f"{row.name}: it is {row.status} already and cannot be changed")
    columns = {column.name: column for column in contract.landed_columns}
    for name, value in values.items():
        if name not in columns:
            raise DecisionError(
                f"{row.name}: {contract.table} has no column {name}; its columns are"
                f" {', '.join(columns)}"
            )
        if name == "org_code":
            raise DecisionError(f"{row.name}: org_code says whose row it is and cannot be changed")
        if value is None and columns[name].required:
            raise DecisionError(f"{row.name}: {name} may not be empty")
    corrected = QuarantinedRow(
        **{**vars(row), "landed": {**row.corrected, **values}, "decisions": ()}
    )
    with spooled(settings, contract, [corrected]) as spool:
        ((_, _, misfits),) = spool.taken_in()
    for name, value in json.loads(misfits or "{}").items():
        if name in values:
            raise DecisionError(
                f"{row.name}: '{value}' does not fit {name}, which is"
                f" {columns[name].physical_type}; give a value of that type"
            )
