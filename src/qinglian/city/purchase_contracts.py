"""Contracts: a framework for every category and supplier, one for each award, few supplements."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.bid_items import LISTS, bid_items_of
from qinglian.city.calendar import DAY, HISTORY_END, Month, day_number
from qinglian.city.doctors import Staff
from qinglian.city.draws import Ints, Purpose, stream
from qinglian.city.his_columns import MonthData, Tables, local_code
from qinglian.city.lines import DRUG, MATERIAL
from qinglian.city.organisations import Hospital
from qinglian.city.purchase_schemes import LateFramework
from qinglian.city.purchases import buys, product, reference_price
from qinglian.city.schemes import PurchaseShares, Schemes
from qinglian.city.suppliers import categories, suppliers_of
from qinglian.city.tender_bidders import bidders
from qinglian.city.tenders import SUBJECTS

#: A framework's ceiling against a year's budget of its category: demand is not known beforehand.
_CEILING = 1.5
_LEVEL_BUDGET = (1.0, 0.42, 0.14)
#: Subjects whose contracts may be supplemented, and how many are.
_SUPPLEMENTED = ("W01", "I01")
_SUPPLEMENT_SHARE = 0.25
_FILING_HOUR = 9 * 3600
_GOODS_TYPES = {
    "equipment": "4",
    "reagent": "3",
    "repair": "6",
    "logistics": "5",
    "it": "5",
}


@dataclass(frozen=True)
class PurchaseContract:
    """One contract; days since 1970, amount in cents, `supplier` a position in the list.

    `filed` is the day on which the platform learned of it; `tender` is the row of the month's
    tender that led to it, -1 for a framework.
    """

    number: str
    supplier: int
    signed: int
    filed: int
    begin: int
    end: int
    amount: int
    category: str
    tender: int = -1
    parent: str | None = None


@dataclass(frozen=True)
class ContractLine:
    """One line of a contract; price in ten-thousandths, amount in cents; qty 0 in a framework."""

    contract: PurchaseContract
    line_no: int
    goods_type: str
    item_code: str | None
    qty: int
    unit: str
    price: int
    amount: int


def framework_number(hospital: Hospital, year: int, category: int, supplier: int) -> str:
    """Number of the contract that a hospital's orders of a category and supplier stand on."""
    return f"KJ{year}{hospital.number:03d}{category:02d}{supplier:02d}"


def framework_tables(
    hospital: Hospital, staff: Staff, schemes: Schemes, period: list[Month]
) -> Tables:
    """Frameworks of the years of `period`, with agreed prices and without quantities."""
    contracts, lines = [], []
    years = {month.year: month for month in reversed(period)}
    for year, first in sorted(years.items()):
        for position, category in enumerate(categories()):
            if not buys(hospital, category):
                continue
            ceiling = category.budget * _LEVEL_BUDGET[hospital.level_rank] * 12 * _CEILING
            known = set(suppliers_of(position, hospital.number)) | {
                supplier
                for _, action in schemes.of(PurchaseShares, hospital.number)
                if action.category == category.code
                for supplier in action.suppliers
            }
            for supplier in sorted(known):
                contract = PurchaseContract(
                    number=framework_number(hospital, year, position, supplier),
                    supplier=supplier,
                    signed=day_number(date(year, 1, 1)) - 16 + position % 12,
                    filed=day_number(first.first),
                    begin=day_number(date(year, 1, 1)),
                    end=day_number(date(year, 12, 31)),
                    amount=int(ceiling) // 1000 * 100_000,
                    category=category.code,
                )
                contract = _signed_late(hospital, contract, position, year, schemes)
                contracts.append(contract)
                lines += _framework_lines(hospital, contract, position)
    return contract_rows(hospital, staff, contracts, lines, [None] * len(contracts))


