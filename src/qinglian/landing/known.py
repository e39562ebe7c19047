"""What is known of a table's window: the latest versions of its rows, and rows in quarantine."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pyarrow as pa
from psycopg import sql

from qinglian.contracts import Contract, Cursor
from qinglian.extract.sources import Source
from qinglian.extract.window import Window
from qinglian.warehouse.transaction import as_json, transaction


def key_sql(contract: Contract) -> str:
    """SQL of a row's key as one text, the same as the spool makes of it."""
    parts = ", ".join(f"coalesce(cast({name} as text), '')" for name in contract.key)
    return f"concat_ws('|', {parts})"


@contextmanager
def latest_rows(
    url: str, source: Source, contract: Contract, cursor: Cursor, window: Window | None
) -> Iterator[pa.RecordBatchReader]:
    """`_row_key`, `_row_hash`, `src_is_deleted` of the latest versions within the window.

    A row that was released under another key or date than the source gives it is not looked for
    there: it has not vanished, and what the source sends under that key is newer.
    """
    within = _within(source, cursor, window)
    key = ", ".join(contract.key)
    with (
        transaction(url) as tx,
        tx.stream(
            f"""
            with latest as (
                select distinct on ({key})
                    {key_sql(contract)} as _row_key, cast(_row_hash as text) as _row_hash,
                    src_is_deleted, _batch_id
                from land.{contract.table}
                where _src_system = {_quoted(source.source_id)} {within}
                order by {key}, _batch_id desc
            )
            select _row_key, _row_hash, src_is_deleted
            from latest
            where not exists (
                select 1 from ops.quarantine_decision as release
                where release.moved and release.released_batch_id = latest._batch_id
                    and release.released_row_key = latest._row_key
            )
            """
        ) as rows,
    ):
        yield rows


def _within(source: Source, cursor: Cursor, window: Window | None) -> str:
    """Condition on the window; a table without a time of its own asks its parent for it."""
    if window is None:
        return ""
    start, end = _quoted(str(window.start)), _quoted(str(window.end))
    span = f"{cursor.column} >= cast({start} as timestamp)"
    span += f" and {cursor.column} < cast({end} as timestamp)"
    if cursor.parent is None:
        return f"and {span}"
    same_key = (
        f"select org_code, {cursor.parent_key} from land.{cursor.parent}"
        f" where _src_system = {_quoted(source.source_id)} and {span}"
    )
    return f"and (org_code, {cursor.parent_key}) in ({same_key})"


def _quoted(text: str) -> str:
    """An SQL literal: only a query without parameters is read as a stream."""
    return sql.Literal(text).as_string()


def open_since(
    url: str, source: Source, contract: Contract, cursor: Cursor, end: datetime
) -> datetime | None:
    """Cursor time of the earliest row known that is open, or was closed within the look-back.

    What is corrected after the close, such as a discharge diagnosis, comes within the look-back of
    the close. Rows older than the cursor's `max_days` are given up.
    """
    if cursor.open_until is None:
        return None
    key = ", ".join(contract.key)
    with transaction(url) as tx:
        row = tx.one(
            f"""
            select min(cursor_time) from (
                select distinct on ({key})
                    {cursor.column} as cursor_time, {cursor.open_until} as closed, src_is_deleted
                from land.{contract.table}
                where _src_system = $1 and {cursor.column} >= cast($2 as timestamp)
                order by {key}, _batch_id desc
            ) as latest
            where not src_is_deleted and (closed is null or closed >= cast($3 as timestamp))
            """,
            source.source_id,
            str(end - timedelta(days=cursor.max_days or 0)),
            str(end - timedelta(days=cursor.lookback_days or 0)),
        )
    return row[0] if row else None


@contextmanager
def quarantined_rows(
    url: str, source: Source, contract: Contract
) -> Iterator[pa.RecordBatchReader]:
    """`_row_key`, `_row_hash` of rows that need no second place in quarantine.

    The source goes on sending such a row as it was, whether it waits, was discarded, or was
    released, perhaps corrected: it is nothing new, until another version of it has come in between.
    """
    types = {c.name: c.physical_type for c in contract.landed_columns}
    same_key = " and ".join(
        f"version.{k} = cast(q.\"row\" ->> '{k}' as {types[k]})" for k in contract.key
    )
    with (
        transaction(url) as tx,
        tx.stream(
            f"""
            select q.row_key as _row_key, cast(q.row_hash as text) as _row_hash
            from ops.quarantine as q
            left join ops.quarantine_decision as release
                on q.batch_id = release.batch_id and q.row_number = release.row_number
                and release.action = 'release'
            left join lateral (
                select true as is_superseded
                from land.{contract.table} as version
                inner join ops.batch as b on version._batch_id = b.batch_id
                where {same_key}
                    and version._batch_id > coalesce(release.released_batch_id, q.batch_id)
                    and b.cursor_kind <> 'release'
                limit 1
            ) as newer on true
            where q.source_id = {_quoted(source.source_id)}
                and q.table_name = {_quoted(contract.table)} and newer.is_superseded is null
            """
        ) as rows,
    ):
        yield rows


def full_rows(
    url: str,
    source: Source,
    contract: Contract,
    cursor: Cursor,
    window: Window | None,
    keys: list[str],
) -> pa.Table:
    """The latest version of the rows with these keys: contract columns, `_row_key`, `_row_hash`.

    Left out are rows whose latest version lies outside the window, or is deleted: their date has
    changed since the version that lay in it, and nothing is said of them here.
    """
    within, values = "", list[str]()
    if window is not None and cursor.parent is None:
        column = cursor.column
        within = f"and {column} >= cast($3 as timestamp) and {column} < cast($4 as timestamp)"
        values = [str(window.start), str(window.end)]
    columns = ", ".join(c.name for c in contract.landed_columns)
    with transaction(url) as tx:
        return tx.fetch(
            f"""
            with latest as (
                select distinct on (_row_key) *
                from (select *, {key_sql(contract)} as _row_key from land.{contract.table}
                      where _src_system = $1) as keyed
                where _row_key in (
                    select jsonb_array_elements_text(cast(cast($2 as text) as jsonb) -> 'keys'))
                order by _row_key, _batch_id desc
            )
            select {columns}, _row_key, _row_hash from latest where not src_is_deleted {within}
            """,
            source.source_id,
            as_json({"keys": keys}),
            *values,
        )
