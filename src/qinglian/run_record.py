"""Rows of `ops.run`: what each step did, and how it ended.

Every state of a row is an entry of the ledger, so that a lost database gets its runs back, those
without a batch among them.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from adbc_driver_manager import Error as DriverError
from psycopg import Connection

from qinglian.landing import ledger
from qinglian.landing.journal import Journal, JournalError
from qinglian.landing.verdicts import insert_rows
from qinglian.settings import Settings
from qinglian.warehouse.server import Server
from qinglian.warehouse.transaction import Transaction, as_json, transaction

#: First key of the advisory locks of steps that run; the second is the run's number.
_RUN_LOCKS = 7_100_002

#: A step whose row says that it runs and whose lock is free was killed. Backfills hold no lock: the
#: same backfill takes its row up again.
_CLOSE_KILLED_RUNS = f"""
update ops.run set finished_at = localtimestamp, status = 'failed',
    message = '进程被终止 the process was killed; run it again'
where status = 'running' and kind <> 'backfill'
    and pg_try_advisory_xact_lock({_RUN_LOCKS}, cast(run_id as int))
returning run_id
"""

_COLUMNS = (
    *("run_id", "kind", "source_id", "as_of", "from_date"),
    *("started_at", "finished_at", "status", "message"),
)


@dataclass
class Run:
    """A row of ops.run while its step runs; `message` is what to say of a success."""

    run_id: int
    message: str | None = None


@contextmanager
def recorded_run(
    settings: Settings, server: Server, kind: str, source_id: str | None, as_of: date
) -> Iterator[Run]:
    """A row of ops.run around a step.

    While the step runs it holds a lock on its number, by which later steps know that it was not
    killed: of those that were, the rows are closed as failed here. Raises JournalError, before
    anything is written, when the database is not that of the landing zone.
    """
    journal = Journal(settings.landing_dir)
    with server.connect("loader", autocommit=True) as connection:
        journal.must_continue(connection)
        _close_killed_runs(server)
        run = Run(_new_number(connection))
        connection.execute("select pg_advisory_lock(%s, %s)", (_RUN_LOCKS, run.run_id))
        begin_run(server, run.run_id, {"kind": kind, "source_id": source_id, "as_of": str(as_of)})
        try:
            yield run
        except BaseException as error:
            # Perhaps it was the database or the disk that failed: then the error is what there is
            # to tell, and the next step writes what this one could not.
            with suppress(psycopg.Error, DriverError, JournalError, OSError):
                end_run(settings, server, run.run_id, "failed", str(error)[:4000])
            raise
        end_run(settings, server, run.run_id, "success", run.message)


def new_run(server: Server, facts: Mapping[str, Any]) -> int:
    """Begin a run that holds no lock, since it may be taken up again; returns its number."""
    with server.connect("loader", autocommit=True) as connection:
        number = _new_number(connection)
    begin_run(server, number, facts)
    return number


def begin_run(server: Server, run_id: int, facts: Mapping[str, Any]) -> None:
    """Add the row of a run and its entry in the ledger."""
    with transaction(server.url("loader")) as tx:
        insert_rows(tx, "ops.run", [{"run_id": run_id, **facts}])
        enter_run(tx, run_id)


def end_run(
    settings: Settings, server: Server, run_id: int, status: str, message: str | None
) -> None:
    """Close the row of a run, on a connection that nothing has cut meanwhile."""
    with transaction(server.url("loader")) as tx:
        tx.execute(
            "update ops.run set finished_at = localtimestamp, status = $1,"
            f" message = nullif($2, '') where run_id = {run_id}",
            *(status, message or ""),
        )
        enter_run(tx, run_id)
    with server.connect("loader", autocommit=True) as connection:
        Journal(settings.landing_dir).catch_up(connection)


def enter_run(tx: Transaction, run_id: int) -> None:
    """Enter the present state of a run in the ledger, within the caller's transaction."""
    row = tx.one(f"select cast(to_jsonb(r) as text) from ops.run as r where run_id = {run_id}")
    assert row is not None  # noqa: S101 - the caller has just written it
    ledger.append(tx, ledger.NO_BATCH, "run", json.loads(row[0]))


def restore_run(tx: Transaction, facts: Mapping[str, Any]) -> None:
    """Bring a run to the state that an entry of the ledger tells of."""
    columns = ", ".join(_COLUMNS)
    values = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
    tx.execute(
        f"insert into ops.run ({columns}) overriding system value select {columns}"
        " from jsonb_populate_record(null::ops.run, cast(cast($1 as text) as jsonb))"
        f" on conflict (run_id) do update set {values}",
        as_json(facts),
    )


def _close_killed_runs(server: Server) -> None:
    with transaction(server.url("loader")) as tx:
        for run_id in tx.fetch(_CLOSE_KILLED_RUNS)["run_id"].to_pylist():
            enter_run(tx, run_id)


def _new_number(connection: Connection) -> int:
    row = connection.execute(
        "select nextval(pg_get_serial_sequence('ops.run', 'run_id'))"
    ).fetchone()
    assert row is not None  # noqa: S101 - nextval always gives a row
    return int(row[0])
