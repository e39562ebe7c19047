"""Rows that pass through DuckDB meet their other columns again, whichever thread fetches them."""

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Any

import pyarrow as pa
import pytest

from qinglian.landing import spool
from qinglian.landing.spool import Waiting


def test_a_batch_that_arrives_while_rows_are_put_together_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = [pa.record_batch({"ready": [f"{n}a", f"{n}b"]}) for n in range(3)]
    waiting = Waiting(sent, {"ready"})
    incoming = iter(waiting)
    typed = [next(incoming).select(["_number"])]
    put_together = spool.pa.concat_tables
    fetched: list[Future[Any]] = []

    with ThreadPoolExecutor(1) as duckdb_thread:

        def put_together_slowly(tables: list[pa.Table]) -> pa.Table:
            rows = put_together(tables)
            if not fetched:
                fetched.append(duckdb_thread.submit(next, incoming))
                with pytest.raises(NotYet):
                    fetched[0].result(timeout=0.2)
            return rows

        monkeypatch.setattr(spool.pa, "concat_tables", put_together_slowly)
        found = [waiting.beside(typed[0])]
        typed += [fetched[0].result(), *incoming]
    found += [waiting.beside(rows.select(["_number"])) for rows in typed[1:]]
    assert [rows["ready"].to_pylist() for rows in found] == [
        ["0a", "0b"],
        ["1a", "1b"],
        ["2a", "2b"],
    ]
