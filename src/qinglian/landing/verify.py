"""Proves that nothing was lost or altered between a source's rows and the warehouse."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from qinglian.landing import ledger
from qinglian.landing.batches import LANDED_FACTS
from qinglian.landing.journal import Journal
from qinglian.landing.verdicts import verdict_faults


@dataclass(frozen=True)
class VerifyReport:
    """How much was checked, and every fault found."""

    entries: int
    batches: int
    files: int
    rows_extracted: int
    rows_loaded: int
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.faults


def verify(connection: Connection, landing_dir: Path) -> VerifyReport:
    """Check chain, files and counts of everything that was ever landed.

    Reads every landed file once. Faults are sentences that name the batch, file or entry.
    """
    chain = ledger.entries(connection)
    with connection.cursor(row_factory=dict_row) as cursor:
        batches = cursor.execute("select * from ops.batch order by batch_id").fetchall()
    faults = [
        *_chain_faults(chain),
        *Journal(landing_dir).faults(chain),
        *verdict_faults(chain, landing_dir),
        *_entry_faults(chain, {b["batch_id"]: b for b in batches}),
        *_file_faults(batches, landing_dir),
        *_count_faults(batches),
        *_warehouse_faults(connection, batches),
    ]
    return VerifyReport(
        entries=len(chain),
        batches=len(batches),
        files=sum(b["file_path"] is not None for b in batches),
        rows_extracted=sum(b["extracted"] for b in batches),
        rows_loaded=sum(b["loaded"] or 0 for b in batches),
        faults=tuple(faults),
    )


def _chain_faults(chain: list[ledger.Entry]) -> Iterator[str]:
    previous = ledger.GENESIS
    for number, entry in enumerate(chain, start=1):
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
    for batch_id in sorted(set(landed) - set(batches)):
        yield f"batch {batch_id}: it is in the ledger and was removed from ops.batch"


def _file_faults(batches: list[dict[str, Any]], landing_dir: Path) -> Iterator[str]:
    for batch in batches:
        if batch["file_path"] is None:
            continue
        path = landing_dir / str(batch["file_path"])
        if not path.is_file():
            yield f"file {path}: missing (batch {batch['batch_id']})"
            continue
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != batch["file_sha256"]:
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


def _warehouse_faults(connection: Connection, batches: list[dict[str, Any]]) -> Iterator[str]:
    """What the ledger calls loaded must be in `land`, and what it calls quarantined in `ops`."""
    tables = sorted({str(b["table_name"]) for b in batches})
    in_land: dict[int, int] = {}
    for table in tables:
        in_land |= dict(
            connection.execute(
                f"select _batch_id, count(*) from land.{table} group by 1"
            ).fetchall()
        )
    in_quarantine: dict[int, int] = dict(
        connection.execute("select batch_id, count(*) from ops.quarantine group by 1").fetchall()
    )
    for batch in batches:
        batch_id = batch["batch_id"]
        loaded = batch["state"] == "loaded"
        expected = batch["loaded"] + batch["vanished"] if loaded else 0
        found = in_land.get(batch_id, 0)
        if found != expected:
            yield f"batch {batch_id}: land.{batch['table_name']} has {found} rows, not {expected}"
        held = in_quarantine.get(batch_id, 0)
        if loaded and held != batch["quarantined"]:
            yield f"batch {batch_id}: {held} rows in quarantine, not {batch['quarantined']}"
