"""A dbt project of a few models, with the materializations and the key test of the real one."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from dbt.cli.main import dbtRunner

from qinglian.settings import repository_root
from qinglian.transform import dbt_environment
from qinglian.warehouse.server import Server

#: Named as the real one is: its macros look for their dialects there.
_PROJECT = """
name: qinglian
version: "1.0.0"
config-version: 2
profile: qinglian
model-paths: [models]
macro-paths: [materializations, macros]
flags: {send_anonymous_usage_stats: false}
models:
  qinglian:
    +schema: small
"""
_MACROS = ("quality/unique_key.sql", "dialect/is_unique_by_index.sql")
SCHEMA = "staging_small"


class Project:
    """A project in a folder of its own, built into a schema of its own."""

    def __init__(self, folder: Path, connection: psycopg.Connection) -> None:
        self.folder = folder
        self.connection = connection
        source = repository_root() / "dbt_project"
        shutil.copytree(source / "materializations", folder / "materializations")
        (folder / "macros").mkdir()
        for macro in _MACROS:
            shutil.copy(source / "macros" / macro, folder / "macros")
        shutil.copy(source / "profiles.yml", folder)
        (folder / "dbt_project.yml").write_text(_PROJECT, "utf-8")
        (folder / "models").mkdir()

    def model(self, name: str, kind: str, query: str, **config: Any) -> None:
        text = f"{{{{ config(**{ {'materialized': kind} | config }) }}}}\n{query}"
        (self.folder / "models" / f"{name}.sql").write_text(text, "utf-8")

    def build(self) -> tuple[bool, Counter[str]]:
        """Whether it went well, and how many statements each model took."""
        statements: Counter[str] = Counter()

        def count(event: Any) -> None:
            if event.info.name == "SQLQuery":
                statements[event.data.node_info.node_name] += 1

        return dbtRunner(callbacks=[count]).invoke(self._arguments("run")).success, statements

    def test(self) -> bool:
        """Whether all data tests pass."""
        return dbtRunner().invoke(self._arguments("test")).success

    def _arguments(self, command: str) -> list[str]:
        folder = str(self.folder)
        return ["--quiet", command, "--project-dir", folder, "--profiles-dir", folder]

    def rows(self, name: str) -> list[tuple[int]]:
        return self.connection.execute(f"select x from {SCHEMA}.{name}".encode()).fetchall()

    def relations(self) -> dict[str, str]:
        return dict(
            self.connection.execute(
                "select relname, relkind::text from pg_class"
                " where relnamespace = %s::regnamespace and relkind in ('r', 'v')",
                (SCHEMA,),
            ).fetchall()
        )


@pytest.fixture
def project(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    for name, value in dbt_environment(server).items():
        monkeypatch.setenv(name, value)
    with server.connect("transformer", autocommit=True) as connection:
        yield Project(tmp_path, connection)
        connection.execute(f"drop schema if exists {SCHEMA} cascade".encode())
