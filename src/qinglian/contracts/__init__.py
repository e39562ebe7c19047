"""Data contracts: what each landed table must look like, read from `expectations/`.

One ODCS file per table is the only description of it. Landing tables, Arrow schemas, dbt sources
and the handbook come from here; the gate reads the rules.
"""

from qinglian.contracts.dbt_sources import dbt_sources_yaml
from qinglian.contracts.handbook import handbook_markdown
from qinglian.contracts.landing import (
    arrow_schema,
    common_columns,
    landing_ddl,
    missing_columns_ddl,
)
from qinglian.contracts.model import (
    Column,
    Contract,
    ContractError,
    Cursor,
    CursorKind,
    Freshness,
    Relationship,
    Rule,
)
from qinglian.contracts.read import load_contracts, parse_cursor

__all__ = [
    "Column",
    "Contract",
    "ContractError",
    "Cursor",
    "CursorKind",
    "Freshness",
    "Relationship",
    "Rule",
    "arrow_schema",
    "common_columns",
    "dbt_sources_yaml",
    "handbook_markdown",
    "landing_ddl",
    "load_contracts",
    "missing_columns_ddl",
    "parse_cursor",
]
