"""Purchases without an open tender: petty ones, those within the house, from a single source.

Honest ones go round suppliers and categories, so that no department comes back to one supplier for
the same within a quarter; schemes add theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY, Month, day_number
from qinglian.city.draws import Ints, Purpose, stream
from qinglian.city.his_columns import MonthData, Tables
from qinglian.city.invoices import (
    DISTRIBUTOR,
    Invoices,
    Payments,
    invoice_code,
    invoice_tables,
)
from qinglian.city.organisations import Hospital
from qinglian.city.purchase_contracts import ContractLine, PurchaseContract, contract_rows
from qinglian.city.purchase_schemes import (
    INTRA,
    PETTY,
    SINGLE,
    BunchedPurchases,
    GrownContract,
    SingleSource,
    SplitPurchases,
)
from qinglian.city.schemes import Scheme, Schemes
from qinglian.city.suppliers import distributors
from qinglian.city.tender_bidders import bidders
from qinglian.city.tenders import contracted_row
from qinglian.city.ward import END

_LAST_DAY = END // DAY
#: How many days before its contract each method is announced.
_NOTICE = {PETTY: 6, INTRA: 12, SINGLE: 22}
#: Working days are told by weekday alone here: publicity of ten days holds more than five of them.
_PUBLICITY_DAYS = 10
_METHOD_CODES = {SINGLE: "06", INTRA: "09", PETTY: "10"}


@dataclass(frozen=True)
class Subject:
    """What is bought: category, name, kind and domain of the platform, type of goods."""

    code: str
    name: str
    kind: str
    domain: str
    goods_type: str


SUBJECTS = {
    s.code: s
    for s in (
        Subject("A01", "办公家具采购", "goods", "logistics", "5"),
        Subject("A02", "小型医疗器械采购", "goods", "equipment", "4"),
        Subject("A05", "信息设备与耗材采购", "goods", "it", "5"),
        Subject("A03", "设备维修", "service", "repair", "5"),
        Subject("A04", "印刷制作服务", "service", "logistics", "5"),
        Subject("A06", "专用设备维保", "service", "equipment", "5"),
        Subject("A07", "宣传用品采购", "goods", "logistics", "5"),
        Subject("A08", "劳保用品采购", "goods", "logistics", "5"),
    )
}
_PETTY_SUBJECTS = ("A01", "A02", "A05", "A03", "A04")
_INTRA_SUBJECTS = ("A01", "A02", "A05")
#: Petty purchases and purchases within the house, a month, by rank of level.
_PER_MONTH = ((5, 2), (4, 1), (3, 1))
_SOLE_REASON = "原厂专有技术，只能从唯一供应商处采购"


@dataclass(frozen=True)
class Purchase:
    """One purchase; days since 1970, amounts in cents, `supplier` a position in the list.

    `publicity` are its first and last day, of a single source before the contract.
    """

    number: str
    subject: str
    method: str
    dept: str
    budget_code: str
    amount: int
    supplier: int
    signed: int
    publicity: tuple[int, int] | None = None
    reason: str | None = None

    @property
    def notice(self) -> int:
        return self.signed - _NOTICE[self.method]


@dataclass(frozen=True)
class Bill:
    """An invoice on a contract, paid in full three weeks later; day since 1970, cents."""

    contract: str
    place: int
    supplier: int
    day: int
    amount: int

    @property
    def paid(self) -> int:
        return self.day + 21


@dataclass(frozen=True)
class DirectPurchases:
    """The month's purchases without an open tender, and the bills of these and of schemes."""

    purchases: list[Purchase]
    bills: list[Bill]


def direct_purchases(data: MonthData, schemes: Schemes) -> DirectPurchases:
    """The month's purchases that were signed by the end of history, planted ones last."""
    found = [
        *_routine(data, PETTY, _PETTY_SUBJECTS, 0),
        *_routine(data, INTRA, _INTRA_SUBJECTS, 1),
        *_sole_source(data),
        *_split(data, schemes),
        *_planted_single(data, schemes),
        *_bunched(data, schemes),
    ]
    purchases = [purchase for purchase in found if purchase.signed < _LAST_DAY]
    bills = [
        Bill(f"HT{p.number}", place, p.supplier, p.signed + 15, p.amount)
        for place, p in enumerate(purchases)
    ]
    return DirectPurchases(purchases, bills + _overpaid(data, schemes, len(bills)))


