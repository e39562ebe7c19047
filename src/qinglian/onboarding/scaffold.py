"""Writes the files of a new source: its YAML, and for a new product one SQL a table."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from qinglian.contracts import Column, Contract, load_contracts
from qinglian.extract.mapping import DIALECTS, tables_read
from qinglian.settings import Settings
from qinglian.systems import SYSTEMS

_SOURCE_ID = re.compile(r"[a-z][a-z0-9_]*")
_URLS = {
    "postgresql": "postgresql://reader:{secret:%s_PASSWORD}@host:5432/database",
    "mysql": "mysql://reader:{secret:%s_PASSWORD}@host:3306/database",
    "mssql": "mssql://reader:{secret:%s_PASSWORD}@host:1433/database",
    "oracle": "oracle://reader:{secret:%s_PASSWORD}@host:1521/service",
}


class ScaffoldError(ValueError):
    """A source cannot be scaffolded; the message says why and what to do."""


def scaffold_source(
    settings: Settings,
    source_id: str,
    *,
    vendor: str,
    system: str,
    kind: str,
    name: str,
    org_code: str | None,
) -> list[Path]:
    """Write the YAML of a source, and the folder of its vendor where there is none; the paths.

    Nothing is overwritten. Raises ScaffoldError for a name in use, or one that cannot be used.
    """
    _refuse_words(source_id, vendor, system, kind)
    folder = settings.root / "sources"
    path = folder / f"{source_id}.yaml"
    if path.exists():
        raise ScaffoldError(f"{path} exists and is left as it is; choose another id")
    vendor_folder = folder / vendor
    written: list[Path] = []
    if not vendor_folder.exists():
        contracts = load_contracts(settings.contracts_dir).values()
        written += _write_vendor(vendor_folder, [c for c in contracts if c.domain == system], kind)
    elif (dialect := _dialect_of(vendor_folder)) != DIALECTS[kind]:
        raise ScaffoldError(
            f"{vendor_folder} is written in {dialect}, which a source of kind {kind} does not"
            " speak; name another vendor or kind"
        )
    source = {
        "source_id": source_id,
        "system": system,
        "vendor": vendor,
        **({"org_code": org_code} if org_code else {}),
        "name": name,
        "connection": _connection(source_id, kind, vendor_folder),
        "history_start": f"{date.today().year}-01-01",
        "tables_in_parallel": 1,
    }
    path.write_text(yaml.safe_dump(source, allow_unicode=True, sort_keys=False), "utf-8")
    return [path, *written]


def _refuse_words(source_id: str, vendor: str, system: str, kind: str) -> None:
    for word in (source_id, vendor):
        if not _SOURCE_ID.fullmatch(word):
            raise ScaffoldError(
                f"{word!r} cannot be an id: write small letters, digits and underscores, a letter"
                " first"
            )
    if system not in SYSTEMS:
        raise ScaffoldError(f"there is no system {system!r}; write one of {', '.join(SYSTEMS)}")
    if kind not in DIALECTS:
        raise ScaffoldError(f"there is no kind {kind!r}; write one of {', '.join(DIALECTS)}")


def _dialect_of(folder: Path) -> str:
    vendor = folder / "vendor.yaml"
    if not vendor.is_file():
        raise ScaffoldError(f"{folder} has no vendor.yaml; write it, or name another vendor")
    return str(yaml.safe_load(vendor.read_text("utf-8"))["dialect"])


def _connection(source_id: str, kind: str, vendor_folder: Path) -> dict[str, Any]:
    """How the source is reached; of files, one set a table that the vendor's SQL reads."""
    if kind != "files":
        return {"kind": kind, "url": _URLS[kind] % source_id.upper()}
    queries = [path.read_text("utf-8") for path in vendor_folder.glob("*.sql")]
    read = {name for sql in queries for name in tables_read(sql, DIALECTS[kind])}
    files = {
        name: {"pattern": f"{name}.csv", "format": "csv", "encoding": "utf-8"}
        for name in sorted(read)
        if _SOURCE_ID.fullmatch(name)
    }
    return {"kind": kind, "path": f"/data/{source_id}", **({"files": files} if files else {})}


def _write_vendor(folder: Path, contracts: Iterable[Contract], kind: str) -> list[Path]:
    folder.mkdir(parents=True)
    vendor = folder / "vendor.yaml"
    described = {
        "name": folder.name,
        "dialect": DIALECTS[kind],
        "description": "New product; delete the SQL of each table that it cannot give.",
    }
    vendor.write_text(yaml.safe_dump(described, allow_unicode=True, sort_keys=False), "utf-8")
    written = [vendor]
    for contract in contracts:
        path = folder / f"{contract.table}.sql"
        path.write_text(skeleton(contract), "utf-8")
        written.append(path)
    return written


def skeleton(contract: Contract) -> str:
    """A mapping SQL with the contract's columns over a table of the contract's own name.

    What stands after `as` is fixed; what stands before it is the product's.
    """
    columns = contract.landed_columns
    table = contract.table
    texts = [
        "    "
        + (":org_code" if c.name == "org_code" else f"{table}.{c.name}")
        + f" as {c.name}{',' if c is not columns[-1] else ''}"
        for c in columns
    ]
    width = max(len(text) for text in texts)
    notes = [_note(column) for column in columns]
    lines = [f"{text:<{width}}  -- {note}" for text, note in zip(texts, notes, strict=True)]
    header = (
        f"-- {table}: {contract.name_zh}，一行一条 one row each."
        " Sources: name the product's tables, and what is translated."
    )
    return "\n".join([header, "select", *lines, *_from(contract)]) + "\n"


def _note(column: Column) -> str:
    need = "必填 required" if column.required or column.is_key else "可空 nullable"
    clear = "，返回明文 in clear" if column.pseudonym else ""
    return f"{column.label_zh}，{column.physical_type}，{need}{clear}"


def _from(contract: Contract) -> list[str]:
    """Where the rows come from, and the window over the cursor's column, maybe the parent's."""
    table, cursor = contract.table, contract.cursor
    if cursor.kind == "full_reload":
        return [f"from {table}"]
    dated = cursor.parent or table
    join = (
        [f"inner join {dated} on {dated}.{cursor.parent_key} = {table}.{cursor.parent_key}"]
        if cursor.parent
        else []
    )
    time = f"{dated}.{cursor.column}"
    return [f"from {table}", *join, f"where {time} >= :window_start and {time} < :window_end"]
