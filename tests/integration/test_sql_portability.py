"""Compiled models outside the dialect macros use only what PostgreSQL and Spark both run."""

import re
from datetime import date
from pathlib import Path

import pytest
from parsed_project import begin_with_parsed_project

from qinglian.settings import Settings, repository_root
from qinglian.transform import compile_models
from qinglian.warehouse.server import Server

#: Construct -> why it is not portable. Patterns are for lower-case SQL without comments; what
#: dbt's own cross-database helpers emit (upper-case TEXT) is theirs to vary.
FORBIDDEN = {
    r"::": "cast with ::",
    r"\bextract\s*\(\s*epoch\b": "extract(epoch …)",
    r"\bage\s*\(": "age()",
    r"\bto_char\s*\(": "to_char()",
    r"\bgenerate_series\s*\(": "generate_series()",
    r"\bunnest\s*\(": "unnest()",
    r"=\s*any\s*\(": "= any(array)",
    r"\barray\s*\[": "array literal",
    r"\bstring_agg\s*\(": "string_agg()",
    r"->": "JSON operators",
    r"\bjsonb?_?\w*\s*\(": "JSON functions",
    r"\bas jsonb?\b": "type json",
    r"(?<![<>!])~": "regular expression operator",
    r"\bdistinct\s+on\b": "distinct on",
    r"\boverlaps\b": "overlaps",
    r"\bat\s+time\s+zone\b": "at time zone",
    r"\bas (text|double precision|timestamptz)\b": "type text, double precision or timestamptz",
    r"\b(varchar|numeric)\s*\)": "varchar or numeric without length and scale",
    r"\bqualify\b": "qualify",
    r"\)\s*over\s*\([^)]*\)\s*within": "ordered-set aggregate as window function",
    r"\binterval\s*'": "interval arithmetic",
    r"\bwith recursive\b": "recursive query",
}


#: A marked stretch without another inside: dialect macros may be nested.
INNERMOST = re.compile(
    r"/\* dialect:begin \*/(?:(?!/\* dialect:begin).)*?/\* dialect:end \*/", re.DOTALL
)


def portable_part(sql: str) -> str:
    """The SQL without what the dialect macros marked as theirs and without comments."""
    marked = 1
    while marked:
        sql, marked = INNERMOST.subn(" ", sql)
    sql = re.sub(r"/\*.*?\*/", " ", sql, flags=re.DOTALL)
    sql = re.sub(r"--[^\n]*", " ", sql)
    return re.sub(r"'(?:[^']|'')*'", "''", sql)


def problems(sql: str) -> list[str]:
    return [
        reason for pattern, reason in FORBIDDEN.items() if re.search(pattern, portable_part(sql))
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "select a::date from t",
        "select cast(a as text) from t",
        "select cast(a as numeric) from t",
        "select d + interval '1 day' from t",
        "select distinct on (a) a from t",
        "select string_agg(a, ',') from t",
    ],
)
def test_a_construct_of_one_engine_is_found(sql: str) -> None:
    assert problems(sql)


def test_marked_and_quoted_text_is_left_alone() -> None:
    assert not problems(
        "select cast(a as /* dialect:begin */ text /* dialect:end */), '::' -- age(x)"
    )


def test_marks_may_be_nested() -> None:
    begin, end = "/* dialect:begin */", "/* dialect:end */"
    assert not problems(f"select {begin} a + {begin} b::date {end} + interval '1 day' {end}")
    assert problems(f"select {begin} a {end} + interval '1 day'")


def test_compiled_models_are_portable(server: Server, settings: Settings, tmp_path: Path) -> None:
    begin_with_parsed_project(tmp_path, server)
    compiled = compile_models(
        server, repository_root() / "dbt_project", tmp_path, date(2025, 12, 31)
    )
    assert len(compiled) > 50
    found = {
        str(path.relative_to(tmp_path)): reasons
        for path in compiled
        if (reasons := problems(path.read_text("utf-8")))
    }
    assert not found, f"write these through macros/dialect: {found}"
