"""What else Superset does for each answer of a chart and need not do.

Each of these gives the same result as Superset's own code, with less work. They are kept apart so
that one can be dropped alone when a new version of Superset does without it.
"""

import threading
from functools import lru_cache
from typing import Any

import pandas as pd
from superset.charts.data import api
from superset.charts.schemas import ChartDataQueryContextSchema
from superset.common import query_context_factory, query_context_processor
from superset.common.chart_data import ChartDataResultFormat
from superset.daos.chart import ChartDAO
from superset.sql.parse import SQLScript, Table
from superset.utils import rls

_thread = threading.local()


def save_work() -> None:
    """Let answers of charts do without it."""
    processor = query_context_processor.QueryContextProcessor
    shipped = processor.get_data

    def get_data(self: Any, df: pd.DataFrame, coltypes: Any) -> Any:
        if self._query_context.result_format in ChartDataResultFormat.table_like():
            return shipped(self, df, coltypes)
        return records(df)

    processor.get_data = get_data
    query_context_factory.QueryContextFactory._get_slice = _chart_of_answer
    rls.collect_rls_predicates_for_sql = _conditions_inside
    api.ChartDataQueryContextSchema = _schema_of_questions


def records(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """The rows as `to_dict("records")` gives them, without a look at each value for its type."""
    columns = [column.tolist() for _, column in frame.items()]
    names = list(frame.columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _schema_of_questions() -> ChartDataQueryContextSchema:
    """What questions are read with, once a thread: it keeps nothing of them."""
    if not hasattr(_thread, "schema"):
        _thread.schema = ChartDataQueryContextSchema()
    return _thread.schema


def _chart_of_answer(self: Any, slice_id: Any) -> Any:
    """The chart, of which an answer takes no more than how long it is kept.

    Superset looks whether the account may see it; whether it may read the data is asked elsewhere.
    """
    del self
    return ChartDAO.find_by_id(slice_id, skip_base_filter=True)


@lru_cache(256)
def _tables_of(sql: str, engine: str) -> frozenset[Table]:
    """The tables that a query names; it is parsed once a process."""
    statements = SQLScript(sql, engine=engine).statements
    return frozenset(table for statement in statements for table in statement.tables)


def _conditions_inside(sql: str, database: Any, catalog: str | None, schema: str) -> list[str]:
    """Conditions on rows of the tables inside a dataset's query, which belong to an answer's key.

    Unlike Superset's, a query that cannot be parsed is an error, not one without conditions.
    """
    tables = {
        table.qualify(catalog=catalog, schema=schema)
        for table in _tables_of(sql, database.db_engine_spec.engine)
    }
    default = database.get_default_catalog()
    found = (rls.get_predicates_for_table(table, database, default) for table in tables)
    return sorted({condition for conditions in found for condition in conditions})
