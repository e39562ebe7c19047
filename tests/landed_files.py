"""Small landed files for tests of the gate, and the contract that they follow."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from qinglian.contracts import Column, Contract, Cursor, CursorKind, Freshness, Rule, arrow_schema

MACHINERY = [
    ("_row_key", pa.string()),
    ("_row_hash", pa.string()),
    ("src_is_deleted", pa.bool_()),
    ("_cast_errors", pa.string()),
    ("_duplicate", pa.bool_()),
    ("_key_conflict", pa.bool_()),
]


def column(name: str, physical_type: str, **options: Any) -> Column:
    return Column(name, f"标签{name}", name, "string", physical_type, **options)


def rule(rule_id: str, level: str = "row", severity: str = "error", **how: Any) -> Rule:
    return Rule(rule_id, f"规则{rule_id}", "说明", "consistency", severity, level, **how)


FEE = Contract(
    table="test_fee",
    domain="his",
    name_zh="费用明细",
    name_en="Fees",
    description_zh="费用",
    description_en="Fees",
    version="1.0.0",
    columns=(
        column("fee_id", "text", required=True, is_key=True),
        column("person_key", "char(64)", classification="direct_identifier"),
        column("diagnosis", "text", classification="sensitive"),
        column("fee_time", "timestamp", required=True),
        column("qty", "numeric(16,4)"),
        column("unit_price", "numeric(16,6)"),
        column("amount", "numeric(16,2)"),
        column("code", "text"),
    ),
    key=("org_code", "fee_id"),
    cursor=Cursor(CursorKind.WINDOW_RELOAD, column="fee_time", lookback_days=35),
    rules=(
        rule("amount_identity", condition="abs(amount - qty * unit_price) <= 0.01"),
        rule("diagnosis_known", condition="diagnosis <> 'nonsense'"),
        rule(
            "code_format",
            severity="warning",
            expectation="expect_column_values_to_match_regex",
            kwargs={"column": "code", "regex": "^[A-Z][0-9]$"},
        ),
        rule(
            "not_empty",
            level="batch",
            expectation="expect_table_row_count_to_be_between",
            kwargs={"min_value": 1},
        ),
        rule(
            "mean_quantity",
            level="batch",
            severity="warning",
            expectation="expect_column_mean_to_be_between",
            kwargs={"column": "qty", "min_value": 0, "max_value": 1000},
        ),
    ),
    control_total="amount",
)
FEE_FRESH = replace(
    FEE, freshness=Freshness("fee_time", datetime(2025, 1, 3) - datetime(2025, 1, 1))
)


def fee(number: int, **changes: object) -> dict[str, object]:
    """A good row."""
    row: dict[str, object] = {
        "org_code": "H1",
        "fee_id": f"F{number}",
        "person_key": "p" * 64,
        "diagnosis": "I10",
        "fee_time": datetime(2025, 1, 5, 8),
        "qty": Decimal(2),
        "unit_price": Decimal("1.50"),
        "amount": Decimal("3.00"),
        "code": "A1",
        "src_updated_at": None,
        "_row_hash": f"{number:064d}",
        "src_is_deleted": False,
        "_cast_errors": None,
        "_duplicate": False,
        "_key_conflict": False,
    }
    row |= changes
    row["_row_key"] = f"{row['org_code']}|{row['fee_id'] or ''}"
    return row


def write_fees(path: Path, rows: Iterable[dict[str, object]], without: Iterable[str] = ()) -> Path:
    """A landed file of these rows, `without` some columns."""
    schema = pa.schema(
        [pa.field(f.name, f.type) for f in arrow_schema(FEE)] + [pa.field(*m) for m in MACHINERY]
    )
    table = pa.Table.from_pylist(list(rows), schema=schema).drop_columns(list(without))
    pq.write_table(table, path, compression="zstd")
    return path
