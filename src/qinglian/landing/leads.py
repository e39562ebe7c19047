"""The register of leads: what every detection found, kept in the ledger and the landing zone.

When a lead was first seen, and that it was seen before it went away, cannot be computed again. So
each detection enters what it changed of `marts.lead`: the changed rows as a file of the landing
zone, its hash and the day of detection in the ledger. That an unchanged lead was seen again follows
from the day. `ops.lead_register` is the sum of all entries; a lost `marts.lead` begins with it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from psycopg import Connection

from qinglian.file_hash import sha256_of
from qinglian.landing import ledger
from qinglian.landing.journal import Journal, flush
from qinglian.settings import Settings
from qinglian.warehouse.server import Server
from qinglian.warehouse.transaction import Transaction, transaction

#: Columns of marts.lead with their types there; the last is what a detection sets of all it sees.
COLUMNS: Mapping[str, str] = {
    "lead_id": "varchar(32)",
    "indicator_id": "varchar(10)",
    "rule_version": "varchar(20)",
    "org_code": "varchar(12)",
    "subject_type": "varchar(30)",
    "subject_id": "varchar(200)",
    "dept_code": "varchar(60)",
    "doctor_code": "varchar(60)",
    "period_start": "date",
    "period_end": "date",
    "value": "numeric(18, 4)",
    "threshold": "numeric(18, 4)",
    "expected": "numeric(18, 4)",
    "limit_lower": "numeric(18, 4)",
    "limit_upper": "numeric(18, 4)",
    "peer_group": "varchar(200)",
    "peer_n": "integer",
    "n": "integer",
    "deviation": "numeric(18, 4)",
    "q_value": "numeric(18, 8)",
    "risk_gross": "numeric(18, 2)",
    "risk_fund": "numeric(18, 2)",
    "kind": "varchar(10)",
    "state": "varchar(10)",
    "light": "varchar(10)",
    "guard_applied": "varchar(200)",
    "evidence": "text",
    "is_active": "boolean",
    "first_seen_at": "date",
    "last_seen_at": "date",
}

_DEFINITIONS = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
_ADDED = ", ".join(f'add column if not exists "{name}" {kind}' for name, kind in COLUMNS.items())

OPS_LEAD_DDL = f"""
create table if not exists ops.lead_register ({_DEFINITIONS}, primary key (lead_id));
alter table ops.lead_register {_ADDED};
comment on table ops.lead_register is
    '线索登记簿：历次检测的线索及首次、最近发现日，由台账逐次累计；marts.lead 丢失后由此重建';
"""

_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
_SAME = ", ".join(f'"{name}"' for name in COLUMNS if name != "last_seen_at")
_FOLDER = "_leads"
_AT_ONCE = 2000

#: Rows of marts.lead that are not what the register and the day of this detection make of them.
_CHANGED = f"""
select cast(to_jsonb(changed) as text) from (
    select {_NAMES} from marts.lead
    except
    select {_SAME},
        case
            when is_active then greatest(last_seen_at, cast(%(seen_on)s as date))
            else last_seen_at
        end
    from ops.lead_register
) as changed
order by lead_id
"""


def record_leads(settings: Settings, server: Server) -> int:
    """Enter what the last build changed of `marts.lead`; returns how many rows that were.

    A build that was never recorded, since it was killed or done by hand, is part of the next entry.
    """
    journal = Journal(settings.landing_dir)
    with server.connect("auditor", autocommit=True) as reader:
        journal.must_continue(reader)
        with transaction(server.url("loader")) as tx:
            ledger.lock(tx)
            recorded = _record(tx, reader, settings.landing_dir)
        journal.catch_up(reader)
    return recorded


def _record(tx: Transaction, reader: Connection, landing_dir: Path) -> int:
    if _one(reader, "select to_regclass('marts.lead')") is None:
        return 0
    seen_on = _one(reader, _SEEN_ON.format("marts.lead"))
    lines = [line for (line,) in reader.execute(_CHANGED, {"seen_on": seen_on})]
    if not lines and seen_on == _one(reader, _SEEN_ON.format("ops.lead_register")):
        return 0
    facts = {"seen_on": seen_on, "changed": len(lines)}
    if lines:
        before = _one(reader, "select count(*) from ops.ledger_entry where event = 'leads'")
        facts |= _write(landing_dir, before + 1, lines)
    restore(tx, facts, lines)
    ledger.append(tx, ledger.NO_BATCH, "leads", facts)
    return len(lines)


_SEEN_ON = "select cast(max(last_seen_at) as text) from {} where is_active"


def _one(connection: Connection, query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def _write(landing_dir: Path, number: int, lines: Iterable[str]) -> dict[str, str]:
    """The file of an entry; one that a crash left without its entry is replaced."""
    path = landing_dir / _FOLDER / f"{number:012d}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    growing = path.with_suffix(".writing")
    with growing.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    growing.chmod(0o440)
    growing.replace(path)
    flush(path)
    return {
        "leads_path": str(path.relative_to(landing_dir)),
        "leads_sha256": sha256_of(path),
    }


def read_lines(path: Path) -> list[str]:
    """The rows of an entry's file, as texts of JSON objects."""
    return [line for line in path.read_text("utf-8").split("\n") if line]