def _overpaid(data: MonthData, schemes: Schemes, place: int) -> list[Bill]:
    """A further bill on the contract that grows, beyond what it is worth."""
    t = data.tenders
    found = []
    for scheme, action in schemes.of(GrownContract, data.hospital.number, data.month):
        if action.paid:
            row = contracted_row(t, action.works)
            award = int(t.award[row])
            # Of the contract itself 95 % are paid in instalments; the rest is kept as warranty.
            cents = award * 5 // 100 + int(award * action.paid)
            contract = f"HT{t.project_id[row]}"
            day = int(t.open_time[row]) // DAY + 100
            found.append(Bill(contract, place, int(t.winner[row]), day, cents))
            scheme.subject_type, scheme.subject_id = "contract_payment", contract
            excess = int(award * action.paid) if action.paid > 0 else 0
            scheme.record(data.month, "pr_payment", [f"FK{contract}X{place}P1"], excess)
    return found


def budget_code(month: Month, dept: str, subject: str) -> str:
    """Budget project of a department's purchases of a category."""
    return f"YS{month.year}{dept}{subject}"


def _planted_number(scheme: Scheme) -> str:
    """Which of the indicator's cases it is: the same however long the history is."""
    return scheme.scheme_id.rpartition("-")[2]


def _number(data: MonthData, place: int) -> str:
    return f"YN{data.hospital.number:03d}{data.month.stamp}{place:03d}"


def _routine(data: MonthData, method: str, subjects: tuple[str, ...], kind: int) -> list[Purchase]:
    hospital, month = data.hospital, data.month
    rng = stream(data.seed, Purpose.DIRECT_PURCHASES, hospital.number, month.serial * 2 + kind)
    count = _PER_MONTH[hospital.level_rank][kind]
    low, high = (6_000, 49_400) if method == PETTY else (56_000, 288_000)
    departments = hospital.departments
    found = []
    for place in range(count):
        turn = month.serial * count + place
        dept = departments[turn % len(departments)].code
        subject = subjects[turn % len(subjects)]
        day = int(rng.integers(14, 27))
        found.append(
            Purchase(
                number=_number(data, place + 20 * kind),
                subject=subject,
                method=method,
                dept=dept,
                budget_code=budget_code(month, dept, subject),
                amount=int(rng.integers(low, high)) // 10 * 1000,
                supplier=(turn * 3 + hospital.number * 5) % len(distributors()),
                signed=day_number(month.first) + day,
            )
        )
    return found


def _sole_source(data: MonthData) -> list[Purchase]:
    """Once a year each hospital has equipment serviced by the only firm that can."""
    hospital, month = data.hospital, data.month
    if month.month != 3 + hospital.number % 8:
        return []
    rng = stream(data.seed, Purpose.DIRECT_PURCHASES, hospital.number, month.serial * 2 + 10**6)
    dept = hospital.departments[0].code
    scale = (1.0, 0.5, 0.2)[hospital.level_rank]
    signed = day_number(month.first) + 25
    return [
        Purchase(
            number=_number(data, 40),
            subject="A06",
            method=SINGLE,
            dept=dept,
            budget_code=budget_code(month, dept, "A06"),
            amount=int(rng.integers(300_000, 600_000) * scale) // 10 * 1000,
            supplier=(hospital.number * 5 + 1) % len(distributors()),
            signed=signed,
            publicity=(signed - 18, signed - 18 + _PUBLICITY_DAYS),
            reason=_SOLE_REASON,
        )
    ]


def _split(data: MonthData, schemes: Schemes) -> list[Purchase]:
    found = []
    for scheme, action in schemes.of(SplitPurchases, data.hospital.number):
        order = _planted_number(scheme)
        dept = data.hospital.department_of(action.practice).code
        code = f"YS{scheme.first.year}{action.subject}P{order}"
        if action.by_year:
            scheme.subject_type, scheme.subject_id = "budget_category", f"{code}|{action.subject}"
        else:
            scheme.subject_type = "dept_category"
            scheme.subject_id = f"{dept}|{action.subject}|{_LIMIT_KINDS[action.method]}"
        for place, (after, yuan) in enumerate(zip(action.days, action.yuan, strict=True)):
            signed = scheme.first.first + timedelta(days=after)
            if Month(signed.year, signed.month) != data.month:
                continue
            purchase = Purchase(
                number=f"YP{data.hospital.number:03d}{order}{scheme.first.stamp}{place:02d}",
                subject=action.subject,
                method=action.method,
                dept=dept,
                budget_code=code if action.by_year else f"{code}{place:02d}",
                amount=yuan * 100,
                supplier=action.suppliers[place % len(action.suppliers)],
                signed=day_number(signed),
                reason=action.reasons[place % len(action.reasons)],
            )
            found.append(purchase)
            last = place == len(action.days) - 1
            scheme.record(
                data.month, "pr_project", [purchase.number], action.excess * 100 if last else 0
            )
    return found


