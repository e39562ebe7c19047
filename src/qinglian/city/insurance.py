"""What the insurance bureau holds: uploaded lines, settlements and the split of each bill."""

from dataclasses import dataclass, fields

import numpy as np

from qinglian.city.arrow import line_amount
from qinglian.city.billing import REFUND, Bills
from qinglian.city.calendar import DAY, Month
from qinglian.city.clinic import Clinic
from qinglian.city.draws import Bools, Ints, ranks_within
from qinglian.city.drugs import drugs
from qinglian.city.lines import DRUG, SERVICE
from qinglian.city.organisations import Hospital
from qinglian.city.people import Patients, insurance_type
from qinglian.city.schemes import Scheme, Upload
from qinglian.city.services import services
from qinglian.city.ward import Stays

#: Serial numbers above this belong to lines that no hospital system has.
PHANTOM_SERIAL = 9_000_000
_DEDUCTIBLE = (80_000, 50_000, 20_000)
_EMPLOYEE_RATE = (85, 88, 92)
_RESIDENT_RATE = (62, 68, 78)


@dataclass
class YbLines:
    """One row an uploaded line. `serial` and `original` are fee identifiers, 0 for none."""

    serial: Ints
    original: Ints
    inpatient: Bools
    encounter: Ints
    settle_row: Ints
    time: Ints
    kind: Ints
    item: Ints
    qty: Ints
    unit_price: Ints
    amount: Ints
    department: Ints
    doctor: Ints
    self_paid: Bools

    def take(self, rows: Ints) -> "YbLines":
        return YbLines(*(getattr(self, f.name)[rows] for f in fields(self)))

    def append(self, other: "YbLines") -> "YbLines":
        return YbLines(
            *(np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self))
        )


@dataclass
class Split:
    """Split of settlements in cents; every column sums with the others as DQ3 to DQ6 ask."""

    total: Ints
    own_pay: Ints
    first_pay: Ints
    in_scope: Ints
    deductible: Ints
    pool: Ints
    large_sum: Ints
    account: Ints
    cash: Ints

    @property
    def fund(self) -> Ints:
        return self.pool + self.large_sum

    @property
    def personal(self) -> Ints:
        return self.total - self.fund


@dataclass
class Claims:
    """Insurance side of one hospital and month; `split` has a row for each HIS settlement."""

    lines: YbLines
    own_pay: Ints
    first_pay: Ints
    split: Split
    insured: Bools


def claims_of(
    hospital: Hospital,
    patients: Patients,
    clinic: Clinic,
    stays: Stays,
    bills: Bills,
    month: Month,
) -> Claims:
    """Uploaded lines with the defects of schemes, and the split of every insured settlement."""
    lines = _uploaded(bills)
    settlements = bills.settlements
    encounter = settlements.encounter
    insured = np.where(
        settlements.inpatient,
        stays.insured[encounter * settlements.inpatient],
        clinic.visits.insured[encounter * ~settlements.inpatient],
    )
    extra_total = np.zeros(len(encounter), dtype=np.int64)
    for scheme, action, row in bills.chosen:
        lines = _plant(scheme, action, row, lines, bills, extra_total, month)
    own, first = _parts(lines)
    person = patients.person[
        np.where(
            settlements.inpatient,
            stays.patient[encounter * settlements.inpatient],
            clinic.visits.patient[encounter * ~settlements.inpatient],
        )
    ]
    split = _split(hospital, bills, lines, own, first, extra_total, insurance_type(person))
    return Claims(lines, own, first, split, insured)


def _uploaded(bills: Bills) -> YbLines:
    rows = np.flatnonzero(bills.lines.uploaded)
    at = bills.lines.take(rows)
    return YbLines(
        serial=bills.fee_id[rows],
        original=at.original,
        inpatient=at.inpatient,
        encounter=at.encounter,
        settle_row=bills.settle_row[rows],
        time=at.time,
        kind=at.kind,
        item=at.item,
        qty=at.qty,
        unit_price=at.unit_price,
        amount=at.amount,
        department=at.department,
        doctor=at.doctor,
        self_paid=at.self_paid,
    )


def insurance_level(kind: Ints, item: Ints) -> Ints:
    """Insurance class 1 to 3 of items: services by catalogue, drugs and consumables by rule."""
    by_service = np.array([int(s.level) for s in services()])
    by_drug = np.array([2 if d.has("N") or d.price > 1_000_000 else 1 for d in drugs()])
    return np.where(
        kind == SERVICE,
        by_service[np.where(kind == SERVICE, item, 0)],
        np.where(kind == DRUG, by_drug[np.where(kind == DRUG, item, 0)], 2),
    )


