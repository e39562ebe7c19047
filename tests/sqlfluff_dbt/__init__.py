"""What sqlfluff's jinja templater lacks of dbt: it lints without a project and a database.

Each public name is a variable of the templates; `.sqlfluff` names this folder.
"""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context


class _Adapter:
    """The adapter of a dialect without variants of its own: dispatch finds `default__`."""

    @pass_context
    def dispatch(self, context: Context, macro: str, _package: str) -> Callable[..., Any]:
        """The default implementation of `macro`."""
        found: Callable[..., Any] = context[f"default__{macro}"]
        return found

    def get_relation(self, **_relation: str) -> None:
        """No relation exists while linting."""

    def get_columns_in_relation(self, _relation: object) -> list[Any]:
        """None, for the same reason."""
        return []


adapter = _Adapter()
api = SimpleNamespace(Column=SimpleNamespace(translate_type=lambda _type: "text"))
execute = False
flags = SimpleNamespace(FULL_REFRESH=False)
run_started_at = datetime(2025, 12, 31)
target = SimpleNamespace(database="qinglian", schema="staging")
