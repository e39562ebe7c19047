"""What hospitals agreed to buy of the drugs that volume-based purchasing selected.

An agreement covers a year. A hospital agrees to four fifths of what it buys anyway, so that it has
fulfilled its part some months before the end.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import Month, day_number
from qinglian.city.class_shifts import GENERIC, PRACTICE
from qinglian.city.draws import Bools
from qinglian.city.drugs import Drug, drug_index, drugs
from qinglian.city.organisations import Hospital
from qinglian.city.purchases import Purchases, buys, level_budget
from qinglian.city.schemes import NamedWhileWriting, Schemes
from qinglian.city.suppliers import (
    Category,
    categories,
    category_position,
    manufacturers,
)
from qinglian.city.ward import END

_CATEGORY = "D07"
#: Part of a year's purchases that a hospital agrees to.
_USUAL_SHARE = 0.8
#: Beyond the last day of the data: ordered, and not delivered by then.
_LATE = 400 * 86_400


@dataclass(frozen=True)
class Batch:
    """One round of purchasing; `items` are positions in the category of its drugs."""

    name: str
    begin: date
    end: date
    items: tuple[int, ...]


_BATCHES = (
    Batch("GJ08", date(2024, 7, 1), date(2025, 6, 30), (3, 4)),
    Batch("GJ09", date(2025, 1, 1), date(2025, 12, 31), (0, 1, 2)),
    Batch("GJ10", date(2025, 7, 1), date(2026, 6, 30), (3, 4)),
)


#: The generic of a class that hospitals with the practice prescribe, for three years.
_CLASS_BATCH = Batch("GJ11", date(2025, 7, 1), date(2028, 6, 30), ())
_CLASS_PACKS = 1_000


@dataclass(frozen=True)
class AgreedQuantity(NamedWhileWriting):
    """A hospital agrees to `share` of what it buys in a year of one item of a batch.

    Of what it orders in the months of the scheme nothing arrives where it is `undelivered`.
    """

    batch: str
    item: int
    share: float
    undelivered: bool = False


def quota_table(hospital: Hospital, schemes: Schemes) -> pa.Table:
    """The agreements of a hospital; those of a scheme name their subject in it."""
    rows = [
        (batch, item, _share(hospital, schemes, batch, item))
        for batch in _BATCHES
        for item in batch.items
    ]
    selected = [drugs()[_category().items[item]] for _, item, _ in rows]
    agreed = [
        round(_packs_a_year(hospital, drug) * share) * drug.pack_ratio
        for drug, (_, _, share) in zip(selected, rows, strict=True)
    ]
    if any(dept.practice.key == PRACTICE for dept in hospital.departments):
        rows.append((_CLASS_BATCH, 0, _USUAL_SHARE))
        selected.append(drugs()[drug_index(GENERIC)[0]])
        agreed.append(_CLASS_PACKS * selected[-1].pack_ratio)
    count = len(rows)
    return pa.table(
        {
            "hospital_code": a.constant(hospital.org_code, count),
            "batch": a.texts([batch.name for batch, _, _ in rows]),
            "national_code": a.texts([drug.national_code for drug in selected]),
            "generic_name": a.texts([drug.generic_name for drug in selected]),
            "is_selected": a.constant("1", count),
            "agreed_qty": a.quantity(np.array(agreed) * 100),
            "period_begin": a.days(np.array([day_number(batch.begin) for batch, _, _ in rows])),
            "period_end": a.days(np.array([day_number(batch.end) for batch, _, _ in rows])),
            "selected_price": a.price(np.array([drug.min_price for drug in selected])),
            "holder": a.texts([manufacturers()[drug.manufacturer].name for drug in selected]),
        }
    )


def hold_back(hospital: Hospital, bought: Purchases, month: Month, schemes: Schemes) -> None:
    """What the suppliers of a scheme do not deliver in a month."""
    for _, action in schemes.of(AgreedQuantity, hospital.number, month):
        if action.undelivered:
            rows = _of_item(bought, action.item)
            bought.cancelled[rows] = False
            bought.receipt_time[rows] = END + _LATE


def _of_item(bought: Purchases, item: int) -> Bools:
    position = category_position(_CATEGORY)
    of_item: Bools = (bought.category == position) & (bought.item == _category().items[item])
    return of_item


def _share(hospital: Hospital, schemes: Schemes, batch: Batch, item: int) -> float:
    for scheme, action in schemes.of(AgreedQuantity, hospital.number):
        if (action.batch, action.item) == (batch.name, item):
            generic_name = drugs()[_category().items[item]].generic_name
            scheme.subject_type = "vbp_agreement"
            scheme.subject_id = f"{batch.name}|{generic_name}"
            scheme.org_code = hospital.org_code
            scheme.record(scheme.last, "pr_vbp_quota", [])
            return action.share
    return _USUAL_SHARE


def _packs_a_year(hospital: Hospital, drug: Drug) -> float:
    """Packs that the hospital's budget for the category buys: it is spread over its items."""
    budget = level_budget(hospital, _category()) / len(_category().items)
    return 12 * budget * 10_000 / drug.price if buys(hospital, _category()) else 0.0


def _category() -> Category:
    return categories()[category_position(_CATEGORY)]
