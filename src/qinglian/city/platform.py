"""Writer of sunshine_platform: the city's purchasing platform for drugs, goods and tenders."""

import hashlib

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.bid_items import bid_item_table
from qinglian.city.calendar import DAY, Month, day_number
from qinglian.city.care.devices import lots, udis
from qinglian.city.consignments import consignments_of
from qinglian.city.direct_purchases import purchase_tables
from qinglian.city.draws import Ints
from qinglian.city.expert_scores import bid_score, expert_score_table
from qinglian.city.his_columns import (
    MonthData,
    Tables,
    flat,
    local_codes,
    national_codes,
    unit_column,
)
from qinglian.city.invoices import invoice_tables
from qinglian.city.lines import DRUG, MATERIAL
from qinglian.city.organisations import CITY_AREA, Hospital
from qinglian.city.purchase_contracts import contract_tables, framework_number
from qinglian.city.purchase_limits import limit_table
from qinglian.city.purchases import (
    LISTED_CHANGE,
    LISTED_CHANGE_FACTOR,
    MEDIAN_CATEGORIES,
    buys,
    invoice_numbers,
    listed_change_item,
    product,
)
from qinglian.city.schemes import PurchaseShares, Schemes
from qinglian.city.supplier_aliases import aliases, filed_besides, shells
from qinglian.city.supplier_people import people_table
from qinglian.city.suppliers import (
    AFFILIATES,
    Supplier,
    categories,
    distributors,
    manufacturers,
    suppliers_of,
)
from qinglian.city.tender_bidders import bidders, traders
from qinglian.city.tenders import SUBJECTS, Tenders
from qinglian.city.vbp_quotas import quota_table
from qinglian.city.ward import END

CURSOR_COLUMNS = {
    "t_tender": "updt_time",
    "t_tender_package": "updt_time",
    "t_tender_bid": "updt_time",
    "t_purchase_order": "order_time",
    "t_purchase_order_item": "order_no",
    "t_delivery": "delivery_time",
    "t_tender_bid_item": "updt_time",
    "t_expert_score": "updt_time",
    "t_contract": "updt_time",
    "t_contract_item": "updt_time",
    "t_invoice": "updt_time",
    "t_payment": "updt_time",
    "t_stock_move": "move_time",
    "t_stock_month": "month_first",
}


def reference_tables() -> Tables:
    """Suppliers, their people and affiliates, listed prices and limits of the city."""
    return {
        "t_supplier": _suppliers(
            [
                *distributors(),
                *manufacturers(),
                *(entry.supplier for entry in (*aliases(), *shells())),
                *traders(),
            ]
        ),
        "t_supplier_person": people_table(),
        "t_company_relation": _relations(),
        "t_listed_price": _listed_prices(),
        "t_purchase_limit": limit_table(),
    }


def hospital_tables(hospital: Hospital, schemes: Schemes) -> Tables:
    """Which suppliers a hospital has on file, and the quantities that it agreed to buy."""
    known = {
        position
        for index, category in enumerate(categories())
        if buys(hospital, category)
        for position in suppliers_of(index, hospital.number)
    }
    for _, action in schemes.of(PurchaseShares, hospital.number):
        known |= set(action.suppliers)
    known |= set(range(len(distributors())))  # all may bid in its tenders
    codes = [distributors()[position].code for position in sorted(known)]
    codes += filed_besides(hospital.number)
    codes += [trader.code for trader in traders()]
    return {
        "t_hospital_supplier": pa.table(
            {
                "hospital_code": a.constant(hospital.org_code, len(codes)),
                "supplier_code": a.texts(codes),
                "filed_on": a.days(np.full(len(codes), 19_000)),
            }
        ),
        "t_vbp_quota": quota_table(hospital, schemes),
    }


