"""What was ordered, done, handed out and written down: the records behind the fee lines.

Each module holds one subject: what happened, and the tables in which the two products keep it. All
draw from streams of their own, so that they change nothing of what the hospital bills.
"""

from dataclasses import dataclass

import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.care import (
    access_log,
    diagnoses,
    dispensing,
    nursing,
    orders,
    reports,
    reviews,
    surgery,
)
from qinglian.city.care.access_log import AccessLog, access_log_of
from qinglian.city.care.devices import carry_udi, lots, udis
from qinglian.city.care.diagnoses import StayDiagnoses, diagnoses_of
from qinglian.city.care.dispensing import Dispenses, dispenses_of
from qinglian.city.care.net_lines import NetLines, net_lines
from qinglian.city.care.nursing import NursingDays, nursing_days_of
from qinglian.city.care.orders import OrderBook, orders_of
from qinglian.city.care.reports import Reports, reports_of
from qinglian.city.care.reviews import Reviews, reviews_of
from qinglian.city.care.surgery import Surgeries, surgeries_of
from qinglian.city.care.traces import Traces, traces_of
from qinglian.city.draws import Ints
from qinglian.city.his_columns import MonthData, Tables
from qinglian.city.schemes import Schemes

_SUBJECTS = (diagnoses, orders, dispensing, surgery, reports, nursing, reviews, access_log)


@dataclass
class Care:
    """All records of one hospital and month; `net` is the view of the fee lines that they share."""

    net: NetLines
    diagnoses: StayDiagnoses
    orders: OrderBook
    dispenses: Dispenses
    surgeries: Surgeries
    reports: Reports
    nursing: NursingDays
    reviews: Reviews
    access_log: AccessLog
    traces: Traces


def care_of(data: MonthData, seed: int, schemes: Schemes) -> Care:
    """The records behind what the hospital billed in the month."""
    net = net_lines(data.bills)
    surgeries = surgeries_of(data, net, seed)
    return Care(
        net=net,
        diagnoses=diagnoses_of(data, surgeries, seed),
        orders=orders_of(data, net, seed),
        dispenses=dispenses_of(data, net, seed),
        surgeries=surgeries,
        reports=reports_of(data, net, seed, schemes),
        nursing=nursing_days_of(data, seed),
        reviews=reviews_of(data, seed, schemes),
        access_log=access_log_of(data, seed, schemes),
        traces=traces_of(data, net, schemes),
    )


def yunqi_tables(data: MonthData) -> Tables:
    """One month's records in the tables of yunqi_his."""
    return {name: t for part in _SUBJECTS for name, t in part.yunqi_tables(data).items()}


def kangtai_tables(data: MonthData) -> Tables:
    """One month's records in the tables of kangtai_his."""
    return {name: t for part in _SUBJECTS for name, t in part.kangtai_tables(data).items()}


def fee_links(data: MonthData, rows: Ints) -> dict[str, pa.Array]:
    """Identifiers of the records behind fee lines, null without: order, execution, report,
    operation, pieces and lot of consumables that carry an identification.
    """
    care, lines = data.care, data.bills.lines
    source = care.net.source[rows]
    links = {
        "order": care.orders.order_of_line[source],
        "execution": care.orders.execution_of_line[source],
        "report": care.reports.of_line[source],
        "surgery": care.surgeries.of_line[source],
    }
    lot = lots(lines.time[source])
    return {
        **{name: a.integers(ids, ids == 0) for name, ids in links.items()},
        "udi": udis(data, care.net, rows),
        "batch_no": a.labels("L", lot, ~carry_udi(data)[rows]),
    }
