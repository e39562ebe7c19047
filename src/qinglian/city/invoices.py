"""Invoices of the supply chain and what hospitals paid on them, for deliveries and for awards.

Of drugs there are two: maker to distributor, distributor to hospital. Payments come within sixty
days of the second and never exceed it.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY, Month
from qinglian.city.draws import Ints, Purpose, ranks_within, stream
from qinglian.city.his_columns import MonthData, Tables
from qinglian.city.organisations import Hospital
from qinglian.city.purchase_contracts import awarded_contracts, framework_number
from qinglian.city.purchases import invoice_numbers, product
from qinglian.city.suppliers import distributors, manufacturers
from qinglian.city.tender_bidders import bidders
from qinglian.city.ward import END

MAKER, DISTRIBUTOR = 1, 2
_LAST_DAY = END // DAY
_INSTALMENTS = ((10, 0.30), (75, 0.65))  # days after signing, share; the rest is kept as warranty
_SPLIT_SHARE = 0.06


@dataclass
class Invoices:
    """One row an invoice; days since 1970, amounts in cents, texts as lists.

    `order` is 0 where no delivery stands behind it. `contract` is what payments refer to; only
    invoices of level 2 are paid.
    """

    key: list[str]
    code: list[str]
    number: list[str]
    level: Ints
    seller: list[str]
    day: Ints
    filed: Ints
    amount: Ints
    order: Ints
    buyer: list[str | None]
    covers: list[str | None]
    contract: list[str | None]
    supplier: Ints

    def take(self, rows: Ints) -> "Invoices":
        """The invoices of `rows`, in that order."""
        return Invoices(*(_picked(getattr(self, f.name), rows) for f in fields(self)))

    def __add__(self, other: "Invoices") -> "Invoices":
        return Invoices(
            *(_joined(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        )


@dataclass
class Payments:
    """One row a payment; `invoice` is the row of its invoice, `part` counts from 1.

    `payee` is the position of the supplier whose account it goes to.
    """

    invoice: Ints
    part: Ints
    day: Ints
    amount: Ints
    payee: Ints


def _picked(column: Any, rows: Ints) -> Any:
    return [column[i] for i in rows.tolist()] if isinstance(column, list) else column[rows]


def _joined(one: Any, other: Any) -> Any:
    return one + other if isinstance(one, list) else np.concatenate([one, other])


def invoices_of(data: MonthData) -> Invoices:
    """Invoices of the month's deliveries and awards that the platform knew at the end."""
    second = _delivered(data)
    whole = second + _of_makers(data, second) + _awarded(data)
    return whole.take(np.flatnonzero(whole.filed <= _LAST_DAY))


def invoice_code(hospital: Hospital, month: Month, supplier: int) -> str:
    """Code on a distributor's invoices; numbers are unique within a code."""
    return f"50{hospital.number:03d}{month.stamp}{supplier:02d}"


def _delivered(data: MonthData) -> Invoices:
    """Level 2: one invoice an order, over all that was delivered on it."""
    bought = data.purchases
    rng = stream(data.seed, Purpose.INVOICES, data.hospital.number, data.month.serial)
    _, first, order = np.unique(bought.order_id, return_index=True, return_inverse=True)
    arrived = np.where(bought.receipt_time <= END, bought.amount, 0)
    amount = np.bincount(order, weights=arrived).astype(np.int64)
    delay = rng.integers(0, 4, len(first))
    known = np.flatnonzero(~bought.cancelled[first] & (bought.receipt_time[first] <= END))
    first, amount, delay = first[known], amount[known], delay[known]
    ids, supplier = bought.order_id[first], bought.supplier[first]
    day = bought.receipt_time[first] // DAY + delay
    contracts: list[str | None] = [
        framework_number(data.hospital, data.month.year, category, seller)
        for category, seller in zip(bought.category[first].tolist(), supplier.tolist(), strict=True)
    ]
    return Invoices(
        key=[f"FP{i}" for i in ids.tolist()],
        code=[invoice_code(data.hospital, data.month, s) for s in supplier.tolist()],
        number=[str(number) for number in invoice_numbers(ids).tolist()],
        level=np.full(len(ids), DISTRIBUTOR),
        seller=[distributors()[s].uscc for s in supplier.tolist()],
        day=day,
        filed=day + 1,
        amount=amount,
        order=ids,
        buyer=[None] * len(ids),
        covers=[None] * len(ids),
        contract=contracts,
        supplier=supplier,
    )


def _of_makers(data: MonthData, second: Invoices) -> Invoices:
    """Level 1: what each maker had charged the distributor for the drugs of a delivery."""
    bought = data.purchases
    rows = np.flatnonzero(bought.is_drug & np.isin(bought.order_id, second.order))
    maker = np.array(
        [product(True, item).manufacturer for item in bought.item[rows].tolist()], dtype=np.int64
    )
    pair = bought.order_id[rows] * 100 + maker
    pairs, group = np.unique(pair, return_inverse=True)
    order, maker = pairs // 100, pairs % 100
    at = np.searchsorted(second.order, order)
    sold = np.bincount(group, weights=bought.amount[rows]).astype(np.int64)
    place = ranks_within(order)
    day = second.day[at] - 12 - order % 25
    return Invoices(
        key=[f"FP{o}M{m:02d}" for o, m in zip(order.tolist(), maker.tolist(), strict=True)],
        code=[f"51{m:02d}{o // 10**7 % 10**8:08d}" for o, m in zip(order, maker, strict=True)],
        number=[str(10**7 + o * 10 % 10**7 + p) for o, p in zip(order, place, strict=True)],
        level=np.full(len(order), MAKER),
        seller=[manufacturers()[m].uscc for m in maker.tolist()],
        day=day,
        filed=second.filed[at],
        amount=sold * (92 + order % 5) // 100,
        order=np.zeros(len(order), dtype=np.int64),
        buyer=[second.seller[i] for i in at.tolist()],
        covers=[second.key[i] for i in at.tolist()],
        contract=[None] * len(order),
        supplier=second.supplier[at],
    )