def month_tables(data: MonthData) -> Tables:
    """Orders, deliveries, invoices, tenders and contracts of one hospital and month."""
    tables = {
        **_order_tables(data),
        **invoice_tables(data, data.invoices, data.payments),
        **_tender_tables(data),
        "t_tender_bid_item": bid_item_table(data),
        "t_expert_score": expert_score_table(data),
        **contract_tables(data),
    }
    for name, table in purchase_tables(data).items():
        tables[name] = pa.concat_tables([tables[name], table])
    return tables


def _suppliers(rows: list[Supplier]) -> pa.Table:
    count = len(rows)
    numbers = np.arange(count)
    return pa.table(
        {
            "supplier_code": a.texts([s.code for s in rows]),
            "uscc": a.texts([s.uscc or None for s in rows]),
            "supplier_name": a.texts([s.name for s in rows]),
            "supplier_type": a.texts(["P" if s.kind == "manufacturer" else "J" for s in rows]),
            "legal_person_id": a.texts([s.owner_id or None for s in rows]),
            "reg_address": a.texts([s.address or None for s in rows]),
            "phone": a.texts([s.phone or None for s in rows]),
            "mail_domain": a.texts([f"{s.code.lower()}.example" for s in rows]),
            "bank_account": a.texts([s.account or None for s in rows]),
            "founded_on": a.days(12_000 + numbers * 97),
            "capital": a.decimals((500 + numbers % 9 * 700) * 1_000_000, 18, 2),
            "license_no": a.labels("渝YX", 20_230_000 + numbers),
            "license_until": a.days(np.full(count, 21_500)),
            "blacklisted": a.constant("0", count),
            "credit_grade": a.words(["A", "A", "B"], numbers % 3),
        }
    )


def _relations() -> pa.Table:
    pairs = [(distributors()[a].uscc, distributors()[b].uscc) for a, b, _ in AFFILIATES]
    return pa.table(
        {
            "uscc_a": a.texts([first for first, _ in pairs]),
            "uscc_b": a.texts([second for _, second in pairs]),
            "relation": a.texts([relation for _, _, relation in AFFILIATES]),
            "source": a.constant("企业信用信息公示", len(pairs)),
        }
    )


def _listed_prices() -> pa.Table:
    rows: list[tuple[str | None, str, int, int, int]] = []
    begin = day_number(Month(2024, 1).first)
    change = day_number(LISTED_CHANGE)
    for category in categories():
        for item in category.items:
            is_drug = category.item_kind == "drug"
            goods = product(is_drug, item)
            micro = round(goods.price * 100 / goods.pack_ratio)
            kind = "region_median" if category.code in MEDIAN_CATEGORIES else "listed"
            if is_drug and item == listed_change_item():
                rows.append((goods.national_code, kind, micro, begin, change - 1))
                lower = round(goods.price * LISTED_CHANGE_FACTOR * 100 / goods.pack_ratio)
                rows.append((goods.national_code, kind, lower, change, -1))
                continue
            rows.append((goods.national_code, kind, micro, begin, -1))
            if category.code == "D07":
                rows.append((goods.national_code, "vbp", micro, begin, -1))
    rows = list(dict.fromkeys(rows))
    code, kinds, price, valid_from, valid_to = (list(c) for c in zip(*rows, strict=True))
    until = np.array(valid_to)
    return pa.table(
        {
            "region_code": a.constant(CITY_AREA, len(rows)),
            "national_code": a.texts(code),
            "price_kind": a.texts(kinds),
            "min_unit_price": a.decimals(np.array(price), 16, 6),
            "holder": a.constant("", len(rows)),
            "valid_from": a.days(np.array(valid_from)),
            "valid_to": a.days(until, until < 0),
        }
    )


def _order_no(order_id: Ints) -> pa.Array:
    return a.labels("PO", order_id)


