"""How tables and views of the dbt project take the place of older ones."""

import pytest
from small_project import Project


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