def restore(tx: Transaction, facts: Mapping[str, Any], lines: Sequence[str]) -> None:
    """Apply an entry to the register: active leads were seen again, then the rows that changed."""
    if facts["seen_on"]:
        tx.execute(
            "update ops.lead_register set last_seen_at = cast($1 as date)"
            " where is_active and last_seen_at < cast($1 as date)",
            facts["seen_on"],
        )
    values = ", ".join(f'"{name}" = excluded."{name}"' for name in COLUMNS)
    for start in range(0, len(lines), _AT_ONCE):
        tx.execute(
            f"insert into ops.lead_register ({_NAMES}) select {_NAMES} from"
            " jsonb_populate_recordset(null::ops.lead_register, cast(cast($1 as text) as jsonb))"
            f" on conflict (lead_id) do update set {values}",
            f"[{','.join(lines[start : start + _AT_ONCE])}]",
        )


def red_since(connection: Connection, landing_dir: Path) -> dict[str, date]:
    """The day of the detection that first found each lead red, by lead, from the ledger's entries.

    Raises OSError for a file of leads that is not there.
    """
    since: dict[str, date] = {}
    for (payload,) in connection.execute(
        "select payload from ops.ledger_entry where event = 'leads' order by entry_no"
    ):
        facts = json.loads(payload)
        if "leads_path" not in facts or not facts["seen_on"]:
            continue
        for line in read_lines(landing_dir / facts["leads_path"]):
            if '"red"' not in line:
                continue  # most are not, and parsing takes longer than looking
            row = json.loads(line)
            if row["light"] == "red" and row["is_active"]:
                since.setdefault(row["lead_id"], date.fromisoformat(row["last_seen_at"]))
    return since


def lead_faults(
    connection: Connection, chain: Iterable[ledger.Entry], landing_dir: Path
) -> Iterator[str]:
    """Sentences on files of leads that are missing or changed, and on leads whose row in the
    register is not what the ledger says."""
    said: dict[str, dict[str, Any]] = {}
    for entry in chain:
        if entry.event != "leads":
            continue
        facts = json.loads(entry.payload)
        lines: list[str] = []
        if "leads_path" in facts:
            path = landing_dir / facts["leads_path"]
            if not path.is_file():
                yield f"leads {path}: missing (entry {entry.entry_no})"
                return
            if sha256_of(path) != facts["leads_sha256"]:
                yield f"leads {path}: changed after the detection (entry {entry.entry_no})"
                return
            lines = read_lines(path)
        _apply(said, facts["seen_on"], lines)
    held = {
        row["lead_id"]: row
        for (line,) in connection.execute(
            "select cast(to_jsonb(r) as text) from ops.lead_register as r"
        )
        for row in [_parsed(line)]
    }
    for lead_id in sorted(said.keys() | held.keys()):
        if held.get(lead_id) != said.get(lead_id):
            yield f"lead {lead_id}: ops.lead_register does not say what the ledger says"


def _apply(said: dict[str, dict[str, Any]], seen_on: str | None, lines: Iterable[str]) -> None:
    """`restore`, on rows in memory."""
    for row in said.values():
        if seen_on and row["is_active"]:
            row["last_seen_at"] = max(row["last_seen_at"], seen_on)
    for line in lines:
        row = _parsed(line)
        said[row["lead_id"]] = row


def _parsed(line: str) -> dict[str, Any]:
    row = json.loads(line, parse_float=Decimal)
    return {name: row.get(name) for name in COLUMNS}