def _signed_late(
    hospital: Hospital, contract: PurchaseContract, position: int, year: int, schemes: Schemes
) -> PurchaseContract:
    """The contract, or as a scheme of the year has it: signed after its first orders."""
    for scheme, action in schemes.of(LateFramework, hospital.number):
        first_supplier = suppliers_of(position, hospital.number)[0]
        meant = action.category == contract.category and contract.supplier == first_supplier
        if meant and scheme.first.year == year:
            signed = day_number(date(year, 1, 1)) + action.day
            scheme.subject_type = "contract_stage"
            scheme.subject_id = f"{contract.number}|order_before_contract"
            scheme.record(scheme.first, "pr_contract", [contract.number])
            return replace(contract, signed=signed, filed=signed + 1)
    return contract


def _framework_lines(
    hospital: Hospital, contract: PurchaseContract, position: int
) -> list[ContractLine]:
    category = categories()[position]
    is_drug = category.item_kind == "drug"
    kind = DRUG if is_drug else MATERIAL
    return [
        ContractLine(
            contract=contract,
            line_no=line_no,
            goods_type="1" if is_drug else "2",
            item_code=local_code(hospital.vendor, kind, item),
            qty=0,
            unit=product(is_drug, item).pack_unit,
            price=reference_price(is_drug, item, Month(2025, 1).first),
            amount=0,
        )
        for line_no, item in enumerate(category.items, start=1)
    ]


def awarded_contracts(data: MonthData) -> list[PurchaseContract]:
    """Contracts of the month's awards that were signed by the end of history.

    They are signed within thirty days of the notice of the result, after its publicity.
    """
    t = data.tenders
    rng = stream(data.seed, Purpose.CONTRACTS, data.hospital.number, data.month.serial)
    days = t.open_time // DAY + 5 + rng.integers(3, 20, len(t.project_id))
    contracts = []
    for row, drawn in enumerate(days.tolist()):
        if t.winner[row] < 0:
            continue
        after = t.signed_after.get(row)
        signed = drawn if after is None else int(t.open_time[row]) // DAY + after
        year_long = SUBJECTS[t.subject[row]][2] == "service"
        contracts.append(
            PurchaseContract(
                number=f"HT{t.project_id[row]}",
                supplier=int(t.winner[row]),
                signed=signed,
                filed=signed + 1,
                begin=signed + 1,
                end=signed + (365 if year_long else 180),
                amount=int(t.award[row]),
                category=SUBJECTS[t.subject[row]][0],
                tender=row,
            )
        )
    return [contract for contract in contracts if contract.signed < day_number(HISTORY_END)]


def contract_tables(data: MonthData) -> Tables:
    """Contracts of the month's awards with their lines, and their supplements."""
    awarded = awarded_contracts(data)
    supplements = _supplements(data, awarded)
    lines = [line for contract in awarded for line in _awarded_lines(data, contract)]
    lines += [_supplement_line(data, contract) for contract in supplements]
    contracts = [*awarded, *supplements]
    tenders = [f"ZB{data.tenders.project_id[contract.tender]}" for contract in contracts]
    return contract_rows(data.hospital, data.staff, contracts, lines, tenders)


def _supplements(data: MonthData, awarded: list[PurchaseContract]) -> list[PurchaseContract]:
    """Small additions, well below a tenth of their contract."""
    rng = stream(data.seed, Purpose.SUPPLEMENTS, data.hospital.number, data.month.serial)
    found = []
    grown = data.tenders.supplements
    for contract in awarded:
        share, wanted = rng.uniform(0.03, 0.08), rng.random() < _SUPPLEMENT_SHARE
        signed = contract.signed + int(rng.integers(40, 90))
        if contract.tender in grown:
            found += [
                _supplement(contract, place, contract.signed + 30 * place, cents)
                for place, cents in enumerate(grown[contract.tender], start=1)
            ]
        elif contract.category in _SUPPLEMENTED and wanted:
            cents = int(contract.amount * share) // 100_000 * 100_000
            found.append(_supplement(contract, 1, signed, cents))
    return [contract for contract in found if contract.signed < day_number(HISTORY_END)]


