"""Schema drift: columns that a source no longer has, has besides, or gives in another type."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import pyarrow as pa
from psycopg import Connection

from qinglian.landing import ledger
from qinglian.landing.verdicts import insert_rows
from qinglian.warehouse.transaction import Transaction, as_json, transaction

OPS_DRIFT_DDL = """
create table if not exists ops.source_column (
    source_id text not null,
    table_name text not null,
    mapping_sha256 text not null,
    column_name text not null,
    type_family text not null,
    first_seen timestamp not null default localtimestamp,
    primary key (source_id, table_name, mapping_sha256, column_name)
);
comment on table ops.source_column is
    '来源字段：同一映射 SQL 首次读到的字段及其类型族；类型族改变时该表停止';
"""

#: How PostgreSQL and MySQL say that a column is not there.
_MISSING = (
    re.compile(r'column "?(?:\w+\.)?(\w+)"? does not exist'),
    re.compile(r"Unknown column '(?:\w+\.)?(\w+)'"),
)


class ColumnDriftError(Exception):
    """A source gives columns that differ from its contract or from what they were."""


def missing_column(problem: str) -> str | None:
    """The column that a database does not find, from its message; None where it is about other."""
    return next((m[1] for pattern in _MISSING if (m := pattern.search(problem))), None)


def likeliest(missing: str, candidates: Iterable[str]) -> str | None:
    """The candidate whose name is most like that of a missing column; None without any."""

    def likeness(name: str) -> float:
        return SequenceMatcher(None, missing.lower(), name.lower()).ratio()

    return max(candidates, key=likeness, default=None)


def columns_problem(wanted: Sequence[str], found: Sequence[str]) -> str | None:
    """Columns of the contract that the mapping SQL does not return, with their likely new names."""
    missing = [name for name in wanted if name not in found]
    extra = [name for name in found if name not in wanted]
    if not missing:
        return None
    hints = [
        f"'{name}'" + (f" (likeliest new name: '{other}')" if other else "")
        for name in missing
        for other in [likeliest(name, extra)]
    ]
    return f"the mapping SQL does not return {', '.join(hints)}"


def type_family(kind: pa.DataType) -> str | None:
    """text, number, time, boolean or other: what a change within does not alter; None for nulls."""
    if pa.types.is_null(kind):
        return None
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_temporal(kind):
        return "time"
    return "boolean" if pa.types.is_boolean(kind) else "other"


def families_of(schema: pa.Schema) -> dict[str, str]:
    """Column -> type family, of those that have one."""
    found = ((field.name, type_family(field.type)) for field in schema)
    return {name: family for name, family in found if family is not None}


def known_families(
    connection: Connection[Any], source_id: str, table: str, mapping_sha256: str
) -> dict[str, str]:
    """Column -> type family as this source gave it first under this mapping SQL."""
    rows = connection.execute(
        "select column_name, type_family from ops.source_column"
        " where source_id = %s and table_name = %s and mapping_sha256 = %s",
        (source_id, table, mapping_sha256),
    ).fetchall()
    return dict(rows)


def types_problem(known: Mapping[str, str], given: Mapping[str, str]) -> str | None:
    """Columns whose type family is no longer what it was, as a sentence."""
    changed = [
        f"'{name}' was {known[name]} and is {family}"
        for name, family in given.items()
        if known.get(name, family) != family
    ]
    return f"the source changed the type of {', '.join(changed)}" if changed else None


def remember(
    url: str, source_id: str, table: str, mapping_sha256: str, families: Mapping[str, str]
) -> None:
    """Keep the type families of columns that are seen for the first time, in the ledger too."""
    with transaction(url) as tx:
        learnt = tx.fetch(
            "insert into ops.source_column"
            " (source_id, table_name, mapping_sha256, column_name, type_family)"
            " select $1, $2, $3, key, value"
            " from jsonb_each_text(cast(cast($4 as text) as jsonb)) on conflict do nothing"
            " returning cast(to_jsonb(source_column) as text) as line",
            *(source_id, table, mapping_sha256, as_json(families)),
        )["line"].to_pylist()
        if learnt:
            columns = [json.loads(line) for line in learnt]
            ledger.append(tx, ledger.NO_BATCH, "columns", {"columns": columns})


def restore(tx: Transaction, columns: Sequence[Mapping[str, Any]]) -> None:
    """Write learnt columns as they stand in the ledger."""
    insert_rows(tx, "ops.source_column", columns)
