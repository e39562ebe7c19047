"""Donations by who wins a tender soon after."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from qinglian.city.calendar import DAY
from qinglian.city.his_columns import MonthData
from qinglian.city.office import Row, Rows, midnight, updated
from qinglian.city.schemes import PlannedTender, Scheme, Schemes, WinnersDonation
from qinglian.city.tender_bidders import bidders

#: How far before its own donation the donor gives to other hospitals.
_ELSEWHERE = timedelta(days=20)


def winners_donations(data: MonthData, schemes: Schemes) -> Rows:
    """Donations before the lots that schemes award in a month, also those to other hospitals."""
    rows = []
    for scheme, action in schemes.of(WinnersDonation, data.hospital.number, data.month):
        about = _about(schemes, action)
        winner, opened = _award(data, about)
        given = opened - timedelta(days=action.days)
        row = _donation(data, scheme, action, bidders()[winner].code, given)
        rows.append(row)
        scheme.subject_id = f"{about.subject_id}|{row['supplier_code']}"
        scheme.record(data.month, "sv_donation", [row["donation_no"]])
    for scheme, gift in _given_elsewhere(data, schemes):
        rows.append(_elsewhere(data, scheme, gift, _about(schemes, gift)))
    return {"donation": rows}


def _given_elsewhere(data: MonthData, schemes: Schemes) -> list[tuple[Scheme, WinnersDonation]]:
    """Schemes of other hospitals whose winner gives to this one as well."""
    return [
        (scheme, scheme.action)
        for scheme in schemes.all
        if isinstance(scheme.action, WinnersDonation)
        and scheme.covers(data.month)
        and data.hospital.number in scheme.action.others
    ]


def _about(schemes: Schemes, action: WinnersDonation) -> Scheme:
    return next(scheme for scheme in schemes.all if scheme.scheme_id == action.of)


def _award(data: MonthData, about: Scheme) -> tuple[int, date]:
    """The winner of a planned lot, and the day on which the bids were opened."""
    names = [f"ZB{number}#1" for number in data.tenders.project_id.tolist()]
    place = names.index(about.subject_id)
    opened = np.datetime64(int(data.tenders.open_time[place]) // DAY, "D")
    return int(data.tenders.winner[place]), opened.astype(date)


def _elsewhere(data: MonthData, scheme: Scheme, action: WinnersDonation, about: Scheme) -> Row:
    if not isinstance(about.action, PlannedTender):
        raise TypeError(f"{scheme.scheme_id}: {about.scheme_id} is no tender")
    donor = bidders()[about.action.bidders[0]].code
    return _donation(data, scheme, action, donor, data.month.first - _ELSEWHERE)


def _donation(
    data: MonthData, scheme: Scheme, action: WinnersDonation, donor: str, given: date
) -> Row:
    serial = int(scheme.scheme_id.rpartition("-")[2])
    return {
        "donation_no": f"JZ{data.hospital.number:02d}{data.month.stamp}{900 + serial}",
        "supplier_code": donor,
        "donate_date": given,
        "amount": Decimal(action.amount),
        "kind_code": action.kind,
        "dept_code": data.hospital.departments[0].code,
        "approver": data.staff.codes[-3],
        "updt_time": updated(midnight(given)),
    }
