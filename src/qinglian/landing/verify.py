"""Proves that nothing was lost or altered between a source's rows and the warehouse.

Control totals are held against each other step by step: what the source counted, what was typed and
landed, what the files hold, what was loaded. A fault says in which step it arose.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pyarrow as pa
from psycopg import Connection, sql
from psycopg.rows import dict_row

from qinglian.drop.proof import delivery_faults
from qinglian.file_hash import sha256_of
from qinglian.landing import ledger
from qinglian.landing.batches import LANDED_FACTS
from qinglian.landing.journal import Journal
from qinglian.landing.leads import lead_faults
from qinglian.landing.told import told_faults
from qinglian.landing.verdicts import verdict_faults
from qinglian.landing.verifications import Verifications

OPS_VERIFICATION_DDL = """
create table if not exists ops.verification (
    verification_id bigint generated always as identity primary key,
    verified_at timestamp not null default localtimestamp,
    kind text not null check (kind in ('full', 'incremental')),
    entries bigint not null,
    entry_hash text not null,
    batches bigint not null,
    faults bigint not null
);
comment on table ops.verification is '台账核验记录：无误的核验之后，增量核验从其末条记录继续';
"""


@dataclass(frozen=True)
class Verified:
    """How far the ledger was proved before: number and hash of the last entry then."""

    entry_no: int = 0
    entry_hash: str = ledger.GENESIS


@dataclass(frozen=True)
class VerifyReport:
    """How much was checked, and every fault found; `entry_hash` is the end of the chain."""

    entries: int
    batches: int
    files: int
    deliveries: int
    rows_extracted: int
    rows_loaded: int
    faults: tuple[str, ...]
    entry_hash: str = ledger.GENESIS
    incremental: bool = False

    @property
    def ok(self) -> bool:
        return not self.faults


def verify(
    connection: Connection,
    landing_dir: Path,
    since: Verified | None = None,
    drop_folders: Mapping[str, Path] = MappingProxyType({}),
) -> VerifyReport:
    """Check chain, files, counts and control totals of everything that was ever landed.

    With `since`, only what the ledger says after it: the chain from there on, and the batches and
    deliveries that it names, with their files. `drop_folders` says by source where delivered files
    are kept. Faults are sentences that name the batch, file or entry.
    """
    chain = ledger.entries(connection)
    with connection.cursor(row_factory=dict_row) as cursor:
        known = cursor.execute("select * from ops.batch order by batch_id").fetchall()
    proved = since or Verified()
    new = chain[proved.entry_no :]
    named = {entry.batch_id for entry in new} if since else {b["batch_id"] for b in known}
    batches = [b for b in known if b["batch_id"] in named]
    faults = [
        *_chain_faults(chain, proved),
        *Journal(landing_dir).faults(chain),
        *Verifications(landing_dir).faults(connection),
        *verdict_faults(new, landing_dir),
        *lead_faults(connection, chain, landing_dir),
        *told_faults(connection, chain),
        *_entry_faults(chain, {b["batch_id"]: b for b in known}),
        *_file_faults(batches, landing_dir),
        *delivery_faults(connection, chain, proved.entry_no, drop_folders),
        *_count_faults(batches),
        *_window_faults(known, named),
        *_warehouse_faults(connection, batches, landing_dir),
    ]
    return VerifyReport(
        entries=len(new),
        batches=len(batches),
        files=sum(b["file_path"] is not None for b in batches),
        deliveries=sum(entry.event == "delivered" for entry in new),
        rows_extracted=sum(b["extracted"] for b in batches),
        rows_loaded=sum(b["loaded"] or 0 for b in batches),
        faults=tuple(faults),
        entry_hash=chain[-1].entry_hash if chain else ledger.GENESIS,
        incremental=since is not None,
    )


def last_verified(connection: Connection) -> Verified:
    """End of the chain at the last verification that found nothing wrong."""
    row = connection.execute(
        "select entry_no, entry_hash from ops.ledger_entry where entry_hash = ("
        "  select entry_hash from ops.verification where faults = 0"
        "  order by verified_at desc, verification_id desc limit 1)"
    ).fetchone()
    return Verified(*row) if row else Verified()


def record_verification(connection: Connection, report: VerifyReport) -> None:
    """Keep that and with which result the ledger was verified."""
    connection.execute(
        "insert into ops.verification (kind, entries, entry_hash, batches, faults)"
        " values (%s, %s, %s, %s, %s)",
        (
            "incremental" if report.incremental else "full",
            report.entries,
            report.entry_hash,
            report.batches,
            len(report.faults),
        ),
    )


def _chain_faults(chain: list[ledger.Entry], proved: Verified) -> Iterator[str]:
    previous = proved.entry_hash
    for number, entry in enumerate(chain[proved.entry_no :], start=proved.entry_no + 1):
        if entry.entry_no != number:
            yield f"ledger: entry {number} is missing (found {entry.entry_no})"
            return
        if entry.previous_hash != previous:
            yield f"ledger: entry {number} does not continue entry {number - 1}"
        if entry.computed_hash() != entry.entry_hash:
            yield f"ledger: entry {number} of batch {entry.batch_id} was changed"
        previous = entry.entry_hash


def _entry_faults(
    chain: list[ledger.Entry], batches: Mapping[int, Mapping[str, object]]
) -> Iterator[str]:
    """A batch must still say what its entry said when its file was closed."""
    landed = {e.batch_id: json.loads(e.payload) for e in chain if e.event == "landed"}
    for batch_id, batch in batches.items():
        if batch_id not in landed:
            yield f"batch {batch_id}: it has no entry in the ledger"
            continue
        now = json.loads(ledger.canonical({name: batch[name] for name in LANDED_FACTS}))
        for name, value in landed[batch_id].items():
            if str(now[name]) != str(value):
                yield f"batch {batch_id}: {name} is {now[name]}, the ledger says {value}"
    yield from _closing_faults(chain, batches)
    for batch_id in sorted(set(landed) - set(batches)):
        yield f"batch {batch_id}: it is in the ledger and was removed from ops.batch"


def _closing_faults(
    chain: list[ledger.Entry], batches: Mapping[int, Mapping[str, object]]
) -> Iterator[str]:
    """A batch is loaded or rejected as its last entry says, or waits where it has none."""
    closed: dict[int, dict[str, object]] = {}
    for entry in chain:
        facts = json.loads(entry.payload) if entry.event in ("loaded", "rejected") else {}
        if entry.event == "loaded":
            names = ("loaded", "loaded_total", "quarantined")
            closed[entry.batch_id] = {"state": "loaded", **{n: facts.get(n) for n in names}}
        elif entry.event == "rejected":
            closed[entry.batch_id] = {"state": "rejected", "rejected_reason": facts["reason"]}
    for batch_id, batch in batches.items():
        said = closed.get(batch_id, {"state": "landed"})
        now = json.loads(ledger.canonical({name: batch[name] for name in said}))
        for name, value in said.items():
            if str(now[name]) != str(value):
                yield f"batch {batch_id}: {name} is {now[name]}, the ledger says {value}"


def _file_faults(batches: list[dict[str, Any]], landing_dir: Path) -> Iterator[str]:
    for batch in batches:
        if batch["file_path"] is None:
            continue
        path = landing_dir / str(batch["file_path"])
        if not path.is_file():
            yield f"file {path}: missing (batch {batch['batch_id']})"
            continue
        if sha256_of(path) != batch["file_sha256"]:
            yield f"file {path}: changed after it was landed (batch {batch['batch_id']})"


def _count_faults(batches: list[dict[str, Any]]) -> Iterator[str]:
    for batch in batches:
        if batch["state"] != "loaded":
            continue
        parts = [batch[n] for n in ("unchanged", "loaded", "quarantined", "duplicates")]
        if batch["extracted"] != sum(parts):
            yield (
                f"batch {batch['batch_id']} ({batch['source_id']} {batch['table_name']}):"
                f" extracted {batch['extracted']} is not unchanged + loaded + quarantined"
                f" + duplicates {parts}"
            )


def _window_faults(batches: list[dict[str, Any]], named: set[int]) -> Iterator[str]:
    """Steps source to landing zone and typing: a window's parts hold what the source counted."""
    windows: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for batch in batches:
        names = ("run_id", "source_id", "table_name", "cursor_kind", "window_start", "window_end")
        windows.setdefault(tuple(batch[name] for name in names), []).append(batch)
    for parts in windows.values():
        first = parts[0]
        whole = [part["part"] for part in parts] == list(range(first["parts"]))
        if whole and any(part["batch_id"] in named for part in parts):
            where = f"batches {first['batch_id']} to {parts[-1]['batch_id']}"
            yield from (f"{where}, {fault}" for fault in _part_faults(parts))


