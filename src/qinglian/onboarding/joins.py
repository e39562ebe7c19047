"""Which column of a table names a row of another, and the share of values that resolve."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Join:
    """`child.column` names a row of `parent` by `parent_column`; `only` limits the child's rows."""

    child: str
    column: str
    parent: str
    parent_column: str
    only: str = "true"


@dataclass(frozen=True)
class JoinProfile:
    """Rows of the child with a value, and those whose value names a row of the parent."""

    join: Join
    filled: int
    resolved: int


JOINS = (
    Join("his_staff", "dept_code", "his_dept", "dept_code"),
    Join("his_outp_visit", "patient_id", "his_patient", "patient_id"),
    Join("his_outp_visit", "dept_code", "his_dept", "dept_code"),
    Join("his_outp_visit", "doctor_code", "his_staff", "staff_code"),
    Join("his_outp_diag", "visit_id", "his_outp_visit", "visit_id"),
    Join("his_rx", "visit_id", "his_outp_visit", "visit_id"),
    Join("his_rx", "doctor_code", "his_staff", "staff_code"),
    Join("his_rx", "dept_code", "his_dept", "dept_code"),
    Join("his_rx_item", "rx_id", "his_rx", "rx_id"),
    Join("his_rx_item", "drug_code", "his_drug", "drug_code"),
    Join("his_admission", "patient_id", "his_patient", "patient_id"),
    Join("his_admission", "adm_dept_code", "his_dept", "dept_code"),
    Join("his_admission", "attending_doctor_code", "his_staff", "staff_code"),
    Join("his_fee", "orig_fee_id", "his_fee", "fee_id"),
    Join("his_fee", "settle_id", "his_settle", "settle_id"),
    Join("his_fee", "bill_dept_code", "his_dept", "dept_code"),
    Join("his_fee", "bill_doctor_code", "his_staff", "staff_code"),
    Join("his_fee", "exec_dept_code", "his_dept", "dept_code"),
    Join("his_fee", "item_code", "his_drug", "drug_code", "item_kind = 'drug'"),
    Join("his_fee", "item_code", "his_material", "material_code", "item_kind = 'material'"),
    Join("his_fee", "item_code", "his_charge_item", "item_code", "item_kind = 'service'"),
    Join("his_settle", "orig_settle_id", "his_settle", "settle_id"),
    Join("pr_bid", "project_id", "pr_project", "project_id"),
    Join("pr_bid", "supplier_code", "pr_supplier", "supplier_code"),
    Join("pr_lot", "project_id", "pr_project", "project_id"),
    Join("pr_lot", "winner_supplier_code", "pr_supplier", "supplier_code"),
    Join("pr_order", "supplier_code", "pr_supplier", "supplier_code"),
    Join("pr_receipt", "supplier_code", "pr_supplier", "supplier_code"),
    Join("pr_receipt", "order_id", "pr_order", "order_id"),
    Join("yb_setl_d", "mdtrt_id", "yb_mdtrt_d", "mdtrt_id"),
    Join("yb_setl_d", "init_setl_id", "yb_setl_d", "setl_id"),
    Join("yb_fee_list_d", "setl_id", "yb_setl_d", "setl_id"),
    Join("yb_fee_list_d", "mdtrt_id", "yb_mdtrt_d", "mdtrt_id"),
)

#: Rows of this organisation hold for all.
_EVERY_ORGANISATION = "*"


def profile_joins(files: Mapping[str, Path]) -> list[JoinProfile]:
    """The joins of which `files` (table -> typed rows) has both ends, in the order of JOINS."""
    with duckdb.connect(config={"threads": 1}) as db:
        for table, file in files.items():
            path = str(file).replace("'", "''")
            db.execute(f"create view \"{table}\" as select * from read_parquet('{path}')")
        return [
            _profile(db, join) for join in JOINS if join.child in files and join.parent in files
        ]


def _profile(db: duckdb.DuckDBPyConnection, join: Join) -> JoinProfile:
    row = db.execute(
        f"""
        with parent as (
            select distinct org_code, "{join.parent_column}" as key from "{join.parent}"
        ),
        child as (
            select org_code, "{join.column}" as key from "{join.child}"
            where "{join.column}" is not null and {join.only} and not _duplicate
        )
        select count(*), count(*) filter (where exists (
            select 1 from parent
            where parent.key = child.key
                and parent.org_code in (child.org_code, '{_EVERY_ORGANISATION}')
        ))
        from child
        """
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always gives one row
    return JoinProfile(join, *row)
