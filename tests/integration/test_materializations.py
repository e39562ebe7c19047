"""How tables and views of the dbt project take the place of older ones."""

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

_PROJECT = """
name: small
version: "1.0.0"
config-version: 2
profile: qinglian
model-paths: [models]
macro-paths: [materializations]
flags: {send_anonymous_usage_stats: false}
models:
  small:
    +schema: small
"""
_SCHEMA = "staging_small"


class Project:
    """A project of two models with the materializations of the real one."""

    def __init__(self, folder: Path, connection: psycopg.Connection) -> None:
        self.folder = folder
        self.connection = connection
        source = repository_root() / "dbt_project"
        shutil.copytree(source / "materializations", folder / "materializations")
        shutil.copy(source / "profiles.yml", folder)
        (folder / "dbt_project.yml").write_text(_PROJECT, "utf-8")
        (folder / "models").mkdir()

    def model(self, name: str, kind: str, query: str) -> None:
        text = f"{{{{ config(materialized='{kind}') }}}}\n{query}"
        (self.folder / "models" / f"{name}.sql").write_text(text, "utf-8")

    def build(self) -> tuple[bool, Counter[str]]:
        """Whether it went well, and how many statements each model took."""
        statements: Counter[str] = Counter()

        def count(event: Any) -> None:
            if event.info.name == "SQLQuery":
                statements[event.data.node_info.node_name] += 1

        folder = str(self.folder)
        arguments = ["--quiet", "run", "--project-dir", folder, "--profiles-dir", folder]
        return dbtRunner(callbacks=[count]).invoke(arguments).success, statements

    def rows(self, name: str) -> list[tuple[int]]:
        return self.connection.execute(f"select x from {_SCHEMA}.{name}".encode()).fetchall()

    def relations(self) -> dict[str, str]:
        return dict(
            self.connection.execute(
                "select relname, relkind::text from pg_class"
                " where relnamespace = %s::regnamespace and relkind in ('r', 'v')",
                (_SCHEMA,),
            ).fetchall()
        )


@pytest.fixture
def project(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    for name, value in dbt_environment(server).items():
        monkeypatch.setenv(name, value)
    with server.connect("transformer", autocommit=True) as connection:
        yield Project(tmp_path, connection)
        connection.execute(f"drop schema if exists {_SCHEMA} cascade".encode())


def test_a_table_and_the_view_on_it_are_replaced_in_few_statements(project: Project) -> None:
    project.model("t", "table", "select 1 as x")
    project.model("v", "view", "select x from {{ ref('t') }}")
    assert project.build()[0]
    project.model("t", "table", "select 2 as x")
    succeeded, statements = project.build()
    assert succeeded
    assert project.rows("v") == project.rows("t") == [(2,)]
    assert project.relations() == {"t": "r", "v": "v"}
    # The last one commits.
    assert (statements["t"], statements["v"]) == (3, 2)


def test_a_view_takes_the_place_of_a_table_and_gives_it_back(project: Project) -> None:
    for kind, sign in (("table", "r"), ("view", "v"), ("table", "r")):
        project.model("t", kind, "select 1 as x")
        assert project.build()[0]
        assert project.relations() == {"t": sign}


@pytest.mark.parametrize("kind", ["table", "view"])
def test_what_cannot_be_built_leaves_the_former_relation(project: Project, kind: str) -> None:
    project.model("t", kind, "select 1 as x")
    assert project.build()[0]
    project.model("t", kind, "select no_such_column as x")
    assert not project.build()[0]
    assert project.rows("t") == [(1,)]
    project.model("t", kind, "select 3 as x")
    assert project.build()[0]
    assert project.rows("t") == [(3,)]