_LIMIT_KINDS = {PETTY: "intra_hospital_single", INTRA: "decentralised", SINGLE: "open_tender"}


def _planted_single(data: MonthData, schemes: Schemes) -> list[Purchase]:
    return [
        _single(data, scheme, action)
        for scheme, action in schemes.of(SingleSource, data.hospital.number, data.month)
    ]


def _single(data: MonthData, scheme: Scheme, action: SingleSource) -> Purchase:
    month, order = data.month, _planted_number(scheme)
    signed = day_number(month.first) + 25
    begin = signed - 18
    number = f"YD{data.hospital.number:03d}{order}{month.stamp}"
    supplier = action.suppliers[(month.serial - scheme.first.serial) % len(action.suppliers)]
    scheme.subject_type, scheme.subject_id = {
        "project": ("single_source", number),
        "supplier": ("single_source_supplier", f"single_source|{bidders()[supplier].code}"),
        "hospital": ("hospital", data.hospital.org_code),
    }[action.about]
    scheme.record(month, "pr_project", [number], action.yuan * 100)
    return Purchase(
        number=number,
        subject="A06",
        method=SINGLE,
        dept=data.hospital.department_of(action.practice).code,
        budget_code=f"YS{month.year}A06D{order}{month.month:02d}",
        amount=action.yuan * 100,
        supplier=supplier,
        signed=signed,
        publicity=(begin, begin + action.publicity_days) if action.publicity_days else None,
        reason=action.reason,
    )


#: Categories of bunched purchases: nothing else is bought in them.
_BUNCHED_SUBJECTS = ("A07", "A08")
#: Suppliers of bunched purchases, no affiliates of one another.
_BUNCHED_SUPPLIERS = (0, 1, 3, 4, 6, 7, 8, 10, 11)


def _bunched(data: MonthData, schemes: Schemes) -> list[Purchase]:
    hospital, month = data.hospital, data.month
    found: list[Purchase] = []
    for scheme, action in schemes.of(BunchedPurchases, hospital.number, month):
        before = len(found)
        scheme.subject_type = "purchase_bunching"
        scheme.subject_id = f"{PETTY}|intra_hospital_single"
        for place, yuan in enumerate(action.yuan):
            turn = (month.serial - scheme.first.serial) * len(action.yuan) + place
            dept = hospital.departments[turn % len(hospital.departments)].code
            subject = _BUNCHED_SUBJECTS[turn % 2]
            found.append(
                Purchase(
                    number=_number(data, 60 + place),
                    subject=subject,
                    method=PETTY,
                    dept=dept,
                    budget_code=budget_code(month, dept, subject),
                    amount=(yuan - turn % 7 * 30) * 100,
                    supplier=_BUNCHED_SUPPLIERS[turn % len(_BUNCHED_SUPPLIERS)],
                    signed=day_number(month.first) + 9 + 4 * place,
                )
            )
        scheme.record(month, "pr_project", [purchase.number for purchase in found[before:]])
    return found


def purchase_tables(data: MonthData) -> Tables:
    """The purchases in the platform's tables of tenders, contracts, invoices and payments."""
    purchases = data.direct.purchases
    return {
        "t_tender": _tenders(data, purchases),
        "t_tender_package": _packages(data.hospital, purchases),
        **_contracts(data, purchases),
        **_bills(data, data.direct.bills),
    }


def _numbers(rows: Sequence[Purchase | Bill], name: str) -> Ints:
    return np.array([getattr(row, name) for row in rows], dtype=np.int64)


def _moments(days: Ints, hour: int) -> pa.Array:
    return a.moments(days * DAY + hour * 3600)


def _published(purchases: list[Purchase], which: int) -> pa.Array:
    days = [p.publicity[which] if p.publicity else 0 for p in purchases]
    found = np.array(days, dtype=np.int64)
    return a.moments(found * DAY + 9 * 3600, found == 0)


def _updated(days: Ints) -> pa.Array:
    return a.moments(np.minimum((days + 1) * DAY + 9 * 3600, END))


