"""The insurer's control totals of a day, as interface 3201 gives them for reconciliation."""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.billing import REFUND
from qinglian.city.calendar import DAY, day_number
from qinglian.city.draws import Ints
from qinglian.city.his_columns import MonthData, Tables
from qinglian.city.organisations import CITY_AREA
from qinglian.city.people import insurance_type
from qinglian.city.ward import END

_CLEARING = ("11", "21")


@dataclass
class Totals:
    """One row a settlement or a total of several; amounts in cents."""

    day: Ints
    inpatient: Ints
    insurance: Ints
    red: Ints
    medical: Ints
    fund: Ints
    account: Ints
    cash: Ints
    count: Ints

    def take(self, rows: Ints | np.ndarray) -> "Totals":
        return Totals(*(getattr(self, field.name)[rows] for field in fields(self)))


class Statements:
    """Daily totals of one hospital; months must be given one after the other.

    Stays of a month are settled in later ones: a day is told when its month is over.
    """

    def __init__(self) -> None:
        self._waiting: list[Totals] = []

    def month(self, data: MonthData) -> Totals:
        """Totals of the days of the calendar month of `data`."""
        whole = _join([*self._waiting, _settlements(data)])
        later = whole.day >= day_number(data.month.next.first)
        self._waiting = [whole.take(later)]
        return _summed(whole.take(~later))


def _join(parts: list[Totals]) -> Totals:
    return Totals(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Totals)))


def _settlements(data: MonthData) -> Totals:
    st, split = data.bills.settlements, data.claims.split
    rows = np.flatnonzero(data.claims.insured)
    inpatient, encounter = st.inpatient[rows], st.encounter[rows]
    patient = np.where(
        inpatient,
        data.stays.patient[encounter * inpatient],
        data.clinic.visits.patient[encounter * ~inpatient],
    )
    return Totals(
        day=st.time[rows] // DAY,
        inpatient=inpatient.astype(np.int64),
        insurance=insurance_type(data.patients.person[patient]),
        red=(st.kind[rows] == REFUND).astype(np.int64),
        medical=split.total[rows],
        fund=split.fund[rows],
        account=split.account[rows],
        cash=split.cash[rows],
        count=np.ones(len(rows), dtype=np.int64),
    )


def _summed(rows: Totals) -> Totals:
    key = ((rows.day * 2 + rows.inpatient) * 1000 + rows.insurance) * 2 + rows.red
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    kept = rows.take(first)
    for name in ("medical", "fund", "account", "cash", "count"):
        sums = np.bincount(group, weights=getattr(rows, name), minlength=len(first))
        setattr(kept, name, np.rint(sums).astype(np.int64))
    return kept


def statement_table(data: MonthData, totals: Totals) -> Tables:
    """The bureau's totals; it closes a day in the following night."""
    count = len(totals.day)
    return {
        "stmt_totl_d": pa.table(
            {
                "fixmedins_code": a.constant(data.hospital.org_code, count),
                "stmt_begndate": a.days(totals.day),
                "stmt_enddate": a.days(totals.day),
                "clr_type": a.words(_CLEARING, totals.inpatient),
                "insutype": a.labels("", totals.insurance),
                "refd_setl_flag": a.words(["0", "1"], totals.red),
                "setl_optins": a.constant(CITY_AREA, count),
                "medfee_sumamt": a.money(totals.medical),
                "fund_pay_sumamt": a.money(totals.fund),
                "acct_pay": a.money(totals.account),
                "cash_payamt": a.money(totals.cash),
                "fixmedins_setl_cnt": a.smallints(totals.count),
                "updt_time": a.moments(np.minimum((totals.day + 1) * DAY + 7200, END)),
            }
        )
    }
