"""Rows of `ops` that the ledger tells of whole: runs, detections, learnt columns and what people
decided.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from qinglian.landing.ledger import Entry


@dataclass(frozen=True)
class Told:
    """A table whose rows are in entries of an event, below `within` where these hold several."""

    event: str
    table: str
    key: tuple[str, ...]
    within: str | None = None
    #: Whether every row has an entry; else there may be some from before the ledger told of them.
    is_complete: bool = True

    def rows(self, facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The rows in what an entry says."""
        return [facts] if self.within is None else list(facts[self.within])


TOLD = (
    Told("run", "run", ("run_id",), is_complete=False),
    Told(
        *("columns", "source_column"),
        ("source_id", "table_name", "mapping_sha256", "column_name"),
        "columns",
        is_complete=False,
    ),
    Told("detection", "detection", ("detection_id",), is_complete=False),
    Told("supplier", "supplier_decision", ("decision_id",)),
    Told("notice", "notice", ("notice_id",)),
    Told("quarantine", "quarantine_decision", ("decision_id",), "decisions"),
)


def told_faults(connection: Connection, chain: Iterable[Entry]) -> Iterator[str]:
    """Sentences on rows that are not what the ledger last said of them."""
    entries = [(entry.event, entry.payload) for entry in chain]
    for told in TOLD:
        said: dict[tuple[Any, ...], Mapping[str, Any]] = {}
        for event, payload in entries:
            if event == told.event:
                for row in told.rows(json.loads(payload)):
                    said[tuple(row[name] for name in told.key)] = row
        yield from _faults(connection, told, list(said.values()))


def _faults(connection: Connection, told: Told, said: list[Mapping[str, Any]]) -> Iterator[str]:
    table = sql.Identifier("ops", told.table)
    same = sql.SQL(" and ").join(
        sql.SQL("said.{0} = held.{0}").format(sql.Identifier(name)) for name in told.key
    )
    differing = connection.execute(
        sql.SQL(
            "select to_jsonb(said), to_jsonb(held) from jsonb_populate_recordset(null::{}, %s)"
            " as said full outer join {} as held on {}"
            " where to_jsonb(said) is distinct from to_jsonb(held)"
        ).format(table, table, same),
        (Jsonb(said),),
    )
    for ledger, now in differing:
        key = " ".join(str((ledger or now)[name]) for name in told.key)
        where = f"ops.{told.table} {key}"
        if now is None:
            yield f"{where}: it is in the ledger and was removed"
        elif ledger is not None:
            changed = (name for name in now if now[name] != ledger.get(name))
            yield from (
                f"{where}: {name} is {now[name]}, the ledger says {ledger.get(name)}"
                for name in changed
            )
        elif told.is_complete:
            yield f"{where}: it has no entry in the ledger"