def _supplement(
    contract: PurchaseContract, place: int, signed: int, cents: int
) -> PurchaseContract:
    return replace(
        contract,
        number=f"{contract.number}B{place}",
        signed=signed,
        filed=signed + 1,
        begin=signed + 1,
        amount=cents,
        parent=contract.number,
    )


def _goods_type(data: MonthData, contract: PurchaseContract) -> str:
    return _GOODS_TYPES[SUBJECTS[data.tenders.subject[contract.tender]][3]]


def _awarded_lines(data: MonthData, contract: PurchaseContract) -> list[ContractLine]:
    t = data.tenders
    bid = int(np.flatnonzero((t.bid_project == contract.tender) & (t.bid_rank == 1))[0])
    items = bid_items_of(data)
    return [
        ContractLine(
            contract=contract,
            line_no=place + 1,
            goods_type=_goods_type(data, contract),
            item_code=None,
            qty=item.qty,
            unit=item.unit,
            price=int(items.price[bid, place]) * 100,
            amount=int(items.amount[bid, place]),
        )
        for place, item in enumerate(LISTS[t.subject[contract.tender]])
    ]


def _supplement_line(data: MonthData, contract: PurchaseContract) -> ContractLine:
    kind = _goods_type(data, contract)
    return ContractLine(contract, 1, kind, None, 1, "项", contract.amount * 100, contract.amount)


def contract_rows(
    hospital: Hospital,
    staff: Staff,
    contracts: list[PurchaseContract],
    lines: list[ContractLine],
    tenders: list[str] | list[None],
) -> Tables:
    """The platform's contracts and their lines; `tenders` are the numbers of their tenders."""
    count = len(contracts)
    signers = staff.codes[:1] * count

    def numbers(name: str, rows: list[PurchaseContract] | list[ContractLine]) -> Ints:
        return np.array([getattr(row, name) for row in rows], dtype=np.int64)

    end = numbers("end", contracts)
    qty, amount = numbers("qty", lines), numbers("amount", lines)
    return {
        "t_contract": pa.table(
            {
                "contract_no": a.texts([c.number for c in contracts]),
                "hospital_code": a.constant(hospital.org_code, count),
                "paper_no": a.texts([f"清采{c.number}" for c in contracts]),
                "tender_no": a.texts(tenders),
                "package_no": a.texts([tender and "1" for tender in tenders]),
                "supplier_code": a.texts([bidders()[c.supplier].code for c in contracts]),
                "parent_no": a.texts([c.parent for c in contracts]),
                "signed_on": a.days(numbers("signed", contracts)),
                "amount": a.decimals(numbers("amount", contracts), 18, 2),
                "begins_on": a.days(numbers("begin", contracts)),
                "ends_on": a.days(end),
                "signer_code": a.texts(signers),
                "handler_code": a.texts(staff.codes[-2:-1] * count),
                "has_donation": a.constant("0", count),
                "status": a.words(["1", "2"], (end < day_number(HISTORY_END)).astype(np.int64)),
                "updt_time": a.moments(numbers("filed", contracts) * DAY + _FILING_HOUR),
            }
        ),
        "t_contract_item": pa.table(
            {
                "contract_no": a.texts([line.contract.number for line in lines]),
                "hospital_code": a.constant(hospital.org_code, len(lines)),
                "line_no": a.smallints(numbers("line_no", lines)),
                "goods_type": a.texts([line.goods_type for line in lines]),
                "hospital_item_code": a.texts([line.item_code for line in lines]),
                "category_code": a.texts([line.contract.category for line in lines]),
                "qty": a.quantity(qty * 100, qty == 0),
                "unit": a.texts([line.unit for line in lines]),
                "price": a.price(numbers("price", lines)),
                "amount": a.decimals(amount, 18, 2, qty == 0),
                "updt_time": a.moments(
                    numbers("filed", [line.contract for line in lines]) * DAY + _FILING_HOUR
                ),
            }
        ),
    }
