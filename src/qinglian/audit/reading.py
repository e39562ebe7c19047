"""How the sections read the warehouse: as the auditor, within the month and sources asked for."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection, sql

from qinglian.contracts import Contract


@dataclass(frozen=True)
class Reading:
    """A connection of the auditor's and the parameters that every query may use.

    Queries name `%(month)s` (first day), `%(sources)s` (ids, empty for all) and
    `%(organisations)s` (codes of those sources, empty for all).
    """

    connection: Connection[Any]
    contracts: dict[str, Contract]
    month: date
    sources: tuple[str, ...]
    organisations: tuple[str, ...]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query, which must order them itself."""
        parameters = {
            "month": self.month,
            "sources": list(self.sources),
            "organisations": list(self.organisations),
        }
        return self.connection.execute(query, parameters).fetchall()

    def has_table(self, name: str) -> bool:
        """Whether a table of `ops` exists in this installation."""
        row = self.connection.execute("select to_regclass(%s)", (f"ops.{name}",)).fetchone()
        return row is not None and row[0] is not None

    def has_mart(self, name: str) -> bool:
        """Whether a mart exists in this installation: weekly ones may not yet."""
        row = self.connection.execute("select to_regclass(%s)", (f"marts.{name}",)).fetchone()
        return row is not None and row[0] is not None

    def has_column(self, table: str, column: str) -> bool:
        """Whether a table of `ops` has a column in this installation."""
        found = self.connection.execute(
            "select 1 from information_schema.columns"
            " where table_schema = 'ops' and table_name = %s and column_name = %s",
            (table, column),
        )
        return found.fetchone() is not None

    def table_zh(self, table: str) -> str:
        """Chinese name of a landing table, its own name where no contract has it any more."""
        contract = self.contracts.get(table)
        return contract.name_zh if contract else table

    def landed_amount(self, table: str) -> dict[int, Any]:
        """Sum of the control total in `land.<table>` by batch, without rows that vanished."""
        contract = self.contracts[table]
        if contract.control_total is None:
            return {}
        query = sql.SQL(
            "select _batch_id, sum({}) from land.{} where not src_is_deleted group by _batch_id"
        ).format(sql.Identifier(contract.control_total), sql.Identifier(table))
        return dict(self.connection.execute(query).fetchall())


#: Batches of the month and sources: those whose run was for a business date of the month.
BATCHES = """
batches as (
    select b.*, r.as_of
    from ops.batch b join ops.run r using (run_id)
    where date_trunc('month', r.as_of) = %(month)s
    and (cardinality(%(sources)s::text[]) = 0 or b.source_id = any(%(sources)s))
)
"""


def organisations_of(connection: Connection[Any], sources: tuple[str, ...]) -> tuple[str, ...]:
    """Codes of the organisations whose rows the sources have ever given."""
    rows = connection.execute(
        "select distinct m.org_code from ops.batch_month m join ops.batch b using (batch_id)"
        " where b.source_id = any(%s) and m.org_code is not null order by 1",
        (list(sources),),
    )
    return tuple(code for (code,) in rows)
