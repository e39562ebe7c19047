"""dbt's description of the landing tables, rendered from the contracts."""

from collections.abc import Mapping
from typing import Any

import yaml

from qinglian.contracts.landing import common_columns
from qinglian.contracts.model import Column, Contract

_HEADER = "# Rendered by `qinglian contracts render` from expectations/: edit the contracts.\n"


def dbt_sources_yaml(contracts: Mapping[str, Contract]) -> str:
    """Text of `models/staging/_sources.yml`: the source `land` with tables, columns and labels."""
    source = {
        "name": "land",
        "schema": "land",
        "description": "落地区：只增不改，一行记录的每个版本一行。 Landing zone, append-only.",
        "config": {"loaded_at_field": "_extracted_at"},
        "tables": [_table(contract) for contract in contracts.values()],
    }
    return _HEADER + yaml.safe_dump(
        {"version": 2, "sources": [source]}, allow_unicode=True, sort_keys=False, width=100
    )


def _table(contract: Contract) -> dict[str, Any]:
    org_code, *after = common_columns()
    return {
        "name": contract.table,
        "description": (f"{contract.name_zh}：{contract.description_zh} {contract.description_en}"),
        "config": {"meta": {"domain": contract.domain, "key": list(contract.key)}},
        "columns": [_column(column) for column in (org_code, *contract.columns, *after)],
    }


def _column(column: Column) -> dict[str, Any]:
    rendered: dict[str, Any] = {
        "name": column.name,
        "description": f"{column.label_zh} {column.description_en}",
        "data_type": column.physical_type,
    }
    if column.classification != "internal":
        rendered["config"] = {"meta": {"classification": column.classification}}
    return rendered
