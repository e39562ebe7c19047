"""dbt's unit tests without what takes half of their time and says nothing about a model.

dbt parses the whole SQL of a model to put its inputs before the first of its own CTEs, and asks the
database for the columns of the same relations again for each test. The tests and their verdicts
stay dbt's.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from dbt.adapters.postgres import PostgresAdapter

#: Blanks and comments, and the word that CTEs begin with, where there is one.
_HEAD = re.compile(
    r"\A((?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*)(with\s+(?:recursive\s+)?)?", re.I | re.S
)


@contextmanager
def quick_unit_tests() -> Iterator[None]:
    """Within it dbt runs unit tests faster; relations must not change meanwhile."""
    columns: dict[str, list[Any]] = {}
    ask = PostgresAdapter.get_columns_in_relation

    def get_columns(adapter: PostgresAdapter, relation: Any) -> list[Any]:
        """A relation without a schema is a temporary one of one test."""
        if not relation.schema:
            return list(ask(adapter, relation))
        name = str(relation)
        if name not in columns:
            columns[name] = list(ask(adapter, relation))
        return list(columns[name])

    with (
        patch("dbt.compilation.inject_ctes_into_sql", with_inputs),
        patch.object(PostgresAdapter, "get_columns_in_relation", get_columns),
    ):
        yield


def with_inputs(sql: str, ctes: Sequence[Any]) -> str:
    """`sql` with `ctes` before its own, as dbt's function of this purpose makes it."""
    if not ctes:
        return sql
    head = _HEAD.match(sql)
    assert head is not None  # every part of the pattern may be empty
    inputs = ", ".join(cte.sql for cte in ctes)
    start, word = head[1], head[2]
    own = sql[head.end() :]
    return f"{start}{word}{inputs}, {own}" if word else f"{start}with {inputs} {own}"