def _tenders(data: MonthData, purchases: list[Purchase]) -> pa.Table:
    count = len(purchases)
    subjects = [SUBJECTS[p.subject] for p in purchases]
    signed, notice = _numbers(purchases, "signed"), _numbers(purchases, "notice")
    never = np.ones(count, dtype=bool)
    nothing = np.zeros(count, dtype=np.int64)
    return pa.table(
        {
            "tender_no": a.texts([p.number for p in purchases]),
            "hospital_code": a.constant(data.hospital.org_code, count),
            "tender_name": a.texts([s.name for s in subjects]),
            "category_code": a.texts([s.code for s in subjects]),
            "category_kind": a.texts([s.kind for s in subjects]),
            "domain": a.texts([s.domain for s in subjects]),
            "method": a.texts([_METHOD_CODES[p.method] for p in purchases]),
            "budget_code": a.texts([p.budget_code for p in purchases]),
            "fiscal_year": a.smallints(np.full(count, data.month.year)),
            "budget": a.decimals(
                _numbers(purchases, "amount") // 100_000 * 100_000 + 100_000, 18, 2
            ),
            "funds": a.constant("2", count),
            "dept_code": a.texts([p.dept for p in purchases]),
            "decision_no": a.texts([f"YB{p.number[2:]}" for p in purchases]),
            "reason": a.texts([p.reason for p in purchases]),
            "notice_time": _moments(notice, 9),
            "sale_begin": a.moments(nothing, never),
            "sale_end": a.moments(nothing, never),
            "deadline": a.moments(nothing, never),
            "open_time": a.moments(nothing, never),
            "eval_time": a.moments(nothing, never),
            "result_time": _moments(signed - 2, 9),
            "publicity_begin": _published(purchases, 0),
            "publicity_end": _published(purchases, 1),
            "status": a.constant("40", count),
            "updt_time": _updated(signed),
        }
    )


def _packages(hospital: Hospital, purchases: list[Purchase]) -> pa.Table:
    count = len(purchases)
    amount = _numbers(purchases, "amount")
    return pa.table(
        {
            "tender_no": a.texts([p.number for p in purchases]),
            "package_no": a.constant("1", count),
            "hospital_code": a.constant(hospital.org_code, count),
            "content": a.texts([SUBJECTS[p.subject].name for p in purchases]),
            "ceiling": a.decimals(amount // 100_000 * 100_000 + 100_000, 18, 2),
            "result": a.constant("1", count),
            "winner_code": a.texts([bidders()[p.supplier].code for p in purchases]),
            "award": a.decimals(amount, 18, 2),
            "updt_time": _updated(_numbers(purchases, "signed")),
        }
    )


def _contracts(data: MonthData, purchases: list[Purchase]) -> Tables:
    contracts = [
        PurchaseContract(
            number=f"HT{purchase.number}",
            supplier=purchase.supplier,
            signed=purchase.signed,
            filed=purchase.signed + 1,
            begin=purchase.signed + 1,
            end=purchase.signed + 60,
            amount=purchase.amount,
            category=purchase.subject,
        )
        for purchase in purchases
    ]
    lines = [
        ContractLine(
            contract=contract,
            line_no=1,
            goods_type=SUBJECTS[contract.category].goods_type,
            item_code=None,
            qty=1,
            unit="项",
            price=contract.amount * 100,
            amount=contract.amount,
        )
        for contract in contracts
    ]
    numbers = [purchase.number for purchase in purchases]
    return contract_rows(data.hospital, data.staff, contracts, lines, numbers)


def _bills(data: MonthData, bills: list[Bill]) -> Tables:
    sent = [bill for bill in bills if bill.day < _LAST_DAY]
    paid = np.array([row for row, bill in enumerate(sent) if bill.paid < _LAST_DAY], dtype=np.int64)
    day, amount, supplier = (_numbers(sent, name) for name in ("day", "amount", "supplier"))
    invoices = Invoices(
        key=[f"FP{bill.contract}X{bill.place}" for bill in sent],
        code=[invoice_code(data.hospital, data.month, bill.supplier) for bill in sent],
        number=[str(30_000_000 + bill.place) for bill in sent],
        level=np.full(len(sent), DISTRIBUTOR),
        seller=[bidders()[bill.supplier].uscc for bill in sent],
        day=day,
        filed=day + 1,
        amount=amount,
        order=np.zeros(len(sent), dtype=np.int64),
        buyer=[None] * len(sent),
        covers=[None] * len(sent),
        contract=[bill.contract for bill in sent],
        supplier=supplier,
    )
    payments = Payments(
        invoice=paid,
        part=np.ones(len(paid), dtype=np.int64),
        day=_numbers(sent, "paid")[paid],
        amount=amount[paid],
        payee=supplier[paid],
    )
    return invoice_tables(data, invoices, payments)
