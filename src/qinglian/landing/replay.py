"""The warehouse's `land` and `ops` made anew from the landing zone: ledger, files and verdicts.

Each entry of the ledger is one transaction: its effect, and the entry itself as it was. A replay
that was ended goes on where it stopped. No source is read and no rule is asked again: what the gate
said then is in the verdicts.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from qinglian.contracts import Contract
from qinglian.detection import restore_detection
from qinglian.drop.record import restore_delivery
from qinglian.extract import drift
from qinglian.file_hash import sha256_of
from qinglian.landing import batches, leads, ledger
from qinglian.landing.journal import Journal
from qinglian.landing.told import TOLD, Told
from qinglian.landing.verdicts import Verdict, insert_rows, read_verdict, restore_verdict
from qinglian.notices.record import restore as restore_notice
from qinglian.quarantine.decisions import restore as restore_decisions
from qinglian.run_record import restore_run
from qinglian.suppliers import decisions as supplier_decisions
from qinglian.warehouse.server import Server
from qinglian.warehouse.transaction import Transaction, transaction

#: What a replay fills, children first.
_TABLES = (
    *("ops.backdated_change", "ops.delivery"),
    *("ops.quarantine_decision", "ops.quarantine", "ops.ledger_entry"),
    *("ops.batch_month", "ops.quality_month", "ops.lead_register"),
)
_NUMBERED = (
    ("ops.batch", "batch_id"),
    ("ops.run", "run_id"),
    ("ops.detection", "detection_id"),
    ("ops.quarantine_decision", "decision_id"),
    ("ops.delivery", "delivery_id"),
    ("ops.supplier_decision", "decision_id"),
    ("ops.notice", "notice_id"),
)
_NOTHING = Verdict((), ())
#: Cursor kind of a batch -> kind of its run, where it is no ingest.
_RUN_KINDS = {"backfill": "backfill", "deep": "deep_reload", "release": "release"}


#: Events that are no batch's -> what brings their rows back.
_RESTORED: Mapping[str, Callable[[Transaction, Mapping[str, Any]], None]] = {
    "delivered": restore_delivery,
    "quarantine": lambda tx, facts: restore_decisions(tx, facts["decisions"]),
    "run": restore_run,
    "detection": restore_detection,
    "columns": lambda tx, facts: drift.restore(tx, facts["columns"]),
    "supplier": supplier_decisions.restore,
    "notice": restore_notice,
}


class ReplayError(RuntimeError):
    """The landing zone cannot be replayed; the message names the file or entry and the remedy."""


@dataclass(frozen=True)
class ReplayReport:
    """What a replay did."""

    entries: int
    batches: int
    rows: int


def check_landing_zone(landing_dir: Path, contracts: Mapping[str, Contract]) -> list[ledger.Entry]:
    """The ledger, after it was made sure that a replay of it can come to its end.

    Raises ReplayError naming all files that are missing or changed and all batches that cannot be
    loaded again, JournalError for the ledger.
    """
    chain = Journal(landing_dir).read()
    faults = [
        fault
        for entry in chain
        for path, digest in _files_of(json.loads(entry.payload))
        if (fault := _fault(landing_dir / path, digest))
    ]
    faults += [fault for entry in chain if (fault := _unplayable(entry, contracts))]
    if faults:
        raise ReplayError(
            "the landing zone cannot be replayed, nothing was changed:\n"
            + "\n".join(faults)
            + "\nRemedy: bring missing or changed files back from the backup of the landing zone"
        )
    return chain


def replay(server: Server, landing_dir: Path, contracts: Mapping[str, Contract]) -> ReplayReport:
    """Load everything that the ledger says and the database does not have yet.

    Raises ReplayError when a file is not what the ledger says, or when the database holds entries
    that the landing zone does not have.
    """
    chain = Journal(landing_dir).read()
    with server.connect("owner", autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (ledger.CHAIN_LOCK,))
        done = _entries_done(connection, chain)
        player = _Player(server.url("owner"), landing_dir, contracts, chain)
        for entry in chain[done:]:
            player.apply(entry)
        _advance_numbers(connection)
    return ReplayReport(len(chain) - done, player.batches, player.rows)


def empty_warehouse(connection: Connection, contracts: Iterable[Contract]) -> None:
    """Remove what a replay brings back, as the owner, in one transaction.

    The checks of marts stay: they are no part of the landing zone. So does what was noted before
    the ledger told of it: runs, detections, learnt columns and decisions on suppliers.
    """
    land = [f"land.{contract.table}" for contract in contracts]
    told = [(table, _rows_told(connection, table)) for table in TOLD]
    with connection.transaction():
        connection.execute(f"truncate {', '.join([*land, *_TABLES])}")
        connection.execute("delete from ops.quality_result where batch_id is not null")
        connection.execute("delete from ops.batch")
        for table, rows in told:
            name = f"ops.{table.table}"
            same = " and ".join(f"held.{column} = told.{column}" for column in table.key)
            connection.execute(
                f"delete from {name} as held"
                f" using jsonb_populate_recordset(null::{name}, %s) as told where {same}",
                (Jsonb(rows),),
            )


def _rows_told(connection: Connection, table: Told) -> list[Mapping[str, Any]]:
    """The rows of a table that the ledger's entries hold, each in all states that it had."""
    payloads = connection.execute(
        "select payload from ops.ledger_entry where event = %s order by entry_no", (table.event,)
    ).fetchall()
    return [row for (payload,) in payloads for row in table.rows(json.loads(payload))]