def _parts(lines: YbLines) -> tuple[Ints, Ints]:
    """Own pay (class 3 and agreed) and first pay (a tenth of class 2) of each line, in cents."""
    level = insurance_level(lines.kind, lines.item)
    agreed = (level == 3) | lines.self_paid
    own = np.where(agreed, lines.amount, 0)
    tenth = np.sign(lines.amount) * (np.abs(lines.amount) // 10)
    first = np.where((level == 2) & ~agreed, tenth, 0)
    return own, first


def _split(
    hospital: Hospital,
    bills: Bills,
    lines: YbLines,
    own: Ints,
    first: Ints,
    extra_total: Ints,
    insurance: Ints,
) -> Split:
    settlements = bills.settlements
    size = len(settlements.settle_id)
    rows = np.flatnonzero(lines.settle_row >= 0)
    at = lines.settle_row[rows]
    totals = [
        np.bincount(at, weights=values[rows], minlength=size).astype(np.int64)
        for values in (lines.amount, own, first)
    ]
    # A refunded visit's first settlement holds the charged lines only, its reversal the opposite.
    refunds = np.flatnonzero(settlements.kind == REFUND)
    charged = rows[lines.original[rows] == 0]
    key = lines.encounter[charged] + np.where(lines.inpatient[charged], len(lines.serial), 0)
    width = int(max(key.max(initial=0), settlements.encounter.max(initial=0))) + 1
    for column, values in zip(totals, (lines.amount, own, first), strict=True):
        gross = np.bincount(key, weights=values[charged], minlength=width).astype(np.int64)
        column[settlements.original[refunds]] = gross[settlements.encounter[refunds]]
    total, own_sum, first_sum = totals
    total += extra_total
    in_scope = total - own_sum - first_sum
    rank = hospital.level_rank
    deductible = np.where(settlements.inpatient, _DEDUCTIBLE[rank], 0)
    deductible = np.minimum(deductible, np.maximum(in_scope, 0))
    rate = np.where(insurance == 310, _EMPLOYEE_RATE[rank], _RESIDENT_RATE[rank])
    rate = np.where(settlements.inpatient, rate, rate - 25)
    covered = in_scope - deductible
    pool = covered * rate // 100
    large = np.where(pool > 5_000_000, pool // 10, 0)
    personal = total - pool
    account = np.where(insurance == 310, np.minimum(np.maximum(personal, 0), 20_000), 0)
    split = Split(
        total,
        own_sum,
        first_sum,
        in_scope,
        deductible,
        pool - large,
        large,
        account,
        personal - account,
    )
    for name in (f.name for f in fields(Split)):
        column = getattr(split, name)
        column[refunds] = -column[settlements.original[refunds]]
    return split


def _plant(
    scheme: Scheme,
    action: Upload,
    row: int,
    lines: YbLines,
    bills: Bills,
    extra_total: Ints,
    month: Month,
) -> YbLines:
    mine = np.flatnonzero((lines.inpatient == action.inpatient) & (lines.encounter == row))
    plain = mine[lines.original[mine] == 0]
    count = max(1, len(plain) // 6)
    kind = action.kind
    if kind == "phantom":
        added = lines.take(plain[-count:])
        added.serial = bills.fee_id[-1] + PHANTOM_SERIAL - 4_000_000 + row * 50 + np.arange(count)
        added.qty = np.full(count, 200)
        added.amount = line_amount(added.qty, added.unit_price)
        scheme.record(month, "yb_fee_list_d", added.serial, int(added.amount.sum()))
        return lines.append(added)
    drug_lines = plain[lines.kind[plain] == DRUG][: max(1, count)]
    if kind == "missing":
        scheme.record(
            month, "his_fee", lines.serial[drug_lines], int(lines.amount[drug_lines].sum())
        )
        return lines.take(np.setdiff1d(np.arange(len(lines.serial)), drug_lines))
    if kind == "merged":
        return _merge(scheme, month, lines, plain)
    if kind in ("self_pay", "late_reversal"):
        scheme.record(month, "his_fee", lines.serial[plain[:2]])
        return lines
    if kind == "total":
        at = lines.settle_row[plain[0]]
        extra_total[at] += 38_000
        scheme.record(month, "yb_setl_d", [bills.settlements.settle_id[at]], 38_000)
        return lines
    before = lines.amount[drug_lines].copy()
    _alter(lines, drug_lines, kind)
    scheme.record(
        month,
        "yb_fee_list_d",
        lines.serial[drug_lines],
        int((lines.amount[drug_lines] - before).sum()),
    )
    return lines


def _alter(lines: YbLines, rows: Ints, kind: str) -> None:
    if kind == "rounding":
        lines.amount[rows[:1]] += 1
        return
    if kind == "other_day":
        lines.time[rows] += 3 * DAY
        return
    if kind == "more_quantity":
        lines.qty[rows] *= 2
    elif kind == "dearer_code":
        price = np.array([d.price for d in drugs()])
        dearer = np.flatnonzero((price > 800_000) & (price < 1_500_000))
        lines.item[rows] = dearer[: len(rows)] if len(rows) <= len(dearer) else dearer[0]
        lines.unit_price[rows] = price[lines.item[rows]]
    else:
        raise ValueError(f"unknown upload defect: {kind}")
    lines.amount[rows] = line_amount(lines.qty[rows], lines.unit_price[rows])


def _merge(scheme: Scheme, month: Month, lines: YbLines, plain: Ints) -> YbLines:
    """One uploaded line for two equal ones of a day: the second serial never reaches the bureau."""
    keys = lines.kind[plain] * 10**9 + lines.item[plain] * 10**6 + lines.time[plain] // DAY % 10**6
    again = np.flatnonzero(ranks_within(keys) > 0)
    drug_pairs = [
        (first, plain[second])
        for second in again
        for first in plain[keys == keys[second]][:1]
        if lines.kind[first] == DRUG and lines.unit_price[first] == lines.unit_price[plain[second]]
    ]
    first, second = drug_pairs[0]
    lines.qty[first] += lines.qty[second]
    lines.amount[first] += lines.amount[second]
    scheme.record(month, "his_fee", [lines.serial[first], lines.serial[second]])
    return lines.take(np.setdiff1d(np.arange(len(lines.serial)), [second]))
