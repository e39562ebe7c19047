"""Inputs of a unit test stand where dbt would put them."""

import re
from dataclasses import dataclass

import pytest
from dbt.compilation import inject_ctes_into_sql
from quick_unit_tests import with_inputs


@dataclass(frozen=True)
class Input:
    """As much of dbt's InjectedCTE as it reads."""

    id: str
    sql: str


INPUTS = [Input("a", " a as (select 1 as x)"), Input("b", " b as (select 2 as x)")]


@pytest.mark.parametrize(
    "sql",
    [
        "-- Grain: with one\n\nwith own as (select * from a)\nselect * from own",
        "/* with */ WITH RECURSIVE own as (select 1) select * from own, a",
        "\n  -- nothing of its own\nselect * from a -- with b",
        "select 'with' as word from withered",
    ],
)
def test_inputs_come_before_all_others(sql: str) -> None:
    def words(text: str) -> list[str]:
        """What the database reads: comments and blanks say nothing."""
        return re.findall(r"\w+|[^\s\w]", re.sub(r"--[^\n]*|/\*.*?\*/", " ", text).lower())

    assert words(with_inputs(sql, INPUTS)) == words(inject_ctes_into_sql(sql, INPUTS))


def test_without_inputs_nothing_changes() -> None:
    assert with_inputs("select 1", []) == "select 1"
