"""Writer of what the hospitals' stores report to the platform: movements and month balances."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qinglian.city import arrow as a
from qinglian.city.calendar import day_number
from qinglian.city.clinic import row_ids
from qinglian.city.draws import Ints
from qinglian.city.drugs import drugs
from qinglian.city.his_columns import MonthData, Tables, dept_codes, local_codes
from qinglian.city.stock_flows import (
    CONSIGNED,
    GOODS_STORE,
    JOINT_STORE,
    STORES,
    Balances,
    Kind,
    Moves,
    all_goods,
)

_CHANGE_TYPES = {
    Kind.PURCHASE: "10",
    Kind.ISSUE: "20",
    Kind.DEPT_RETURN: "21",
    Kind.TRANSFER_IN: "30",
    Kind.TRANSFER_OUT: "31",
    Kind.DISPENSE: "40",
    Kind.DISPENSE_RETURN: "41",
    Kind.LOSS: "50",
    Kind.COUNT_GAIN: "60",
    Kind.COUNT_LOSS: "61",
}


def stock_tables(data: MonthData, moves: Moves, balances: Balances) -> Tables:
    """The platform's stock tables of one hospital and month."""
    return {"t_stock_move": _moves(data, moves), "t_stock_month": _balances(data, balances)}


def _goods_type(item: Ints) -> pa.Array:
    return a.words(["2", "1"], (item < len(drugs())).astype(np.int64))


def _moves(data: MonthData, moves: Moves) -> pa.Table:
    count = len(moves.time)
    cost = np.array([goods.min_price for goods in all_goods()])
    bought = moves.kind == Kind.PURCHASE
    keepers = [data.staff.codes[number] for number in data.staff.pharmacists]
    return pa.table(
        {
            "move_no": a.labels("KC", row_ids(data.hospital, data.month, count)),
            "hospital_code": a.constant(data.hospital.org_code, count),
            "move_time": a.moments(moves.time),
            "store_code": a.words(STORES, moves.store),
            "other_store": a.words([*STORES, JOINT_STORE], moves.counter % 5, moves.counter < -1),
            "other_dept": a.words(
                dept_codes(data),
                moves.department + len(data.hospital.departments),
                moves.department < 0,
            ),
            "change_type": a.words([_CHANGE_TYPES[kind] for kind in Kind], moves.kind),
            "goods_type": _goods_type(moves.item),
            "hospital_item_code": a.words(local_codes(data.hospital.vendor), moves.item),
            "batch_no": a.labels("B", moves.order % 10**6, ~bought),
            "min_qty": a.quantity(moves.qty),
            "min_cost": a.price(cost[moves.item]),
            "handler_code": a.words(keepers, (moves.store == GOODS_STORE).astype(np.int64)),
            "ref_no": pc.if_else(
                pa.array(moves.order >= CONSIGNED),
                a.labels("JS", moves.order % CONSIGNED, ~bought),
                a.labels("RK", moves.order, ~bought),
            ),
        }
    )


def _balances(data: MonthData, balances: Balances) -> pa.Table:
    count = len(balances.item)
    return pa.table(
        {
            "hospital_code": a.constant(data.hospital.org_code, count),
            "store_code": a.words(STORES, balances.store),
            "goods_type": _goods_type(balances.item),
            "hospital_item_code": a.words(local_codes(data.hospital.vendor), balances.item),
            "month_first": a.days(np.full(count, day_number(data.month.first))),
            "opening": a.quantity(balances.opening),
            "came_in": a.quantity(balances.came_in),
            "went_out": a.quantity(balances.went_out),
            "closing": a.quantity(balances.closing),
            "counted": a.quantity(balances.counted, balances.counted < 0),
        }
    )
