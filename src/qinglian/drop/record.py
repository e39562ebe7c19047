"""What became of each delivered file, and which tables its deliveries touch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from psycopg import Connection

from qinglian.extract.files import files_of
from qinglian.extract.mapping import MappingSyntaxError, tables_read
from qinglian.extract.sources import CURRENT, Source, root_of
from qinglian.file_hash import sha256_of
from qinglian.landing import ledger
from qinglian.landing.journal import Journal
from qinglian.landing.verdicts import insert_rows
from qinglian.secrets_file import SecretsFile
from qinglian.warehouse.server import Server
from qinglian.warehouse.transaction import Transaction, transaction

#: The digest of a delivery that is a link, which is not followed.
NO_CONTENT = "0" * 64

OPS_DELIVERY_DDL = """
create table if not exists ops.delivery (
    delivery_id bigint generated always as identity primary key,
    source_id text not null,
    file_name text not null,
    file_sha256 text not null,
    file_bytes bigint not null,
    taken_at timestamp not null,
    verdict text not null check (verdict in ('taken', 'repeated', 'rejected')),
    kept_at text not null,
    problem text
);
comment on table ops.delivery is '投递文件台账：每份投递文件的哈希、去向与退回原因';
comment on column ops.delivery.verdict is
    'taken 已收；repeated 与现用文件相同，未重复入库；rejected 有误退回';
comment on column ops.delivery.kept_at is '文件保存位置，相对于来源文件夹';
"""


class Verdict(StrEnum):
    """What became of a delivered file."""

    TAKEN = "taken"
    REPEATED = "repeated"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Delivery:
    """One delivered file and what became of it; `kept_at` is below the source's folder."""

    file_name: str
    sha256: str
    bytes: int
    verdict: Verdict
    kept_at: str
    problem: str | None = None


def enter_delivery(
    server: Server, journal: Journal, source_id: str, delivery: Delivery, taken_at: datetime
) -> None:
    """Add a delivery to `ops.delivery` and to the ledger, and the ledger's entry to its copy."""
    with transaction(server.url("loader")) as tx:
        number = tx.one("select nextval(pg_get_serial_sequence('ops.delivery', 'delivery_id'))")
        assert number is not None  # noqa: S101 - nextval always gives a row
        facts = {
            "delivery_id": int(number[0]),
            "source_id": source_id,
            "file_name": delivery.file_name,
            "file_sha256": delivery.sha256,
            "file_bytes": delivery.bytes,
            "taken_at": str(taken_at),
            "verdict": delivery.verdict,
            "kept_at": delivery.kept_at,
            "problem": delivery.problem,
        }
        restore_delivery(tx, facts)
        ledger.append(tx, ledger.NO_BATCH, "delivered", facts)
    with server.connect("loader", autocommit=True) as connection:
        journal.catch_up(connection)


def taken_sha256(connection: Connection, source_id: str) -> frozenset[str]:
    """Digests of the files of a source that were entered as taken."""
    rows = connection.execute(
        "select file_sha256 from ops.delivery where source_id = %s and verdict = 'taken'",
        (source_id,),
    )
    return frozenset(sha256 for (sha256,) in rows)


def restore_delivery(tx: Transaction, facts: Mapping[str, Any]) -> None:
    """The row of `ops.delivery` that an entry of the ledger tells of."""
    insert_rows(tx, "ops.delivery", [facts])


def tables_to_read(
    source: Source, mapping: Mapping[str, str], secrets: SecretsFile, connection: Connection
) -> frozenset[str]:
    """Tables whose files are not those of their last batch, and of which every set has a file.

    What failed before its batch was entered, or was entered and not loaded, is among them again.
    """
    folder = root_of(source, secrets) / CURRENT
    latest = {
        table: (state, {(f["name"], f["sha256"]) for f in files})
        for table, state, files in connection.execute(
            "select distinct on (table_name) table_name, state, source_files from ops.batch"
            " where source_id = %s and source_files is not null"
            " order by table_name, batch_id desc",
            (source.source_id,),
        )
    }
    wanted = set()
    for table, sql in mapping.items():
        sets = [source.connection.files[name] for name in sets_read(source, sql)]
        paths = [files_of(file_set, folder) for file_set in sets]
        if not paths or not all(paths):
            continue
        now = {(path.name, counted_sha256(path)) for found in paths for path in found}
        if latest.get(table) not in (("loaded", now), ("rejected", now)):
            wanted.add(table)
    return frozenset(wanted)


def sets_read(source: Source, sql: str) -> set[str]:
    """Sets of files that a query reads; none of text that is no SQL, which its ingest reports."""
    try:
        return tables_read(sql, "duckdb") & set(source.connection.files)
    except MappingSyntaxError:
        return set()


def counted_sha256(path: Path) -> str:
    """The digest of a file in `current/`: the archive names its folder by it."""
    return path.readlink().parent.name if path.is_symlink() else sha256_of(path)
