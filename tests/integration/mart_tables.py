"""Empty marts as their contracts describe them, for tests of what reads marts."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from psycopg import Connection

from qinglian.settings import repository_root

_DBT = repository_root() / "dbt_project"


def create_marts(connection: Connection[Any], names: Iterable[str]) -> None:
    """Create these marts, empty, and show them to the auditor; as the transformer."""
    described = dict(_described((_DBT / "models/marts").glob("_*.yml"), "models"))
    for name in names:
        connection.execute(_ddl("marts", name, described[name]))
    connection.execute("grant select on all tables in schema marts to qinglian_auditor")


def create_threshold(connection: Connection[Any]) -> None:
    """Create `ref.threshold` where no seed has, and show it to the auditor."""
    described = dict(_described([_DBT / "seeds/_seeds.yml"], "seeds"))
    ddl = _ddl("ref", "threshold", described["threshold"])
    connection.execute(ddl.replace("create table", "create table if not exists"))
    connection.execute("grant select on ref.threshold to qinglian_auditor")


def _described(paths: Iterable[Path], kind: str) -> Iterator[tuple[str, list[dict[str, str]]]]:
    for path in paths:
        for node in yaml.safe_load(path.read_text("utf-8")).get(kind, []):
            yield node["name"], node.get("columns", [])


def _ddl(schema: str, name: str, columns: list[dict[str, str]]) -> str:
    typed = ", ".join(f"{column['name']} {column['data_type']}" for column in columns)
    return f"create table {schema}.{name} ({typed})"
