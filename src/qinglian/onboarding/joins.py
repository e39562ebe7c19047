"""Which column of a table names a row of another, and the share of values that resolve."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from qinglian.contracts import Contract, Relationship


@dataclass(frozen=True)
class JoinProfile:
    """Rows of the child with a value, and those whose value names a row of the parent."""

    join: Relationship
    filled: int
    resolved: int


#: Rows of this organisation hold for all.
_EVERY_ORGANISATION = "*"


def profile_joins(
    files: Mapping[str, Path], contracts: Mapping[str, Contract]
) -> list[JoinProfile]:
    """The relationships of which `files` (table -> typed rows) has both ends."""
    links = [link for table in files for link in contracts[table].relationships]
    with duckdb.connect(config={"threads": 1}) as db:
        for table, file in files.items():
            path = str(file).replace("'", "''")
            db.execute(f"create view \"{table}\" as select * from read_parquet('{path}')")
        return [_profile(db, link) for link in links if link.parent in files]


def _profile(db: duckdb.DuckDBPyConnection, join: Relationship) -> JoinProfile:
    row = db.execute(
        f"""
        with parent as (
            select distinct org_code, "{join.parent_column}" as key from "{join.parent}"
        ),
        child as (
            select org_code, "{join.column}" as key from "{join.child}"
            where "{join.column}" is not null and {join.only} and not _duplicate
        )
        select count(*), count(*) filter (where exists (
            select 1 from parent
            where parent.key = child.key
                and parent.org_code in (child.org_code, '{_EVERY_ORGANISATION}')
        ))
        from child
        """
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always gives one row
    return JoinProfile(join, *row)