def _part_faults(parts: list[dict[str, Any]]) -> Iterator[str]:
    first, rows = parts[0], sum(part["extracted"] for part in parts)
    if first["source_rows"] is not None and first["source_measured"] != "moving":
        if rows != first["source_rows"]:
            yield f"source to landing zone: {first['source_rows']} rows counted, {rows} landed"
        counted, typed = first["source_control_total"], first["typed_total"]
        if counted is not None and typed is not None and not first["uncounted_rows"]:
            slack = Decimal(0) if first["source_exact"] else rows * Decimal("0.005")
            if abs(counted - typed) > slack:
                yield f"source to landing zone: {counted} summed up there, {typed} landed"
    if first["typed_total"] is None:
        return
    landed = sum(part["extracted_total"] or Decimal(0) for part in parts)
    if landed != first["typed_total"]:
        yield f"typing to files: {first['typed_total']} typed, {landed} in unchanged rows and files"


def _warehouse_faults(
    connection: Connection, batches: list[dict[str, Any]], landing_dir: Path
) -> Iterator[str]:
    """What the ledger calls loaded must be in `land`, and what it calls quarantined in `ops`."""
    in_land = _in_land(connection, batches)
    in_quarantine: dict[int, int] = dict(
        connection.execute("select batch_id, count(*) from ops.quarantine group by 1").fetchall()
    )
    with duckdb.connect(config={"threads": 1, "memory_limit": "400MB"}) as files:
        for batch in batches:
            batch_id = batch["batch_id"]
            loaded = batch["state"] == "loaded"
            expected = batch["loaded"] + batch["vanished"] if loaded else 0
            found, total = in_land.get(batch_id, (0, None))
            if found != expected:
                table = f"land.{batch['table_name']}"
                yield f"batch {batch_id}: {table} has {found} rows, not {expected}"
            held = in_quarantine.get(batch_id, 0)
            if loaded and held != batch["quarantined"]:
                yield f"batch {batch_id}: {held} rows in quarantine, not {batch['quarantined']}"
            if batch["loaded_total"] is not None and (total or 0) != batch["loaded_total"]:
                yield (
                    f"batch {batch_id}, file to warehouse: {batch['loaded_total']} loaded,"
                    f" land.{batch['table_name']} holds {total}"
                )
            if batch["control_column"] and batch["file_path"]:
                path = landing_dir / batch["file_path"]
                yield from _sum_faults(connection, files, batch, path)


