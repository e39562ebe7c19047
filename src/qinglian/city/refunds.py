"""Refunds of schemes: without approval, approved by the cashier, in cash, or late."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.draws import Bools, Ints
from qinglian.city.organisations import Hospital
from qinglian.city.schemes import RefundsBy, Schemes
from qinglian.city.ward import END

if TYPE_CHECKING:
    from qinglian.city.billing import Settlements

#: What a refund says of itself: who approved it, and why it was paid (`REASONS`).
BY_CHIEF, BY_NOBODY, BY_CASHIER = 0, 1, 2
REASONS = ("退药退费", "预约检查未做，退费")
_DAYS_AFTER = {"late": 34, "thirty_days": 30, "not_done": 40}
_APPROVAL = {"unapproved": BY_NOBODY, "own_approval": BY_CASHIER}


@dataclass
class Refunding:
    """One row a settlement; what only refunds have is zero or false elsewhere."""

    approval: Ints
    reason: Ints
    in_cash: Bools


def plain_refunding(count: int) -> Refunding:
    """Every refund approved by the chief cashier, for drugs given back, as it was paid."""
    zero = np.zeros(count, dtype=np.int64)
    return Refunding(zero, zero.copy(), np.zeros(count, dtype=bool))


def plant_refunds(
    hospital: Hospital, settlements: "Settlements", insured: Bools, month: Month, schemes: Schemes
) -> None:
    """Change refunds of outpatients in place as the schemes ask; `insured` is one row a visit."""
    taken: set[int] = set()
    for scheme, action in schemes.of(RefundsBy, hospital.number, month):
        time = _refund_times(settlements, action)
        first, stop = second_number(scheme.first.first), second_number(scheme.last.next.first)
        fits = _refunds_of(settlements, insured, action)
        fits &= (time >= first) & (time < min(stop, END - DAY))
        rows = [row for row in np.flatnonzero(fits).tolist() if row not in taken]
        chosen = np.array(rows[: action.per_month], dtype=np.int64)
        if len(chosen) == 0:
            continue
        taken |= set(chosen.tolist())
        settlements.time[chosen] = time[chosen]
        settlements.refunding.approval[chosen] = _APPROVAL.get(action.kind, BY_CHIEF)
        settlements.refunding.in_cash[chosen] = action.kind == "cash"
        settlements.refunding.reason[chosen] = action.kind == "not_done"
        given_back = _given_back(settlements)[chosen]
        cents = int(given_back.sum()) if scheme.case == "true" else 0
        scheme.record(month, "his_settle", settlements.settle_id[chosen], cents)


def _refund_times(settlements: "Settlements", action: RefundsBy) -> Ints:
    """When each refund is paid under the scheme."""
    days = _DAYS_AFTER.get(action.kind)
    if days is None:
        return settlements.time
    settled = settlements.time[np.maximum(settlements.original, 0)]
    # In the morning, so that the days are counted from date to date.
    later: Ints = (settled // DAY + days) * DAY + 10 * 3600
    return later


def _refunds_of(settlements: "Settlements", insured: Bools, action: RefundsBy) -> Bools:
    """Refunds of the cashier's outpatients; whole ones where something depends on what follows."""
    fits: Bools = (
        (settlements.original >= 0)
        & ~settlements.inpatient
        & (settlements.settle_id % 2 == action.cashier)
    )
    if action.kind in _DAYS_AFTER or action.kind == "cash":
        fits &= _given_back(settlements) == -settlements.total
    if action.kind == "cash":
        fits &= insured[np.where(fits, settlements.encounter, 0)]
    return fits


def _given_back(settlements: "Settlements") -> Ints:
    """Refunded cents less what the encounter was settled for again; 0 for other settlements."""
    refund = settlements.original >= 0
    key = settlements.encounter * 2 + settlements.inpatient
    first = np.zeros(len(key), dtype=bool)
    first[settlements.original[refund]] = True
    again = ~refund & ~first & np.isin(key, key[refund])
    settled = np.bincount(
        key[again], weights=settlements.total[again], minlength=int(key.max(initial=0)) + 1
    ).astype(np.int64)
    back: Ints = np.where(refund, -settlements.total - settled[key], 0)
    return back