def digests(connection: Connection, contracts: Iterable[Contract]) -> dict[str, str]:
    """Rows and content of each table of `land` and `ops` that a replay brings back, as text.

    The digest does not depend on the order of rows; two tables with the same have the same rows.
    """
    whole = [f"land.{contract.table}" for contract in contracts]
    whole += ["ops.batch", "ops.ledger_entry", "ops.quarantine_decision"]
    whole += ["ops.backdated_change", "ops.delivery"]
    whole += ["ops.run", "ops.detection", "ops.source_column", "ops.supplier_decision"]
    whole += ["ops.lead_register", "ops.notice"]
    found = {
        table: _digest(connection, f"select to_jsonb(t) as r from {table} as t") for table in whole
    }
    of_the_gate = ("quarantine", "quality_result", "batch_month", "quality_month")
    for table in (f"ops.{name}" for name in of_the_gate):
        # A batch between gate and load is asked again by the next ingest. The number of a verdict
        # is the database's own and says nothing of the data.
        found[table] = _digest(
            connection,
            f"select to_jsonb(t) - 'result_id' as r from {table} as t"
            " inner join ops.batch as b on t.batch_id = b.batch_id where b.state <> 'landed'",
        )
    return found


def _digest(connection: Connection, rows: str) -> str:
    # 16 hex digits as a number of 64 bits: their sum is the same in every order.
    found = connection.execute(
        "select count(*), coalesce(sum(cast(cast('x' || left(encode(sha256(convert_to("
        f"cast(r as text), 'UTF8')), 'hex'), 16) as bit(64)) as bigint)), 0) from ({rows}) as t"
    ).fetchone()
    assert found is not None  # noqa: S101 - an aggregate always gives one row
    return f"{found[0]} rows, {found[1]}"


class _Player:
    """Applies entries of the ledger in order."""

    def __init__(
        self,
        url: str,
        landing_dir: Path,
        contracts: Mapping[str, Contract],
        chain: Iterable[ledger.Entry],
    ) -> None:
        self._url = url
        self._landing_dir = landing_dir
        self._contracts = contracts
        self._landed = {e.batch_id: json.loads(e.payload) for e in chain if e.event == "landed"}
        self.batches = 0
        self.rows = 0

    def apply(self, entry: ledger.Entry) -> None:
        """The effect of an entry and the entry itself, in one transaction."""
        facts = json.loads(entry.payload)
        if fault := _unplayable(entry, self._contracts):
            raise ReplayError(fault)
        with transaction(self._url) as tx:
            if entry.event == "landed":
                self._land(tx, facts)
            elif entry.event == "loaded":
                self._load(tx, entry, facts)
            elif entry.event == "rejected":
                self._reject(tx, entry, facts)
            elif entry.event == "leads":
                self._find(tx, facts)
            else:
                _RESTORED[entry.event](tx, facts)
            _insert_entry(tx, entry)

    def _land(self, tx: Transaction, facts: Mapping[str, Any]) -> None:
        _restore_untold_run(tx, facts)
        batches.insert_landed(tx, facts)
        self.batches += 1

    def _load(self, tx: Transaction, entry: ledger.Entry, facts: Mapping[str, Any]) -> None:
        landed = self._landed[entry.batch_id]
        verdict = self._verdict(entry, facts)
        loaded = 0
        if landed["file_path"]:
            copied = batches.copy_rows(
                tx,
                _as_landed(landed),
                self._contract(landed),
                self._checked(landed["file_path"], landed["file_sha256"]),
                verdict.quarantined_rows,
            )
            loaded = copied.rows
        restore_verdict(tx, verdict)
        if loaded != facts["loaded"]:
            raise ReplayError(
                f"batch {entry.batch_id}: its file has {loaded} rows to load and the ledger says"
                f" {facts['loaded']}; nothing of it was loaded"
            )
        self.rows += loaded
        at = f"timestamp '{entry.written_at}'"
        batches.close_loaded(tx, entry.batch_id, facts, at)

    def _reject(self, tx: Transaction, entry: ledger.Entry, facts: Mapping[str, Any]) -> None:
        restore_verdict(tx, self._verdict(entry, facts))
        tx.execute(
            "update ops.batch set state = 'rejected', rejected_reason = $1"
            f" where batch_id = {entry.batch_id}",
            facts["reason"],
        )

    def _find(self, tx: Transaction, facts: Mapping[str, Any]) -> None:
        lines: list[str] = []
        if "leads_path" in facts:
            path = self._checked(facts["leads_path"], facts["leads_sha256"])
            lines = leads.read_lines(path)
        leads.restore(tx, facts, lines)

    def _verdict(self, entry: ledger.Entry, facts: Mapping[str, Any]) -> Verdict:
        if "verdict_path" in facts:
            return read_verdict(self._checked(facts["verdict_path"], facts["verdict_sha256"]))
        return _NOTHING

    def _checked(self, path: str, digest: str) -> Path:
        if fault := _fault(self._landing_dir / path, digest):
            raise ReplayError(f"{fault}; bring it back from the backup of the landing zone")
        return self._landing_dir / path

    def _contract(self, landed: Mapping[str, Any]) -> Contract:
        return self._contracts[landed["table_name"]]


