"""Who orders, approves, accepts, keeps and pays: five persons, unless a scheme joins two duties."""

from datetime import timedelta

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import HISTORY_END, Month
from qinglian.city.doctors import Staff
from qinglian.city.his_columns import MonthData, Tables
from qinglian.city.interests import member_of
from qinglian.city.office import Row, Rows, midnight
from qinglian.city.organisations import Hospital
from qinglian.city.purchases import line_keys
from qinglian.city.schemes import LongPost, Schemes, SharedDuty
from qinglian.city.suppliers import category_position

_ROTATION_MONTHS = 36
_CONTRACT_POST = "HT"
#: The table and column in which a second duty of an order stands.
_COLUMNS = {
    "acceptor": ("t_delivery", "acceptor_code"),
    "keeper": ("t_delivery", "keeper_code"),
    "approver": ("t_purchase_order", "approver_code"),
}


def plant_duties(data: MonthData, tables: Tables, schemes: Schemes) -> Tables:
    """The platform's tables of a month in which one buyer has a second duty in own orders."""
    found = dict(tables)
    for scheme, action in schemes.of(SharedDuty, data.hospital.number, data.month):
        bought = data.purchases
        category = category_position(action.category)
        own = (bought.category == category) & (bought.order_id % 2 == action.buyer)
        orders = [f"PO{number}" for number in np.unique(bought.order_id[own]).tolist()]
        name, column = _COLUMNS[action.duty]
        found[name] = _with_code(
            found[name], column, orders, data.staff.codes[len(data.staff.codes) - 2 + action.buyer]
        )
        if orders:
            scheme.record(data.month, "pr_order", line_keys(bought, np.flatnonzero(own)))
    return found


def _with_code(table: pa.Table, column: str, orders: list[str], code: str) -> pa.Table:
    """The table with another code in the rows of some orders."""
    chosen = np.isin(np.array(table["order_no"].to_pylist(), dtype=object), orders)
    values = [
        code if is_chosen else value
        for value, is_chosen in zip(table[column].to_pylist(), chosen.tolist(), strict=True)
    ]
    return table.set_column(table.schema.get_field_index(column), column, a.texts(values))


def long_posts(hospital: Hospital, staff: Staff, schemes: Schemes) -> Rows:
    """Key posts held for so many months at the end of the history."""
    rows: list[Row] = []
    for _, action in schemes.of(LongPost, hospital.number):
        begin = Month(HISTORY_END.year, HISTORY_END.month).shift(-action.months).first
        rows.append(
            {
                "staff_code": staff.codes[member_of(hospital, staff, action.who, action.ordinal)],
                "post_code": _CONTRACT_POST,
                "is_key": "1",
                "begin_date": begin,
                "end_date": None,
                "rotate_months": _ROTATION_MONTHS,
                "updt_time": midnight(begin) + timedelta(hours=9),
            }
        )
    return {"post_record": rows}


def post_subject(code: str, action: LongPost) -> str:
    """How an overdue post is named: person, post and first day."""
    begin = Month(HISTORY_END.year, HISTORY_END.month).shift(-action.months).first
    return f"{code}|contract|{begin.isoformat()}"
