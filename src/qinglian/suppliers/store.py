"""Reads and adds the rows of a resolution; none is ever changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from qinglian.suppliers.clusters import Verdict


@dataclass(frozen=True)
class Resolution:
    """What a resolution found, as rows of the tables named for them."""

    members: Sequence[tuple[str, str | None, str | None, str, str, str]]
    matches: Sequence[tuple[str, str, float, str, str]]
    affiliations: Sequence[tuple[str, str, str, int]]
    suppliers: int


def latest_digest(connection: Connection) -> tuple[str, str] | None:
    """Digest of the input and version of the model of the latest resolution."""
    row = connection.execute(
        "select input_digest, model_version from ops.supplier_resolution"
        " order by resolution_id desc limit 1"
    ).fetchone()
    return (row[0], row[1]) if row else None


def verdicts(connection: Connection) -> list[Verdict]:
    """The last word on each pair of records."""
    rows = connection.execute(
        "select distinct on (record_a, record_b) record_a, record_b, action"
        " from ops.supplier_decision order by record_a, record_b, decision_id desc"
    )
    return [Verdict(*row) for row in rows]


def save(connection: Connection, found: Resolution, digest: str, version: str, at: datetime) -> int:
    """Add a resolution within the caller's transaction; returns its number."""
    row = connection.execute(
        "insert into ops.supplier_resolution (resolved_at, batch_id, model_version, input_digest,"
        " records, suppliers) values (%s, (select max(batch_id) from ops.batch where state ="
        " 'loaded' and table_name in ('pr_supplier', 'pr_supplier_person', 'his_drug',"
        " 'his_material')), %s, %s, %s, %s) returning resolution_id",
        (at, version, digest, len(found.members), found.suppliers),
    ).fetchone()
    assert row is not None  # noqa: S101 - insert … returning gives a row
    number = int(row[0])
    for table, rows in (
        ("supplier_member", found.members),
        ("supplier_match", found.matches),
        ("supplier_affiliation", found.affiliations),
    ):
        with connection.cursor() as cursor, cursor.copy(f"copy ops.{table} from stdin") as copy:
            for values in rows:
                copy.write_row((number, *values))
    return number


def describe_evidence(evidence: str) -> str:
    """The evidence in a line: each field's result and weight, missing ones left out."""
    fields = json.loads(evidence) if isinstance(evidence, str) else evidence
    return ", ".join(
        f"{name} {said['result']} {said['bits']:+.1f}"
        for name, said in fields.items()
        if said["result"] != "missing"
    )
