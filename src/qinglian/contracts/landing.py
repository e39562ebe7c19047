"""The landing table of a contract: PostgreSQL DDL and Arrow schema."""

import re
from collections.abc import Collection

import pyarrow as pa

from qinglian.contracts.model import ORG_CODE, SRC_UPDATED_AT, Column, Contract

_AFTER = (
    SRC_UPDATED_AT,
    Column(
        name="src_is_deleted",
        label_zh="来源已删除",
        description_en="The row has vanished from the source since it was last read",
        logical_type="boolean",
        physical_type="boolean",
        required=True,
    ),
    Column(
        name="_src_system",
        label_zh="来源系统",
        description_en="Identifier of the source that gave the row",
        logical_type="string",
        physical_type="text",
        required=True,
    ),
    Column(
        name="_batch_id",
        label_zh="批次号",
        description_en="Batch that loaded this version; the highest is the latest version",
        logical_type="integer",
        physical_type="bigint",
        required=True,
        is_key=True,
    ),
    Column(
        name="_extracted_at",
        label_zh="抽取时间",
        description_en="Time at which the row was read from the source",
        logical_type="timestamp",
        physical_type="timestamp",
        required=True,
    ),
    Column(
        name="_row_hash",
        label_zh="行摘要",
        description_en="SHA-256 of the business columns, which reveals a change",
        logical_type="string",
        physical_type="char(64)",
        required=True,
    ),
    Column(
        name="_extra",
        label_zh="契约外字段",
        description_en="Columns beyond the contract that the vendor's YAML lists, as texts in JSON",
        logical_type="object",
        physical_type="jsonb",
        # No contract says what is in there.
        classification="direct_identifier",
    ),
)
_DEFAULTS = {"src_is_deleted": "false"}
_ARROW_TYPES: dict[str, pa.DataType] = {
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
_NUMERIC = re.compile(r"numeric\((\d+),(\d+)\)")


def common_columns() -> tuple[Column, ...]:
    """Columns of every landing table that no contract writes; all but org_code come last."""
    return (ORG_CODE, *_AFTER)


def landing_ddl(contract: Contract) -> str:
    """Statements that create `land.<table>`, which only ever grows: one row a version of a row."""
    table = f"land.{contract.table}"
    columns = (ORG_CODE, *contract.columns, *_AFTER)
    lines = [_definition(column) for column in columns]
    lines.append(f"primary key ({', '.join((*contract.key, '_batch_id'))})")
    body = ",\n".join(f"    {line}" for line in lines)
    comments = [
        f"comment on table {table} is {_quoted(f'{contract.name_zh}：{contract.description_zh}')};",
        *(_comment(table, column) for column in columns),
    ]
    return f"create table if not exists {table} (\n{body}\n);\n" + "\n".join(comments) + "\n"


def missing_columns_ddl(contract: Contract, present: Collection[str]) -> list[str]:
    """Statements that add the columns which a table of an older contract lacks.

    Rows that were landed before have no value there, so that none of them is `not null`.
    """
    table = f"land.{contract.table}"
    return [
        f"alter table {table} add column {column.name} {column.physical_type};"
        f" {_comment(table, column)}"
        for column in (ORG_CODE, *contract.columns, *_AFTER)
        if column.name not in present
    ]


def arrow_schema(contract: Contract) -> pa.Schema:
    """Schema of a landed batch: org_code, the contract's columns and src_updated_at."""
    return pa.schema(
        [
            pa.field(column.name, _arrow_type(column.physical_type), nullable=not column.required)
            for column in contract.landed_columns
        ]
    )


def _definition(column: Column) -> str:
    words = [column.name, column.physical_type]
    if column.required:
        words.append("not null")
    if default := _DEFAULTS.get(column.name):
        words.append(f"default {default}")
    return " ".join(words)


def _comment(table: str, column: Column) -> str:
    return f"comment on column {table}.{column.name} is {_quoted(column.label_zh)};"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _arrow_type(physical_type: str) -> pa.DataType:
    if numeric := _NUMERIC.fullmatch(physical_type):
        return pa.decimal128(int(numeric[1]), int(numeric[2]))
    return _ARROW_TYPES.get(physical_type, pa.string())