def _order_tables(data: MonthData) -> Tables:
    bought, hospital = data.purchases, data.hospital
    _, first = np.unique(bought.order_id, return_index=True)
    staff = data.staff.codes
    count = len(first)
    header = pa.table(
        {
            "order_no": _order_no(bought.order_id[first]),
            "hospital_code": a.constant(hospital.org_code, count),
            "order_time": a.moments(bought.time[first]),
            "supplier_code": a.words([s.code for s in distributors()], bought.supplier[first]),
            "contract_no": a.texts(_frameworks(data, first)),
            "is_platform": a.constant("1", count),
            "is_urgent": a.words(["0", "1"], (bought.order_id[first] % 37 == 0).astype(np.int64)),
            "dept_code": a.constant("9001", count),
            "buyer_code": a.words(staff[-2:], bought.order_id[first] % 2),
            "approver_code": a.constant(staff[-3], count),
            "status": a.words(["30", "90"], bought.cancelled[first].astype(np.int64)),
        }
    )
    kind = np.where(bought.is_drug, DRUG, MATERIAL)
    item = flat(kind, bought.item)
    lines = pa.table(
        {
            "order_no": _order_no(bought.order_id),
            "line_no": a.smallints(bought.line_no),
            "goods_type": a.words(["2", "1"], bought.is_drug.astype(np.int64)),
            "hospital_item_code": a.words(local_codes(hospital.vendor), item),
            "national_code": a.words(national_codes(), item),
            "category_code": a.words([c.code for c in categories()], bought.category),
            "qty": a.quantity(bought.qty),
            "unit": unit_column(kind, bought.item, bought.in_min_unit),
            "price": a.price(bought.unit_price),
            "amount": a.decimals(bought.amount, 18, 2),
        }
    )
    return {
        "t_purchase_order": header,
        "t_purchase_order_item": lines,
        "t_delivery": pa.concat_tables([_deliveries(data), _consigned_deliveries(data)]),
    }


def _frameworks(data: MonthData, rows: Ints) -> list[str]:
    """The contract that each order stands on."""
    bought = data.purchases
    pairs = zip(bought.category[rows].tolist(), bought.supplier[rows].tolist(), strict=True)
    return [framework_number(data.hospital, data.month.year, *pair) for pair in pairs]


