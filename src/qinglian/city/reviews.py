"""The few deductions that the bureau's review made, and how hospitals appealed."""

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY
from qinglian.city.draws import Purpose, stream
from qinglian.city.his_columns import MonthData
from qinglian.city.lines import DRUG, MATERIAL
from qinglian.city.ward import END

#: The bureau's own rules by kind of item: drug, consumable, service.
_RULES = (
    ("QC-YP-01", "超限定支付范围用药"),
    ("QC-HC-01", "超标准使用医用耗材"),
    ("QC-FW-01", "超项目内涵收费"),
)
_LINES_REVIEWED = 4
_APPEALS = ("0", "1", "2", "3")  # none, pending, upheld, revoked
_LEAST_CENTS = 2_000


def deduction_table(data: MonthData) -> pa.Table:
    """Up to four lines of the month's settled stays, decided a month or more after settlement."""
    lines, st = data.claims.lines, data.bills.settlements
    rng = stream(data.seed, Purpose.INSURER_REVIEWS, data.hospital.number, data.month.serial)
    payable = lines.amount - data.claims.own_pay - data.claims.first_pay
    candidates = np.flatnonzero(
        lines.inpatient
        & (lines.settle_row >= 0)
        & (lines.original == 0)
        & (payable >= _LEAST_CENTS)
        & ~np.isin(lines.serial, lines.original)
    )
    rows = rng.permutation(candidates)[:_LINES_REVIEWED]
    settlement = lines.settle_row[rows]
    decided = st.time[settlement] // DAY * DAY + rng.integers(30, 55, len(rows)) * DAY + 36_000
    appeal = rng.choice(len(_APPEALS), len(rows), p=[0.6, 0.1, 0.2, 0.1])
    known = np.flatnonzero(decided <= END)
    rows, settlement, decided, appeal = (x[known] for x in (rows, settlement, decided, appeal))
    kind = np.select([lines.kind[rows] == DRUG, lines.kind[rows] == MATERIAL], [0, 1], 2)
    return pa.table(
        {
            "fixmedins_code": a.constant(data.hospital.org_code, len(rows)),
            "dedu_id": a.labels("KK", lines.serial[rows]),
            "setl_id": a.labels("", st.settle_id[settlement]),
            "bkkp_sn": a.labels("", lines.serial[rows]),
            "rule_codg": a.words([code for code, _ in _RULES], kind),
            "rule_name": a.words([name for _, name in _RULES], kind),
            "dedu_amt": a.money(payable[rows]),
            "appl_stas": a.words(_APPEALS, appeal),
            "cfm_time": a.moments(decided),
            "updt_time": a.moments(decided),
        }
    )