def _in_land(
    connection: Connection, batches: list[dict[str, Any]]
) -> dict[int, tuple[int, Decimal | None]]:
    """Batch -> rows of it in the warehouse, and sum of the control total of those not deleted."""
    columns = {str(b["table_name"]): b["control_column"] for b in batches}
    found: dict[int, tuple[int, Decimal | None]] = {}
    for table, column in columns.items():
        amount = sql.Identifier(column) if column else sql.SQL("cast(null as numeric)")
        rows = connection.execute(
            sql.SQL(
                "select _batch_id, count(*), sum({}) filter (where not src_is_deleted)"
                " from {} where _batch_id >= {} group by 1"
            ).format(
                amount,
                sql.Identifier("land", table),
                min(b["batch_id"] for b in batches if b["table_name"] == table),
            )
        )
        found |= {batch_id: (count, total) for batch_id, count, total in rows}
    return found


def _sum_faults(
    connection: Connection,
    files: duckdb.DuckDBPyConnection,
    batch: Mapping[str, Any],
    path: Path,
) -> Iterator[str]:
    """Steps landing zone to file and file to warehouse, by the sum of the control total."""
    if not path.is_file():
        return  # told already
    quarantined = connection.execute(
        "select row_number from ops.quarantine where batch_id = %s", (batch["batch_id"],)
    ).fetchall()
    files.register("held", pa.table({"n": pa.array([n for (n,) in quarantined], pa.int64())}))
    column = f'"{batch["control_column"]}"'
    try:
        row = files.execute(
            f"""
            select sum({column}), sum({column}) filter (
                where not _duplicate and not src_is_deleted
                    and file_row_number not in (select n from held)
            )
            from read_parquet(?, file_row_number = true)
            """,
            [str(path)],
        ).fetchone()
    except duckdb.Error:
        return  # a file that cannot be read was changed, which its hash has told
    assert row is not None  # noqa: S101 - an aggregate always gives one row
    where = f"batch {batch['batch_id']}"
    if (row[0] or 0) != (batch["control_total"] or 0):
        yield f"{where}, landing zone to file: {batch['control_total']} entered, {row[0]} in file"
    if batch["loaded_total"] is not None and (row[1] or 0) != batch["loaded_total"]:
        yield (
            f"{where}, file to warehouse: {row[1]} passed the gate, {batch['loaded_total']} loaded"
        )
