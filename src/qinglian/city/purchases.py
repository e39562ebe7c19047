"""Purchase orders and receipts of one hospital and month, with listed and agreed prices."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from qinglian.city.arrow import line_amount
from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.clinic import row_ids
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.drugs import Drug, drug_index, drugs
from qinglian.city.organisations import Hospital
from qinglian.city.schemes import PaidBelow, PaidPrice, PurchaseShares, Scheme, Schemes
from qinglian.city.services import Material, materials
from qinglian.city.suppliers import (
    Category,
    categories,
    category_position,
    suppliers_of,
)

#: The listed price of one drug falls on this day: orders before it stand at the old price.
LISTED_CHANGE = date(2025, 7, 1)
LISTED_CHANGE_FACTOR = 0.92
#: Categories without a listed price: their reference is the regional median.
MEDIAN_CATEGORIES = ("C02", "C04")
CENTS_GRID = 100
#: Part of its reference by which an honest price lies below it at most.
_SPREAD = 0.006


@dataclass
class Purchases:
    """One row an order line; `supplier` and `item` are positions in their lists."""

    order_id: Ints
    line_no: Ints
    time: Ints
    supplier: Ints
    category: Ints
    is_drug: Bools
    item: Ints
    qty: Ints
    in_min_unit: Bools
    unit_price: Ints
    amount: Ints
    cancelled: Bools
    receipt_time: Ints


def listed_change_item() -> int:
    """Index of the drug whose listed price changes."""
    return drug_index("缬沙坦")[0]


def product(is_drug: bool, item: int) -> Drug | Material:
    """The product at a position of the drug or the consumables list."""
    return drugs()[item] if is_drug else materials()[item]


def buys(hospital: Hospital, category: Category) -> bool:
    """Whether a hospital buys in a category at all."""
    if category.buyers == "tertiary":
        return hospital.level_rank == 0
    if category.buyers == "general":
        return hospital.level_rank < 2 and hospital.org_type == "general"
    return category.buyers == "all" or hospital.level_rank < 2


def level_budget(hospital: Hospital, category: Category) -> float:
    """CNY a month that a hospital of this level spends in a category."""
    return category.budget * (1.0, 0.42, 0.14)[hospital.level_rank]


def reference_price(is_drug: bool, item: int, day: date) -> int:
    """Reference of a pack on a day, in ten-thousandths: listed, agreed or regional median."""
    base = product(is_drug, item).price
    if is_drug and item == listed_change_item() and day >= LISTED_CHANGE:
        return round(base * LISTED_CHANGE_FACTOR)
    return base


def purchases_of(hospital: Hospital, month: Month, seed: int, schemes: Schemes) -> Purchases:
    """Every supplier of a category delivers every item: shares come out as planned."""
    rng = stream(seed, Purpose.PURCHASES, hospital.number, month.serial)
    rows: list[tuple[int, ...]] = []
    order = 0
    shares = {
        (action.category, action.level): (scheme, action)
        for scheme, action in schemes.of(PurchaseShares, hospital.number, month)
    }
    first_id = int(row_ids(hospital, month, 1)[0])
    for position, category in enumerate(categories()):
        if not buys(hospital, category):
            continue
        by_supplier = shares.get((category.code, "distributor"))
        by_item = shares.get((category.code, "manufacturer"))
        suppliers = (by_supplier[1].suppliers if by_supplier else ()) or suppliers_of(
            position, hospital.number
        )
        supplier_shares = by_supplier[1].shares if by_supplier else category.shares
        item_shares = (
            by_item[1].shares if by_item else (1 / len(category.items),) * len(category.items)
        )
        budget = level_budget(hospital, category) * rng.uniform(0.92, 1.08)
        for supplier, supplier_share in zip(suppliers, supplier_shares, strict=True):
            order += 1
            day = int(rng.integers(0, 27))
            time = second_number(month.first) + day * DAY + int(rng.integers(8, 17)) * 3600
            receipt = time + int(rng.integers(3, 7)) * DAY
            cancelled = int(rng.random() < 0.01 and not shares)
            for line_no, (item, item_share) in enumerate(
                zip(category.items, item_shares, strict=True), start=1
            ):
                is_drug = category.item_kind == "drug"
                price = _paid_price(category, is_drug, item, month.first.replace(day=day + 1), rng)
                spend = budget * supplier_share * item_share * rng.uniform(0.96, 1.04)
                qty = max(1, round(spend * 10_000 / price))
                rows.append(
                    (
                        first_id + order - 1,
                        line_no,
                        time,
                        supplier,
                        position,
                        is_drug,
                        item,
                        qty * 100,
                        price,
                        cancelled,
                        receipt,
                    )
                )
    columns = [np.array(c, dtype=np.int64) for c in zip(*rows, strict=True)]
    (
        order_id,
        line,
        time_,
        supplier_,
        category_,
        drug_,
        item_,
        qty_,
        price_,
        cancelled_,
        receipt_,
    ) = columns
    bought = Purchases(
        order_id,
        line,
        time_,
        supplier_,
        category_,
        drug_ == 1,
        item_,
        qty_,
        np.zeros(len(line), dtype=bool),
        price_,
        line_amount(qty_, price_),
        cancelled_ == 1,
        receipt_,
    )
    _plant_prices(hospital, bought, month, schemes)
    _plant_discounts(hospital, bought, month, schemes)
    _report_shares(bought, month, shares)
    return bought


def _paid_price(
    category: Category, is_drug: bool, item: int, day: date, rng: np.random.Generator
) -> int:
    reference = reference_price(is_drug, item, day)
    draw = rng.random()
    if category.code == "D07":
        return reference
    # What is paid is charged: the prices of suppliers lie within the tolerance of that.
    width = 2 * _SPREAD if category.code in MEDIAN_CATEGORIES else _SPREAD
    factor = 1 - _SPREAD + width * draw
    return max(CENTS_GRID, int(reference * factor) // CENTS_GRID * CENTS_GRID)


def _plant_prices(hospital: Hospital, bought: Purchases, month: Month, schemes: Schemes) -> None:
    for scheme, action in schemes.of(PaidPrice, hospital.number, month):
        position = category_position(action.category)
        category = categories()[position]
        supplier = suppliers_of(position, hospital.number)[action.supplier]
        item = category.items[action.item]
        rows = np.flatnonzero(
            (bought.category == position) & (bought.supplier == supplier) & (bought.item == item)
        )
        goods = product(category.item_kind == "drug", item)
        pack = reference_price(category.item_kind == "drug", item, month.first) * action.factor
        bought.cancelled[np.isin(bought.order_id, bought.order_id[rows])] = False
        if action.smallest_unit:
            bought.in_min_unit[rows] = True
            bought.qty[rows] *= goods.pack_ratio
            bought.unit_price[rows] = int(pack / goods.pack_ratio)
        else:
            bought.unit_price[rows] = round(pack / CENTS_GRID) * CENTS_GRID
        bought.amount[rows] = line_amount(bought.qty[rows], bought.unit_price[rows])
        over = max(0.0, 1 - 1 / action.factor)
        scheme.record(
            month,
            "pr_order",
            line_keys(bought, rows),
            round(float(bought.amount[rows].sum()) * over),
        )


def invoice_numbers(order_id: Ints) -> Ints:
    """Numbers of the invoices for orders: eight digits, of month and place, which do not return."""
    stamp = order_id // 10**7 % 10**4
    return 10**7 + (stamp // 100 * 12 + stamp % 100) * 10**4 + order_id % 10**7


def _plant_discounts(hospital: Hospital, bought: Purchases, month: Month, schemes: Schemes) -> None:
    """Prices of all suppliers of an item that fall, while it is charged as before."""
    for scheme, action in schemes.of(PaidBelow, hospital.number, month):
        position = category_position(action.category)
        category = categories()[position]
        is_drug, item = category.item_kind == "drug", category.items[action.item]
        rows = np.flatnonzero((bought.category == position) & (bought.item == item))
        price = reference_price(is_drug, item, month.first) * action.factor
        bought.unit_price[rows] = round(price / CENTS_GRID) * CENTS_GRID
        bought.amount[rows] = line_amount(bought.qty[rows], bought.unit_price[rows])
        bought.cancelled[rows] = False
        scheme.record(month, "pr_order", line_keys(bought, rows))


def line_keys(bought: Purchases, rows: Ints) -> list[str]:
    """Keys of order lines as evidence names them."""
    pairs = zip(bought.order_id[rows].tolist(), bought.line_no[rows].tolist(), strict=True)
    return [f"PO{order}#{line}" for order, line in pairs]


def _report_shares(
    bought: Purchases, month: Month, shares: dict[tuple[str, str], tuple[Scheme, PurchaseShares]]
) -> None:
    for (code, level), (scheme, action) in shares.items():
        position = category_position(code)
        mine = np.flatnonzero((bought.category == position) & ~bought.cancelled)
        if level == "manufacturer":
            top = categories()[position].items[int(np.argmax(action.shares))]
            rows = mine[bought.item[mine] == top]
        else:
            top = (action.suppliers or tuple(np.unique(bought.supplier[mine]).tolist()))[0]
            rows = mine[bought.supplier[mine] == top]
        scheme.record(
            month, "pr_order", line_keys(bought, rows)[:3], int(bought.amount[rows].sum())
        )