def _entries_done(connection: Connection, chain: list[ledger.Entry]) -> int:
    """How many entries the database has; they must be the first ones of the chain."""
    known = ledger.entries(connection)
    for ours, theirs in zip(known, chain, strict=False):
        if ours.entry_hash != theirs.entry_hash:
            raise ReplayError(
                f"entry {ours.entry_no} of the database is not that of the landing zone;"
                " `qinglian verify` says what was changed, `--replace` starts from an empty one"
            )
    if len(known) > len(chain):
        raise ReplayError(
            f"the database has {len(known)} entries and the landing zone {len(chain)}; nothing is"
            " to be rebuilt, the next ingest writes the others to the landing zone"
        )
    return len(known)


def _restore_untold_run(tx: Transaction, facts: Mapping[str, Any]) -> None:
    """The run that made a batch, as far as the batch tells of it, where the ledger does not."""
    kind = _RUN_KINDS.get(facts["cursor_kind"], "ingest")
    at = str(facts["extracted_at"])
    run = {
        "run_id": facts["run_id"],
        "kind": kind,
        "source_id": facts["source_id"],
        "as_of": at[:10],
        "started_at": at,
        "finished_at": at,
        "status": "success",
        "message": "restored from the ledger",
    }
    if tx.one(f"select 1 from ops.run where run_id = {int(facts['run_id'])}") is None:
        insert_rows(tx, "ops.run", [run])


def _insert_entry(tx: Transaction, entry: ledger.Entry) -> None:
    tx.execute(
        "insert into ops.ledger_entry"
        " (entry_no, batch_id, event, payload, previous_hash, entry_hash, written_at)"
        f" values ({entry.entry_no}, {entry.batch_id}, $1, $2, $3, $4, cast($5 as timestamp))",
        *(entry.event, entry.payload, entry.previous_hash, entry.entry_hash),
        str(entry.written_at),
    )


def _advance_numbers(connection: Connection) -> None:
    """New batches, runs and decisions are numbered after the restored ones."""
    for table, column in _NUMBERED:
        connection.execute(
            sql.SQL(
                "select setval(pg_get_serial_sequence({}, {}),"
                " greatest((select max({}) from {}), 1))"
            ).format(
                sql.Literal(table),
                sql.Literal(column),
                sql.Identifier(column),
                sql.Identifier(*table.split(".")),
            )
        )


def _as_landed(facts: Mapping[str, Any]) -> batches.LandedBatch:
    total = facts["control_total"]
    return batches.LandedBatch(
        batch_id=facts["batch_id"],
        run_id=facts["run_id"],
        source_id=facts["source_id"],
        table_name=facts["table_name"],
        extracted_at=datetime.fromisoformat(facts["extracted_at"]),
        file_path=facts["file_path"],
        window_end=_moment(facts["window_end"]),
        file_rows=facts["extracted"] - facts["unchanged"] + facts["vanished"],
        control_total=None if total is None else Decimal(str(total)),
        latest_at=_moment(facts.get("latest_at")),
        has_rows=facts["extracted"] > 0,
        ordinary_from=_moment(facts.get("ordinary_from")),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _files_of(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs = (
        (facts.get(f"{k}_path"), facts.get(f"{k}_sha256")) for k in ("file", "verdict", "leads")
    )
    return [(path, digest) for path, digest in pairs if path and digest]


def _unplayable(entry: ledger.Entry, contracts: Mapping[str, Contract]) -> str | None:
    """Why an entry cannot be replayed, whatever its files hold; None where it can."""
    facts = json.loads(entry.payload)
    if entry.event == "landed" and facts["table_name"] not in contracts:
        return (
            f"batch {entry.batch_id} is of {facts['table_name']}, which has no contract in"
            " expectations/ any more; bring the contract back"
        )
    if entry.event == "loaded" and facts["quarantined"] and "verdict_path" not in facts:
        return (
            f"batch {entry.batch_id} was loaded before verdicts were kept in the landing zone,"
            " so which of its rows are in quarantine is known to its own database alone"
        )
    return None


def _fault(path: Path, digest: str) -> str | None:
    if not path.is_file():
        return f"file {path}: missing"
    if sha256_of(path) != digest:
        return f"file {path}: changed after it was landed"
    return None