def _deliveries(data: MonthData) -> pa.Table:
    bought = data.purchases
    rows = np.flatnonzero(~bought.cancelled & (bought.receipt_time <= END))
    kind = np.where(bought.is_drug[rows], DRUG, MATERIAL)
    item = flat(kind, bought.item[rows])
    goods = [
        product(bool(d), int(i))
        for d, i in zip(bought.is_drug[rows], bought.item[rows], strict=True)
    ]
    ratio = np.where(bought.in_min_unit[rows], 1, np.array([g.pack_ratio for g in goods]))
    return pa.table(
        {
            "delivery_no": a.labels("RK", bought.order_id[rows]),
            "line_no": a.smallints(bought.line_no[rows]),
            "hospital_code": a.constant(data.hospital.org_code, len(rows)),
            "delivery_time": a.moments(bought.receipt_time[rows]),
            "order_no": _order_no(bought.order_id[rows]),
            "supplier_code": a.words([s.code for s in distributors()], bought.supplier[rows]),
            "store_code": a.words(["CK01", "YK01"], bought.is_drug[rows].astype(np.int64)),
            "goods_type": a.words(["2", "1"], bought.is_drug[rows].astype(np.int64)),
            "hospital_item_code": a.words(local_codes(data.hospital.vendor), item),
            "batch_no": a.labels("B", bought.order_id[rows] % 10**6),
            "expires_on": a.days(bought.receipt_time[rows] // DAY + 540),
            "qty": a.quantity(bought.qty[rows]),
            "unit": unit_column(kind, bought.item[rows], bought.in_min_unit[rows]),
            "min_qty": a.quantity(bought.qty[rows] * ratio),
            "price": a.price(bought.unit_price[rows]),
            "amount": a.decimals(bought.amount[rows], 18, 2),
            "invoice_no": a.labels("", invoice_numbers(bought.order_id[rows])),
            "is_gift": a.constant("0", len(rows)),
            "is_consignment": a.constant("0", len(rows)),
            "acceptor_code": a.constant(data.staff.codes[data.staff.pharmacists[1]], len(rows)),
            "keeper_code": a.constant(data.staff.codes[data.staff.pharmacists[0]], len(rows)),
            "udi": pa.nulls(len(rows), pa.string()),
        }
    )


def _consigned_deliveries(data: MonthData) -> pa.Table:
    """Papers of consigned pieces, which follow their use; they stand on no order."""
    came = consignments_of(data)
    count, fee = len(came), data.bills.fee_id[came.line]
    kind = np.full(count, MATERIAL)
    return pa.table(
        {
            "delivery_no": a.labels("JS", fee),
            "line_no": a.smallints(np.ones(count, dtype=np.int64)),
            "hospital_code": a.constant(data.hospital.org_code, count),
            "delivery_time": a.moments(came.time),
            "order_no": pa.nulls(count, pa.string()),
            "supplier_code": a.words([s.code for s in distributors()], came.supplier),
            "store_code": a.constant("CK01", count),
            "goods_type": a.constant("2", count),
            "hospital_item_code": a.words(local_codes(data.hospital.vendor), flat(kind, came.item)),
            "batch_no": a.labels("L", lots(data.bills.lines.time[came.line])),
            "expires_on": a.days(came.time // DAY + 540),
            "qty": a.quantity(came.qty),
            "unit": unit_column(kind, came.item, np.ones(count, dtype=bool)),
            "min_qty": a.quantity(came.qty),
            "price": a.price(came.unit_price),
            "amount": a.decimals(a.line_amount(came.qty, came.unit_price), 18, 2),
            "invoice_no": pa.nulls(count, pa.string()),
            "is_gift": a.constant("0", count),
            "is_consignment": a.constant("1", count),
            "acceptor_code": a.constant(data.staff.codes[data.staff.pharmacists[1]], count),
            "keeper_code": a.constant(data.staff.codes[data.staff.pharmacists[0]], count),
            "udi": a.blank(udis(data, data.care.net, came.line), ~came.named),
        }
    )


def _tender_tables(data: MonthData) -> Tables:
    t, hospital = data.tenders, data.hospital
    count = len(t.project_id)
    failed = t.winner < 0
    updated = a.moments(np.minimum(t.open_time + 3 * DAY, END))
    bid_updated = a.moments(np.minimum(t.open_time[t.bid_project] + 3 * DAY, END))
    project = pa.table(
        {
            "tender_no": a.labels("ZB", t.project_id),
            "hospital_code": a.constant(hospital.org_code, count),
            "tender_name": a.words([s[1] for s in SUBJECTS], t.subject),
            "category_code": a.words([s[0] for s in SUBJECTS], t.subject),
            "category_kind": a.words([s[2] for s in SUBJECTS], t.subject),
            "domain": a.words([s[3] for s in SUBJECTS], t.subject),
            "method": a.constant("01", count),
            "budget_code": a.labels(f"YS{data.month.year}T", t.project_id),
            "fiscal_year": a.smallints(np.full(count, data.month.year)),
            "budget": a.decimals(t.budget, 18, 2),
            "funds": a.words(["1", "2"], t.project_id % 2),
            "dept_code": a.constant("9001", count),
            "decision_no": a.labels("DW", t.project_id % 10**6),
            "reason": a.texts([t.reasons.get(row) for row in range(count)]),
            "notice_time": a.moments(t.notice_time),
            "sale_begin": a.moments(t.notice_time),
            "sale_end": a.moments(t.notice_time + 7 * DAY),
            "deadline": a.moments(t.open_time),
            "open_time": a.moments(t.open_time),
            "eval_time": a.moments(t.open_time + 6 * 3600),
            "result_time": a.moments(t.open_time + 2 * DAY),
            "publicity_begin": a.moments(t.open_time + 2 * DAY),
            "publicity_end": a.moments(t.open_time + 5 * DAY),
            "status": a.words(["40", "90"], failed.astype(np.int64)),
            "updt_time": updated,
        }
    )
    package = pa.table(
        {
            "tender_no": a.labels("ZB", t.project_id),
            "package_no": a.constant("1", count),
            "hospital_code": a.constant(hospital.org_code, count),
            "content": a.words([s[1] for s in SUBJECTS], t.subject),
            "ceiling": a.decimals(t.budget, 18, 2),
            "result": a.words(["1", "2"], failed.astype(np.int64)),
            "winner_code": a.words([s.code for s in bidders()], t.winner, failed),
            "award": a.decimals(t.award, 18, 2, failed),
            "updt_time": updated,
        }
    )
    return {
        "t_tender": project,
        "t_tender_package": package,
        "t_tender_bid": _bids(data, bid_updated),
    }


def _bids(data: MonthData, updated: pa.Array) -> pa.Table:
    t = data.tenders
    count = len(t.bid_project)
    number = t.project_id[t.bid_project] * 20 + t.bid_supplier
    won = (t.bid_rank == 1).astype(np.int64)
    unranked = t.bid_rank == 0
    table = pa.table(
        {
            "tender_no": a.labels("ZB", t.project_id[t.bid_project]),
            "package_no": a.constant("1", count),
            "hospital_code": a.constant(data.hospital.org_code, count),
            "supplier_code": a.words([s.code for s in bidders()], t.bid_supplier),
            "bid_time": a.moments(t.bid_time),
            "bid_amount": a.decimals(t.bid_amount, 18, 2),
            "is_valid": a.words(["1", "0"], t.bid_rejected.astype(np.int64)),
            "reject_reason": a.words(["资格条件不符"], np.zeros(count, np.int64), ~t.bid_rejected),
            "rank_no": a.smallints(t.bid_rank, unranked),
            "score": a.decimals(bid_score(t.bid_rank), 9, 4, unranked),
            "is_winner": a.words(["0", "1"], won),
            "upload_ip": a.labels("10.20.1.", 10 + t.bid_supplier),
            "upload_mac": a.labels("MAC", number),
            "disk_serial": a.labels("DSK", number),
            "lock_no": a.labels("LCK", t.bid_supplier + 5000),
            "deposit_account": a.words([s.account for s in bidders()], t.bid_supplier),
            "deposit_bank": a.constant("清川农商行", count),
            "agent_id": a.words([s.owner_id for s in bidders()], t.bid_supplier),
            "doc_author": a.labels("author", t.bid_supplier),
            "doc_editor": a.labels("author", t.bid_supplier),
            "doc_company": a.words([s.name for s in bidders()], t.bid_supplier),
            "doc_created": a.moments(t.doc_created),
            "doc_simhash": a.texts([str(_simhash(key)) for key in number.tolist()]),
            "doc_hash": a.texts([_digest(key) for key in number.tolist()]),
            "updt_time": updated,
        }
    )
    return _with_traces(table, t)


def _with_traces(table: pa.Table, t: Tenders) -> pa.Table:
    """The bids with the values that some share with others in place of their own."""
    for column in sorted({column for _, column in t.traces}):
        values = table.column(column).to_pylist()
        for (row, name), value in t.traces.items():
            if name == column:
                values[row] = value
        table = table.set_column(table.schema.get_field_index(column), column, a.texts(values))
    return table


def _digest(number: int) -> str:
    """SHA-256 of a bid's document, which differs from bid to bid."""
    return hashlib.sha256(f"bid {number}".encode()).hexdigest()


def _simhash(number: int) -> int:
    """A fingerprint of a bid's text, 60 bits: those of two texts differ in about half of them."""
    return int(_digest(number)[:15], 16)
