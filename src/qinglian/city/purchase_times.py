"""Times of tenders and orders that schemes move; nothing else of the month's rows changes."""

import numpy as np

from qinglian.city.calendar import DAY, second_number
from qinglian.city.his_columns import MonthData
from qinglian.city.purchase_contracts import framework_number
from qinglian.city.purchase_schemes import BackdatedOrders, GrownContract, TenderTimes
from qinglian.city.purchases import line_keys
from qinglian.city.schemes import Schemes
from qinglian.city.suppliers import category_position, suppliers_of
from qinglian.city.tenders import contracted_row


def plant_times(data: MonthData, schemes: Schemes) -> None:
    """Move times of the hospital's last own tender of the month and of orders; let a contract grow.

    Tenders that other schemes added stand after its own and stay as they are.
    """
    _move_tender(data, schemes)
    _backdate_orders(data, schemes)
    _grow_contract(data, schemes)


def _move_tender(data: MonthData, schemes: Schemes) -> None:
    t, row = data.tenders, data.tenders.own - 1
    for scheme, action in schemes.of(TenderTimes, data.hospital.number, data.month):
        if action.notice:
            t.notice_time[row] = t.open_time[row] - action.notice * DAY
        if action.late_bid:
            won = np.flatnonzero((t.bid_project == row) & (t.bid_rank == 1))
            t.bid_time[won] = t.open_time[row] + action.late_bid * 3600
        if action.signed:
            t.signed_after[row] = action.signed
        if action.reason:
            t.reasons[row] = action.reason
        scheme.subject_type = "project_stage"
        scheme.subject_id = f"ZB{t.project_id[row]}|{action.rule}"
        scheme.reported = data.month
        scheme.record(data.month, "pr_project", [f"ZB{t.project_id[row]}"])


def _backdate_orders(data: MonthData, schemes: Schemes) -> None:
    bought = data.purchases
    month_end = second_number(data.month.next.first)
    for scheme, action in schemes.of(BackdatedOrders, data.hospital.number, data.month):
        position = category_position(action.category)
        supplier = suppliers_of(position, data.hospital.number)[0]
        written = bought.receipt_time + action.after * DAY
        rows = np.flatnonzero(
            (bought.category == position)
            & (bought.supplier == supplier)
            & ~bought.cancelled
            & (written < month_end)
        )
        if len(rows):
            bought.time[rows] = written[rows]
            number = framework_number(data.hospital, data.month.year, position, supplier)
            scheme.subject_type = "contract_stage"
            scheme.subject_id = f"{number}|receipt_before_order"
            scheme.record(data.month, "pr_order", line_keys(bought, rows))


def _grow_contract(data: MonthData, schemes: Schemes) -> None:
    t = data.tenders
    for scheme, action in schemes.of(GrownContract, data.hospital.number, data.month):
        row = contracted_row(t, action.works)
        if action.shares:
            award = int(t.award[row])
            amounts = tuple(int(award * share) // 100 * 100 for share in action.shares)
            t.supplements[row] = amounts
            contract = f"HT{t.project_id[row]}"
            scheme.subject_type, scheme.subject_id = "contract_supplement", contract
            scheme.record(data.month, "pr_contract", [contract], max(0, sum(amounts) - award // 10))