def _awarded(data: MonthData) -> Invoices:
    """Level 2 of equipment, works and services: instalments of a contract, without a receipt."""
    rows = [
        (contract, number, contract.signed + after, int(contract.amount * share))
        for contract in awarded_contracts(data)
        for number, (after, share) in enumerate(_INSTALMENTS, start=1)
    ]
    suppliers = [contract.supplier for contract, *_ in rows]
    day = np.array([day for *_, day, _ in rows], dtype=np.int64)
    return Invoices(
        key=[f"FP{contract.number}Q{number}" for contract, number, *_ in rows],
        code=[invoice_code(data.hospital, data.month, s) for s in suppliers],
        number=[f"{20_000_000 + c.tender * 10 + number}" for c, number, *_ in rows],
        level=np.full(len(rows), DISTRIBUTOR),
        seller=[bidders()[s].uscc for s in suppliers],
        day=day,
        filed=day + 1,
        amount=np.array([amount for *_, amount in rows], dtype=np.int64),
        order=np.zeros(len(rows), dtype=np.int64),
        buyer=[None] * len(rows),
        covers=[None] * len(rows),
        contract=[contract.number for contract, *_ in rows],
        supplier=np.array(suppliers, dtype=np.int64),
    )


def payments_of(data: MonthData, invoices: Invoices) -> Payments:
    """Payments made by the end of history; few invoices are paid in two parts."""
    rng = stream(data.seed, Purpose.PAYMENTS, data.hospital.number, data.month.serial)
    to_hospital = np.array([covered is None for covered in invoices.covers])
    rows = np.flatnonzero((invoices.level == DISTRIBUTOR) & to_hospital)
    # Planned tenders come last and draw after all others, which stay what they are without them.
    planned = {f"HT{number}" for number in data.tenders.project_id[data.tenders.own :].tolist()}
    later = sum(invoices.contract[row] in planned for row in rows.tolist())
    parts = [(rng.integers(22, 50, n), rng.random(n)) for n in (len(rows) - later, later)]
    after, chance = (np.concatenate(column) for column in zip(*parts, strict=True))
    first = invoices.amount[rows] * 6 // 10
    split = chance < _SPLIT_SHARE
    twice = rows[split]
    invoice = np.r_[rows, twice]
    part = np.r_[np.ones(len(rows), dtype=np.int64), np.full(len(twice), 2)]
    amount = np.r_[
        np.where(split, first, invoices.amount[rows]), invoices.amount[twice] - first[split]
    ]
    day = np.r_[invoices.day[rows] + after, invoices.day[twice] + after[split] + 10]
    made = np.flatnonzero(day < _LAST_DAY)
    payee = invoices.supplier[invoice[made]]
    return Payments(invoice[made], part[made], day[made], amount[made], payee)


def invoice_tables(data: MonthData, found: Invoices, paid: Payments) -> Tables:
    """The platform's invoices and payments."""
    count, org_code = len(found.key), data.hospital.org_code
    cashier = data.staff.codes[data.staff.cashiers[0]]
    of = found.take(paid.invoice)
    return {
        "t_invoice": pa.table(
            {
                "invoice_key": a.texts(found.key),
                "hospital_code": a.constant(org_code, count),
                "invoice_code": a.texts(found.code),
                "invoice_no": a.texts(found.number),
                "chain_level": a.smallints(found.level),
                "seller_uscc": a.texts(found.seller),
                "buyer_uscc": a.texts(found.buyer),
                "invoiced_on": a.days(found.day),
                "amount": a.decimals(found.amount, 18, 2),
                "tax": a.decimals(found.amount * 13 // 113, 18, 2),
                "check_state": a.words(["1", "0"], (found.filed > _LAST_DAY - 5).astype(np.int64)),
                "delivery_no": a.labels("RK", found.order, found.order == 0),
                "covers_invoice": a.texts(found.covers),
                "updt_time": a.moments(found.filed * DAY + 10 * 3600),
            }
        ),
        "t_payment": pa.table(
            {
                "payment_no": a.texts(
                    [f"FK{k[2:]}P{p}" for k, p in zip(of.key, paid.part.tolist(), strict=True)]
                ),
                "hospital_code": a.constant(org_code, len(of.key)),
                "contract_no": a.texts(of.contract),
                "invoice_key": a.texts(of.key),
                "supplier_code": a.words([s.code for s in bidders()], of.supplier),
                "paid_on": a.days(paid.day),
                "amount": a.decimals(paid.amount, 18, 2),
                "payee_account": a.words([s.account for s in bidders()], paid.payee),
                "handler_code": a.constant(cashier, len(of.key)),
                "approver_code": a.constant(data.staff.codes[0], len(of.key)),
                "updt_time": a.moments((paid.day + 1) * DAY + 9 * 3600),
            }
        ),
    }
