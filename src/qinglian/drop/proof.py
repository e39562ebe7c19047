"""Proves that delivered files are what they were when they came, and that rows come from them.

Each delivery is an entry of the ledger with the hash of its bytes; the archive is held against it,
and so are the files that a batch of the source says it read.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from qinglian.drop.check import shown
from qinglian.drop.record import NO_CONTENT, Verdict
from qinglian.extract.errors import SourceConfigurationError
from qinglian.extract.sources import SourceCatalog, root_of
from qinglian.file_hash import sha256_of
from qinglian.landing import ledger
from qinglian.secrets_file import SecretsFile
from qinglian.settings import Settings


def drop_folders(settings: Settings, secrets: SecretsFile) -> dict[str, Path]:
    """Source -> its drop folder, for those that are configured and there."""
    found = {}
    for source in SourceCatalog(settings).sources():
        if source.connection.drop:
            with suppress(SourceConfigurationError):
                found[source.source_id] = root_of(source, secrets)
    return found


def delivery_faults(
    connection: Connection,
    chain: Sequence[ledger.Entry],
    since: int,
    folders: Mapping[str, Path],
) -> Iterator[str]:
    """Sentences on deliveries whose files or records differ from the ledger.

    Files are read and batches looked at where their entry comes after number `since`; `folders` are
    the drop folders by source.
    """
    entries = [(e.entry_no, json.loads(e.payload)) for e in chain if e.event == "delivered"]
    yield from _record_faults(connection, [facts for _, facts in entries])
    yield from _kept_faults([facts for number, facts in entries if number > since], folders)
    yield from _origin_faults(chain, since)


def _record_faults(connection: Connection, entered: list[dict[str, Any]]) -> Iterator[str]:
    """`ops.delivery` must say what the ledger says."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("select * from ops.delivery order by delivery_id").fetchall()
    said = {facts["delivery_id"]: facts for facts in entered}
    for row in rows:
        facts = said.pop(row["delivery_id"], None)
        if facts is None:
            yield f"delivery {row['delivery_id']}: it has no entry in the ledger"
            continue
        now = row | {"taken_at": str(row["taken_at"])}
        for name in now:
            if now[name] != facts[name]:
                yield (
                    f"delivery {row['delivery_id']}: {name} is {now[name]}, the ledger says"
                    f" {facts[name]}"
                )
    for number in said:
        yield f"delivery {number}: it is in the ledger and was removed from ops.delivery"


def _kept_faults(entered: list[dict[str, Any]], folders: Mapping[str, Path]) -> Iterator[str]:
    """Every file that was taken or rejected must lie where it was put, unaltered."""
    for source_id in sorted({facts["source_id"] for facts in entered} - set(folders)):
        yield (
            f"source {source_id}: its delivered files cannot be checked, since it is not configured"
            " with a drop folder that is there; bring back its YAML or its folder"
        )
    kept = {
        (facts["source_id"], facts["kept_at"]): facts
        for facts in entered
        if facts["source_id"] in folders
    }
    for (source_id, kept_at), facts in kept.items():
        path = _named(folders[source_id] / kept_at)
        if problem := _problem(path, facts["file_sha256"]):
            yield f"delivered file {path}: {problem} (delivery {facts['delivery_id']})"


def _problem(path: Path, digest: str) -> str | None:
    if digest == NO_CONTENT:  # a link, which is kept and never followed
        return None if path.is_symlink() else "the link is missing"
    if path.is_symlink() or not path.is_file():
        return "missing"
    return None if sha256_of(path) == digest else "changed after it was delivered"


def _named(path: Path) -> Path:
    """The file of this name; the ledger spells out bytes of a name that are no UTF-8."""
    if path.exists() or not path.parent.is_dir():
        return path
    return next((p for p in path.parent.iterdir() if shown(p.name) == path.name), path)


def _origin_faults(chain: Sequence[ledger.Entry], since: int) -> Iterator[str]:
    """From a source's first delivery on, its batches read delivered files and no others."""
    delivered: dict[str, set[str]] = defaultdict(set)
    for entry in chain:
        facts = json.loads(entry.payload)
        if entry.event == "delivered" and facts["verdict"] != Verdict.REJECTED:
            delivered[facts["source_id"]].add(facts["file_sha256"])
        elif entry.event == "landed" and entry.entry_no > since:
            known = delivered.get(facts["source_id"])
            if known is None:
                continue
            for file in facts.get("source_files") or ():
                if file["sha256"] not in known:
                    yield (
                        f"batch {entry.batch_id}: it read {file['name']} with SHA-256"
                        f" {file['sha256']}, which was never delivered to {facts['source_id']}"
                    )
