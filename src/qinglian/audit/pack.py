"""Puts the audit pack together: content, PDF, Excel, and a manifest with the hash of each."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from psycopg import Connection

from qinglian.audit import ledger_sections, quality_sections, result_sections
from qinglian.audit.content import Content, Scope
from qinglian.audit.document import write_document
from qinglian.audit.reading import Reading, organisations_of
from qinglian.audit.workbook import write_workbook
from qinglian.contracts import load_contracts
from qinglian.drop.proof import drop_folders
from qinglian.settings import Settings
from qinglian.warehouse.server import Server


class AuditPackError(ValueError):
    """There is nothing to make a pack of; the message names what is missing and the remedy."""


@dataclass(frozen=True)
class AuditPack:
    """A finished pack: its folder, the hash of its content, and its files."""

    folder: Path
    content_sha256: str
    files: tuple[Path, ...]


def build_audit_pack(
    settings: Settings,
    server: Server,
    month: date,
    sources: tuple[str, ...] = (),
    folder: Path | None = None,
) -> AuditPack:
    """Make the pack of a month (its first day), of all sources or of those named.

    Reads as the auditor and nothing else. The same month and state of the warehouse give the same
    content. An older pack in `folder` (default: `<state>/audit/<month>`) is replaced.

    Raises:
        AuditPackError: no batch of the month and sources is in the ledger.
        MissingFontError: no Chinese font is installed.
    """
    with server.connect("auditor") as connection:
        # One snapshot for all sections: a load that ends meanwhile is not half in the pack.
        connection.execute("set transaction isolation level repeatable read, read only")
        folders = drop_folders(settings, server.secrets)
        content = _content(connection, settings, month, sources, folders)
    name = "-".join([f"{month:%Y-%m}", *sources])
    target = folder or settings.state_dir / "audit" / name
    target.mkdir(parents=True, exist_ok=True)
    stem = target / f"audit_pack_{name}"
    parts = [stem.with_suffix(suffix) for suffix in (".pdf", ".xlsx", ".json")]
    write_document(content, parts[0])
    write_workbook(content, parts[1])
    parts[2].write_text(content.canonical(), "utf-8")
    manifest = target / "manifest.json"
    manifest.write_text(_manifest(content, parts), "utf-8")
    return AuditPack(target, content.sha256(), (*parts, manifest))


def _content(
    connection: Connection,
    settings: Settings,
    month: date,
    sources: tuple[str, ...],
    folders: Mapping[str, Path],
) -> Content:
    scope = _scope(connection, month, sources)
    reading = Reading(
        connection=connection,
        contracts=load_contracts(settings.contracts_dir),
        month=month,
        sources=sources,
        organisations=organisations_of(connection, sources) if sources else (),
    )
    return Content(
        scope,
        (
            ledger_sections.ledger(reading),
            ledger_sections.control_totals(reading),
            quality_sections.rules(reading),
            quality_sections.identities(reading),
            quality_sections.scorecard(reading),
            ledger_sections.quarantine(reading),
            ledger_sections.changes(reading),
            result_sections.results(reading),
            result_sections.parameters(reading),
            result_sections.hashes(reading, settings.landing_dir, folders),
        ),
    )


def _scope(connection: Connection, month: date, sources: tuple[str, ...]) -> Scope:
    found = connection.execute(
        "select distinct b.source_id from ops.batch b join ops.run r using (run_id)"
        " where date_trunc('month', r.as_of) = %s"
        " and (cardinality(%s::text[]) = 0 or b.source_id = any(%s)) order by 1",
        (month, list(sources), list(sources)),
    ).fetchall()
    present = tuple(source for (source,) in found)
    missing = sorted(set(sources) - set(present))
    if missing or not present:
        raise AuditPackError(
            f"the ledger has no batch of {month:%Y-%m} of {', '.join(missing) or 'any source'};"
            " name a month and sources that were ingested (`qinglian sources` lists them)"
        )
    head = connection.execute(
        "select entry_no, entry_hash, cast(written_at as date) from ops.ledger_entry"
        " order by entry_no desc limit 1"
    ).fetchone()
    assert head is not None  # noqa: S101 - a batch has at least one entry
    return Scope(month, present, not sources, *head)


def _manifest(content: Content, parts: list[Path]) -> str:
    scope = content.scope
    return json.dumps(
        {
            "title": f"清廉 数据审计包 {scope.month:%Y-%m}",
            "month": f"{scope.month:%Y-%m}",
            "sources": list(scope.sources),
            "ledger_entry": scope.ledger_entry,
            "ledger_sha256": scope.ledger_hash,
            "content_sha256": content.sha256(),
            "parts": [
                {
                    "file": part.name,
                    "bytes": part.stat().st_size,
                    "sha256": hashlib.sha256(part.read_bytes()).hexdigest(),
                }
                for part in parts
            ],
        },
        ensure_ascii=False,
        indent=2,
    )
