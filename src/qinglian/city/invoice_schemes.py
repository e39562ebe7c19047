"""What schemes do to invoices of a supplier's deliveries of drugs, and to payments on them."""

from dataclasses import dataclass

import numpy as np

from qinglian.city.calendar import day_number
from qinglian.city.draws import Ints
from qinglian.city.his_columns import MonthData
from qinglian.city.invoices import DISTRIBUTOR, MAKER, Invoices, Payments
from qinglian.city.schemes import NamedWhileWriting, Schemes
from qinglian.city.suppliers import distributors

#: Days that lie between the maker's invoice and one that is put in between.
_BETWEEN = 5


@dataclass(frozen=True)
class InvoiceFault(NamedWhileWriting):
    """What is wrong with the invoices of one supplier's deliveries of drugs in each month.

    question: long_chain (`other` invoices in between), no_maker_invoice, other_seller (`other`
    invoices), reused_number (two deliveries' invoices have one number), other_amount (the invoice
    is `factor` times the receipts), other_account (paid to `other`). `other` is a supplier too.
    """

    needs_all_months = False
    question: str
    supplier: int
    other: int = 0
    factor: float = 1.0


def plant_invoices(data: MonthData, schemes: Schemes, found: Invoices) -> Invoices:
    """The month's invoices as schemes have them."""
    for scheme, action in schemes.of(InvoiceFault, data.hospital.number, data.month):
        rows = _deliveries_of(data, found, action.supplier)
        if action.question == "other_account" or not len(rows):
            continue
        scheme.org_code = data.hospital.org_code
        scheme.subject_type = "supplier_invoices"
        scheme.subject_id = f"{action.question}|{distributors()[action.supplier].code}"
        keys = [found.key[row] for row in rows.tolist()]
        found = _changed(found, rows, action)
        scheme.record(data.month, "pr_invoice", keys)
    return found


def plant_payments(
    data: MonthData, schemes: Schemes, invoices: Invoices, paid: Payments
) -> Payments:
    """Payments on the month's invoices, some of them to another company's account."""
    for scheme, action in schemes.of(InvoiceFault, data.hospital.number, data.month):
        if action.question != "other_account":
            continue
        of_supplier = _deliveries_of(data, invoices, action.supplier)
        rows = np.flatnonzero(np.isin(paid.invoice, of_supplier))
        if not len(rows):
            continue
        scheme.org_code = data.hospital.org_code
        scheme.subject_type = "supplier_invoices"
        scheme.subject_id = f"{action.question}|{distributors()[action.supplier].code}"
        scheme.record(data.month, "pr_payment", [], int(paid.amount[rows].sum()))
        paid.payee[rows] = action.other
    return paid


def _deliveries_of(data: MonthData, found: Invoices, supplier: int) -> Ints:
    """A supplier's invoices of the month to the hospital that cover drugs: makers' are known."""
    last = day_number(data.month.last)
    covered = {key for key in found.covers if key is not None}
    return np.array(
        [
            row
            for row in np.flatnonzero(
                (found.level == DISTRIBUTOR)
                & (found.supplier == supplier)
                & (found.order > 0)
                & (found.day <= last)
            ).tolist()
            if found.key[row] in covered
        ],
        dtype=np.int64,
    )


def _changed(found: Invoices, rows: Ints, action: InvoiceFault) -> Invoices:
    match action.question:
        case "long_chain":
            return _lengthened(found, rows, action.other)
        case "no_maker_invoice":
            of = {found.key[row] for row in rows.tolist()}
            return found.take(np.array([i for i, c in enumerate(found.covers) if c not in of]))
        case "other_seller":
            for row in rows.tolist():
                found.seller[row] = distributors()[action.other].uscc
        case "reused_number":
            for row in rows.tolist():
                found.number[row] = found.number[rows[0]]
        case "other_amount":
            found.amount[rows] = (found.amount[rows] * action.factor).astype(np.int64)
    return found


def _lengthened(found: Invoices, rows: Ints, other: int) -> Invoices:
    """Makers invoice another company, which invoices the supplier."""
    between = found.take(rows)
    final = dict.fromkeys(between.key)
    between.covers = list(between.key)
    between.buyer = list(between.seller)
    between.seller = [distributors()[other].uscc] * len(rows)
    between.key = [f"{key}Z" for key in between.key]
    between.number = [str(int(number) + 5) for number in between.number]
    between.code = [f"52{code[2:]}" for code in between.code]
    between.day = between.day - _BETWEEN
    between.order = np.zeros(len(rows), dtype=np.int64)
    for row in np.flatnonzero(found.level == MAKER).tolist():
        if found.covers[row] in final:
            found.buyer[row] = distributors()[other].uscc
            found.covers[row] = f"{found.covers[row]}Z"
    # They are of level 2 and not paid by the hospital: appended, they stay out of its payments.
    return found + between
