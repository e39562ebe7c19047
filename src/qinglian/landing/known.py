"""What is known of a table's window: the latest versions of its rows, and rows in quarantine."""

import pyarrow as pa

from qinglian.contracts import Contract, Cursor
from qinglian.extract.sources import Source
from qinglian.extract.window import Window
from qinglian.warehouse.transaction import as_json, transaction


def key_sql(contract: Contract) -> str:
    """SQL of a row's key as one text, the same as the spool makes of it."""
    parts = ", ".join(f"coalesce(cast({name} as text), '')" for name in contract.key)
    return f"concat_ws('|', {parts})"


def latest_rows(
    url: str, source: Source, contract: Contract, cursor: Cursor, window: Window | None
) -> pa.Table:
    """`_row_key`, `_row_hash`, `src_is_deleted` of the latest versions within the window."""
    within, values = _within(cursor, window)
    key = ", ".join(contract.key)
    with transaction(url) as tx:
        return tx.fetch(
            f"""
            select distinct on ({key})
                {key_sql(contract)} as _row_key, cast(_row_hash as text) as _row_hash,
                src_is_deleted
            from land.{contract.table}
            where _src_system = $1 {within}
            order by {key}, _batch_id desc
            """,
            source.source_id,
            *values,
        )


def _within(cursor: Cursor, window: Window | None) -> tuple[str, list[str]]:
    """Condition on the window; a table without a time of its own asks its parent for it."""
    if window is None:
        return "", []
    span = f"{cursor.column} >= cast($2 as timestamp) and {cursor.column} < cast($3 as timestamp)"
    values = [str(window.start), str(window.end)]
    if cursor.parent is None:
        return f"and {span}", values
    same_key = (
        f"select org_code, {cursor.parent_key} from land.{cursor.parent}"
        f" where _src_system = $1 and {span}"
    )
    return f"and (org_code, {cursor.parent_key}) in ({same_key})", values


def quarantined_rows(url: str, source: Source, contract: Contract) -> pa.Table:
    """`_row_key`, `_row_hash` of rows that wait in quarantine or were discarded there."""
    with transaction(url) as tx:
        return tx.fetch(
            "select row_key as _row_key, cast(row_hash as text) as _row_hash from ops.quarantine"
            " where source_id = $1 and table_name = $2 and status in ('open', 'discarded')",
            source.source_id,
            contract.table,
        )


def full_rows(url: str, source: Source, contract: Contract, keys: list[str]) -> pa.Table:
    """The latest version of the rows with these keys: contract columns, `_row_key`, `_row_hash`."""
    columns = ", ".join(c.name for c in contract.landed_columns)
    with transaction(url) as tx:
        return tx.fetch(
            f"""
            select distinct on (_row_key) {columns}, _row_key, _row_hash
            from (select *, {key_sql(contract)} as _row_key from land.{contract.table}
                  where _src_system = $1) as keyed
            where _row_key in (
                select jsonb_array_elements_text(cast(cast($2 as text) as jsonb) -> 'keys'))
            order by _row_key, _batch_id desc
            """,
            source.source_id,
            as_json({"keys": keys}),
        )
