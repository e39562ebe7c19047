"""What a mapping SQL must be: one select with the contract's columns, within its window.

The text is parsed in the source's own dialect and not run, so that every mapping of the repository
can be checked without its database.
"""

from collections.abc import Iterator
from functools import cache

import sqlglot
from sqlglot import exp

from qinglian.contracts import Contract, Cursor
from qinglian.extract.parameters import bare, parameters

#: Statements and clauses that write, lock or leave the query; a mapping SQL only reads.
_FORBIDDEN = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock, exp.Set, exp.Use, exp.Transaction)

#: Dialects in which a source's SQL may be written, by the kind of connection.
DIALECTS = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "mssql": "tsql",
    "oracle": "oracle",
    "files": "duckdb",
}


class MappingSyntaxError(ValueError):
    """A mapping SQL cannot be read in its dialect."""


def mapping_faults(mapping_sql: str, contract: Contract, cursor: Cursor, dialect: str) -> list[str]:
    """What is wrong with a mapping SQL, each in one sentence; empty when nothing is.

    It has to be one select of the contract's columns in order, in every branch of a union, and to
    be bounded by both ends of its window unless the table is read whole.
    """
    try:
        query = parse_mapping(mapping_sql, dialect)
    except MappingSyntaxError as error:
        return [str(error)]
    faults = [f"it holds {kind}; a mapping SQL only reads" for kind in _writing_parts(query)]
    wanted = [column.name for column in contract.landed_columns]
    for number, branch in enumerate(_branches(query), start=1):
        place = f"select {number}" if isinstance(query, exp.SetOperation) else "the select"
        faults += _column_faults(_output_names(branch), wanted, place)
    faults += _window_faults(parameters(mapping_sql), cursor)
    return faults


@cache
def parse_mapping(mapping_sql: str, dialect: str) -> exp.Query:
    """The mapping SQL as a tree, its parameters as texts.

    Raises MappingSyntaxError saying what is not SQL, not one statement, or not a select.
    """
    try:
        statements = sqlglot.parse(bare(mapping_sql), dialect=dialect)
    except sqlglot.errors.SqlglotError as error:
        raise MappingSyntaxError(f"it is no {dialect} SQL: {_first_line(error)}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise MappingSyntaxError("it is not one select statement")
    return statements[0]


def output_columns(mapping_sql: str, dialect: str) -> list[str]:
    """Names of the columns that the mapping SQL returns."""
    return _output_names(next(_branches(parse_mapping(mapping_sql, dialect))))


def constant_null_columns(mapping_sql: str, dialect: str) -> frozenset[str]:
    """Names of the columns that are a literal null in every branch: the product lacks them."""
    nulls = [
        {e.alias_or_name for e in branch.selects if _is_null(e)}
        for branch in _branches(parse_mapping(mapping_sql, dialect))
        if isinstance(branch, exp.Query)
    ]
    return frozenset(set.intersection(*nulls)) if nulls else frozenset()


def tables_read(mapping_sql: str, dialect: str) -> set[str]:
    """Names of the source's tables that the mapping SQL reads, without its own CTEs."""
    query = parse_mapping(mapping_sql, dialect)
    ctes = {cte.alias_or_name for cte in query.find_all(exp.CTE)}
    names = {table.name for table in query.find_all(exp.Table)}
    return {name for name in names if name} - ctes


def _branches(query: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(query, exp.SetOperation):
        yield from _branches(query.left)
        yield from _branches(query.right)
    elif isinstance(query, exp.Subquery):
        yield from _branches(query.this)
    else:
        yield query


def _output_names(select: exp.Expr) -> list[str]:
    return list(select.named_selects) if isinstance(select, exp.Query) else []


def _is_null(expression: exp.Expr) -> bool:
    value = expression.unalias()
    return isinstance(value.this if isinstance(value, exp.Cast) else value, exp.Null)


def _writing_parts(query: exp.Query) -> list[str]:
    found = {type(node).__name__.lower() for node in query.find_all(*_FORBIDDEN)}
    return sorted(found - {"select", "subquery", "query"})


def _column_faults(names: list[str], wanted: list[str], place: str) -> list[str]:
    if "*" in names:
        return [f"{place} has a `*`: write every column of the contract"]
    missing = [name for name in wanted if name not in names]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults = []
    if missing:
        faults.append(f"{place} lacks {', '.join(missing)}")
    if twice:
        faults.append(f"{place} has {', '.join(twice)} twice")
    contracted = [name for name in names if name in wanted]
    if not faults and contracted != wanted:
        first = next(i for i, (a, b) in enumerate(zip(contracted, wanted, strict=True)) if a != b)
        faults.append(
            f"{place} has its columns in another order than the contract: column {first + 1} is"
            f" {contracted[first]} and should be {wanted[first]}"
        )
    return faults


def _window_faults(used: set[str], cursor: Cursor) -> list[str]:
    bounds = {"window_start", "window_end"}
    if cursor.kind == "full_reload":
        return [
            f":{name} is used, but the table is read whole: its rows outside the window would be"
            " taken for deleted"
            for name in sorted(used & bounds)
        ]
    return [
        f":{name} is not used: every run would read the whole table"
        for name in sorted(bounds - used)
    ]


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
