"""The parameters of a mapping SQL: `:window_start`, `:window_end`, `:org_code`."""

import re
from collections.abc import Mapping

_PARAMETER = re.compile(r"(?<!:):(window_start|window_end|org_code)\b")


def parameters(mapping_sql: str) -> set[str]:
    """Names of the parameters that the mapping SQL uses."""
    return set(_PARAMETER.findall(_without_comment_lines(mapping_sql)))


def fill(mapping_sql: str, values: Mapping[str, str]) -> str:
    """The mapping SQL with its parameters as quoted literals of `values`."""
    text = _without_comment_lines(mapping_sql)
    return _PARAMETER.sub(lambda m: "'" + values[m.group(1)] + "'", text).rstrip("; \n")


def bare(mapping_sql: str) -> str:
    """The mapping SQL as a text that parses: each parameter is its own name as a literal."""
    return fill(mapping_sql, {name: name for name in parameters(mapping_sql)})


def _without_comment_lines(mapping_sql: str) -> str:
    return "\n".join(
        line for line in mapping_sql.splitlines() if not line.lstrip().startswith("--")
    )
