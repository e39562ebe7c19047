"""An empty warehouse into which tests put landed rows, batch by batch."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection, sql
from psycopg.rows import dict_row

from qinglian.contracts import Contract, load_contracts
from qinglian.settings import Settings
from qinglian.warehouse.schema import TRANSFORMER_SCHEMAS, prepare_warehouse
from qinglian.warehouse.server import Server

ORG = "H50010300777"
_FILLED = {"date": date(2025, 1, 1), "timestamp": datetime(2025, 1, 1), "boolean": False}


class Warehouse:
    """Landed rows, put there as loaded batches of a given day."""

    def __init__(self, connection: Connection, contracts: dict[str, Contract]) -> None:
        self._connection = connection
        self._contracts = contracts

    def batch(self, table: str, day: date, rows: list[dict[str, Any]], kind: str = "x") -> None:
        """One loaded batch that was extracted at eight in the evening of `day`."""
        at = datetime.combine(day, datetime.min.time()) + timedelta(hours=20)
        found = self._connection.execute(
            "with run as (insert into ops.run (kind, as_of) values ('ingest', %(day)s)"
            " returning run_id) insert into ops.batch (run_id, source_id, table_name, part, parts,"
            " cursor_kind, extracted_at, extracted, unchanged, duplicates, vanished, quarantined,"
            " loaded, distinct_keys, contract_version, mapping_sha256, state, loaded_at)"
            " select run_id, 'test', %(table)s, 0, 1, %(kind)s, %(at)s, %(n)s, 0, 0, 0, 0, %(n)s,"
            " %(n)s, '1', '-', 'loaded', localtimestamp from run returning batch_id",
            {"day": day, "table": table, "kind": kind, "at": at, "n": len(rows)},
        ).fetchone()
        assert found
        for row in rows:
            self._insert(table, {"_batch_id": found[0], "_extracted_at": at, **row})

    def _insert(self, table: str, given: dict[str, Any]) -> None:
        row: dict[str, Any] = {
            c.name: _FILLED.get(c.physical_type, "1")
            for c in self._contracts[table].columns
            if c.required
        }
        row |= {"org_code": ORG, "_src_system": "test", "_row_hash": "-", **given}
        self._connection.execute(
            sql.SQL("insert into land.{} ({}) values ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join(map(sql.Placeholder, row)),
            ),
            row,
        )

    def lead_rows(self, schema: str) -> list[dict[str, Any]]:
        """Active leads by the names of their columns."""
        query = sql.SQL("select * from {} where is_active order by lead_id").format(
            sql.Identifier(schema, "lead")
        )
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query).fetchall()

    def leads(self, schema: str) -> list[tuple[Any, ...]]:
        """Every column of every active lead."""
        return self._connection.execute(
            sql.SQL("select * from {} where is_active order by lead_id").format(
                sql.Identifier(schema, "lead")
            )
        ).fetchall()

    def subjects(self, schema: str) -> list[str]:
        """Whom or what the active leads are about."""
        found = self._connection.execute(
            sql.SQL("select subject_id from {} where is_active").format(
                sql.Identifier(schema, "lead")
            )
        ).fetchall()
        return [subject for (subject,) in found]


@pytest.fixture
def warehouse(server: Server, settings: Settings) -> Iterator[Warehouse]:
    """An empty warehouse, and one again for the tests that follow."""
    contracts = load_contracts(settings.contracts_dir)
    with server.connect("superuser", autocommit=True) as connection:
        for _ in range(2):
            for schema in ("land", "ops", *TRANSFORMER_SCHEMAS):
                connection.execute(f"drop schema if exists {schema} cascade")
            prepare_warehouse(server, contracts.values())
            if _ == 0:
                yield Warehouse(connection, dict(contracts))
