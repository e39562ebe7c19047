"""What the gate said of a batch, as a file of the landing zone beside the ledger.

Rules change, so verdicts cannot be made again later. The file holds the rows of the batch in
`ops.quality_result`, its breakdown by organisation and month, and `ops.quarantine`, as they were
when it was closed; its hash is in the ledger's entry.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qinglian.file_hash import sha256_of
from qinglian.landing.journal import flush
from qinglian.landing.ledger import Entry
from qinglian.warehouse.transaction import Transaction

#: Tables of a verdict -> the column that the database numbers anew, and the order of the rows.
_TABLES = {
    "quality_result": ("result_id", "rule_id"),
    "batch_month": ("", "org_code, business_month"),
    "quality_month": ("", "rule_id, org_code, business_month"),
    "quarantine": ("", "row_number"),
}

#: Key of a line that names its table.
_TABLE = "_table"


@dataclass(frozen=True)
class Verdict:
    """Rows of a batch in the four tables, as texts of JSON objects.

    They stay text: as a float, an amount of 15.00 would come back as 15.0.
    """

    quality_result: tuple[str, ...]
    quarantine: tuple[str, ...]
    batch_month: tuple[str, ...] = ()
    quality_month: tuple[str, ...] = ()

    @property
    def quarantined_rows(self) -> frozenset[int]:
        """Row numbers of the file (from 0) that were not loaded."""
        return frozenset(int(json.loads(row)["row_number"]) for row in self.quarantine)


def write_verdict(
    tx: Transaction, landing_dir: Path, batch_id: int, source_id: str, table: str
) -> dict[str, str]:
    """Write the verdict on a batch; returns `verdict_path` and `verdict_sha256` for the ledger.

    Where the gate said nothing, nothing is written and nothing returned. A file that a crash left
    is replaced: only one that the ledger names counts.
    """
    lines = list(_lines(tx, batch_id))
    if not lines:
        return {}
    path = landing_dir / "_verdicts" / source_id / table / f"{batch_id:012d}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    growing = path.with_suffix(".writing")
    with growing.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    growing.chmod(0o440)
    growing.replace(path)
    flush(path)
    return {
        "verdict_path": str(path.relative_to(landing_dir)),
        "verdict_sha256": sha256_of(path),
    }


def read_verdict(path: Path) -> Verdict:
    """The verdict in a file that `write_verdict` made."""
    found: dict[str, list[str]] = {name: [] for name in _TABLES}
    with path.open(encoding="utf-8") as file:
        for line in file:
            found[json.loads(line)[_TABLE]].append(line)
    return Verdict(**{name: tuple(lines) for name, lines in found.items()})


def verdict_faults(chain: Iterable[Entry], landing_dir: Path) -> Iterator[str]:
    """Sentences on verdicts of the ledger that are missing or were changed."""
    for entry in chain:
        facts = json.loads(entry.payload) if entry.event in ("loaded", "rejected") else {}
        if "verdict_path" not in facts:
            continue
        path = landing_dir / facts["verdict_path"]
        if not path.is_file():
            yield f"verdict {path}: missing (batch {entry.batch_id})"
        elif sha256_of(path) != facts["verdict_sha256"]:
            yield f"verdict {path}: changed after the gate wrote it (batch {entry.batch_id})"


def restore_verdict(tx: Transaction, verdict: Verdict) -> None:
    """Put the rows of a verdict back into `ops`."""
    _insert_json(tx, "ops.quality_result", verdict.quality_result)
    _insert_json(tx, "ops.batch_month", verdict.batch_month)
    _insert_json(tx, "ops.quality_month", verdict.quality_month)
    _insert_json(tx, "ops.quarantine", verdict.quarantine)


def insert_rows(tx: Transaction, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert JSON objects as rows of a table, with the columns that the first of them names."""
    _insert_json(tx, table, [json.dumps(row, ensure_ascii=False) for row in rows])


def _insert_json(tx: Transaction, table: str, rows: Sequence[str], at_once: int = 2000) -> None:
    """Insert texts of JSON objects; PostgreSQL alone reads their values."""
    if not rows:
        return
    columns = ", ".join(f'"{name}"' for name in json.loads(rows[0]) if name != _TABLE)
    for start in range(0, len(rows), at_once):
        tx.execute(
            f"insert into {table} ({columns}) overriding system value select {columns}"
            f" from jsonb_populate_recordset(null::{table}, cast(cast($1 as text) as jsonb))",
            f"[{','.join(rows[start : start + at_once])}]",
        )


def _lines(tx: Transaction, batch_id: int) -> Iterator[str]:
    for table, (numbered, order) in _TABLES.items():
        rows = tx.fetch(
            f"select cast(to_jsonb(r) - '{numbered}'"
            f" || jsonb_build_object('{_TABLE}', '{table}') as text) as line"
            f" from ops.{table} as r where batch_id = {batch_id} order by {order}"
        )
        yield from rows["line"].to_pylist()
