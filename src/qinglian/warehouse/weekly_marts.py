"""The marts that the weekly maintenance fills: there, but empty, from the beginning.

Superset's pages are published before the first maintenance, and every table that they read must
exist. Columns and types are those that dbt enforces as the model's contract.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from psycopg import Connection, sql

from qinglian.warehouse.server import Server

_TAG = "weekly"
_READERS = ("reader", "auditor")


def create_weekly_marts(server: Server, dbt_dir: Path) -> None:
    """Create the weekly marts that are missing, and their missing columns. Idempotent.

    They belong to dbt's role, which replaces them when it builds them.
    """
    with server.connect("transformer") as connection:
        for name, columns in weekly_marts(dbt_dir).items():
            present = _present_columns(connection, name)
            if not present:
                _create(connection, server, name, columns)
            for column in columns.keys() - present if present else ():
                connection.execute(
                    sql.SQL("alter table marts.{} add column {} {}").format(
                        sql.Identifier(name), sql.Identifier(column), _type(columns[column])
                    )
                )


def weekly_marts(dbt_dir: Path) -> dict[str, dict[str, str]]:
    """Columns and their types by mart, of those that carry the tag of the weekly maintenance."""
    return {
        model["name"]: {column["name"]: column["data_type"] for column in model["columns"]}
        for model in _described_marts(dbt_dir)
        if _TAG in model.get("config", {}).get("tags", ())
    }


def _described_marts(dbt_dir: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((dbt_dir / "models" / "marts").glob("_*.yml")):
        yield from yaml.safe_load(path.read_text("utf-8")).get("models", ())


def _present_columns(connection: Connection, name: str) -> set[str]:
    """Names of the mart's columns; none where it does not exist."""
    rows = connection.execute(
        "select attname from pg_attribute"
        " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped",
        (f"marts.{name}",),
    )
    return {column for (column,) in rows}


def _create(connection: Connection, server: Server, name: str, columns: dict[str, str]) -> None:
    table = sql.Identifier("marts", name)
    typed = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), _type(kind))
        for column, kind in columns.items()
    )
    connection.execute(sql.SQL("create table {} ({})").format(table, typed))
    readers = sql.SQL(", ").join(sql.Identifier(server.user(role)) for role in _READERS)
    connection.execute(sql.SQL("grant select on {} to {}").format(table, readers))


def _type(kind: str) -> sql.SQL:
    # From a reviewed file of this repository.
    return sql.SQL(kind)
