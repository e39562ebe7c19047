"""The data test of a key: it fails on doubles and nulls, with and without an index."""

import pytest
from small_project import SCHEMA, Project

_TESTED = """
models:
  - name: t
    data_tests:
      - unique_key: {arguments: {columns: [x, y]}}
"""
#: In another order than the test names the columns.
_INDEX = [{"columns": ["y", "x"], "unique": True}]


@pytest.fixture
def tested(project: Project) -> Project:
    (project.folder / "models" / "t.yml").write_text(_TESTED, "utf-8")
    return project


def _rows(*rows: str) -> str:
    return f"select * from (values {', '.join(rows)}) as t (x, y)"


@pytest.mark.parametrize("kind", ["table", "view"])
def test_without_an_index_doubles_are_found(tested: Project, kind: str) -> None:
    tested.model("t", kind, _rows("(1, 1)", "(1, 2)"))
    assert tested.build()[0]
    assert tested.test()
    tested.model("t", kind, _rows("(1, 1)", "(1, 1)"))
    assert tested.build()[0]
    assert not tested.test()


def test_a_unique_index_stops_the_build_of_doubles(tested: Project) -> None:
    tested.model("t", "table", _rows("(1, 1)", "(1, 2)"), indexes=_INDEX)
    assert tested.build()[0]
    assert tested.test()
    tested.model("t", "table", _rows("(1, 1)", "(1, 1)"), indexes=_INDEX)
    assert not tested.build()[0]


def test_a_null_is_found_beside_a_unique_index(tested: Project) -> None:
    tested.model("t", "table", _rows("(1, 1)", "(null, 1)"), indexes=_INDEX)
    assert tested.build()[0]
    assert not tested.test()


@pytest.mark.parametrize("other", ["", "create unique index on {t} (x, y, z)"])
def test_an_index_that_only_the_file_names_proves_nothing(tested: Project, other: str) -> None:
    """An incremental table may be older than the index in its model's file."""
    tested.model("t", "table", f"select *, 1 as z from ({_rows('(1, 1)')}) as u", indexes=_INDEX)
    assert tested.build()[0]
    table = f"{SCHEMA}.t"
    execute = tested.connection.execute
    (index,) = execute(
        "select indexrelid::regclass::text from pg_index where indrelid = %s::regclass", (table,)
    ).fetchone() or ("",)
    execute(f"drop index {index}".encode())
    execute(f"insert into {table} values (1, 1, 2)".encode())
    if other:
        execute(other.format(t=table).encode())
    assert not tested.test()
