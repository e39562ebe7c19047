"""Schemes of examinations and tests that were billed to outpatients and not reported in time."""

import numpy as np

from qinglian.city.calendar import DAY, second_number
from qinglian.city.care.net_lines import NetLines
from qinglian.city.draws import Bools, Ints
from qinglian.city.his_columns import MonthData
from qinglian.city.lines import SERVICE
from qinglian.city.schemes import MissingReports, Schemes
from qinglian.city.services import service_index, services
from qinglian.city.ward import END

#: Days in which a report has to be out, by category of the charge.
_DAYS = {"03": 3, "04": 7}
#: Later lines are not chosen: their reports would come after the history.
_LAST_DAYS = 20


def plant_reports(
    data: MonthData, net: NetLines, rows: Ints, report_time: Ints, schemes: Schemes
) -> Bools:
    """Which of the reports of lines `rows` are left out; changes `report_time` of others, 0 for
    those that are registered and never written.
    """
    left_out = np.zeros(len(rows), dtype=bool)
    taken = np.zeros(len(rows), dtype=bool)
    lines = data.bills.lines
    for scheme, action in schemes.of(MissingReports, data.hospital.number, data.month):
        item = service_index()[action.item]
        fits = ~lines.inpatient[rows] & (lines.kind[rows] == SERVICE) & (lines.item[rows] == item)
        fits &= (net.net[rows] == lines.qty[rows]) & (lines.given[rows] < 0) & ~taken
        fits &= lines.time[rows] < min(END - _LAST_DAYS * DAY, second_number(data.month.next.first))
        chosen = np.flatnonzero(fits)[: action.per_month]
        taken[chosen] = True
        limit = _DAYS[services()[item].category]
        day = lines.time[rows[chosen]] // DAY * DAY
        match action.pattern:
            case "none":
                left_out[chosen] = True
            case "late":
                report_time[chosen] = day + (limit + 1) * DAY + 9 * 3600
            case "in_time":
                report_time[chosen] = day + limit * DAY + 9 * 3600
            case "registered":
                report_time[chosen] = 0
        cents = int(lines.amount[rows[chosen]].sum()) if scheme.case == "true" else 0
        scheme.record(data.month, "his_fee", data.bills.fee_id[rows[chosen]], cents)
    return left_out
