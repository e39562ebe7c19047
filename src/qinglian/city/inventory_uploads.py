"""Writer of what hospitals report to the bureau: purchases (3503), sales with trace codes (3505).

The interface knows no unit: quantities and prices are those of the smallest unit.
"""

from collections import deque
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY
from qinglian.city.draws import Ints
from qinglian.city.drugs import Drug, drug_index, drugs
from qinglian.city.his_columns import (
    MonthData,
    Tables,
    flat,
    item_names,
    local_codes,
    national_codes,
)
from qinglian.city.invoices import invoice_code
from qinglian.city.lines import DRUG, MATERIAL
from qinglian.city.purchases import invoice_numbers, product
from qinglian.city.schemes import RepeatedTrace, Schemes
from qinglian.city.services import Material
from qinglian.city.suppliers import distributors, manufacturers
from qinglian.city.ward import END

#: Hospitals where the reading of trace codes is tried out, by number.
PILOTS = (1, 2, 3)
_MOST_PACKS = 9
#: Later than any time of the city.
NEVER = np.iinfo(np.int64).max


def upload_tables(data: MonthData, schemes: Schemes) -> Tables:
    """Reported purchases, and at the pilots reported sales, of one hospital and month."""
    tables = {"prod_purc_d": _purchases(data)}
    if data.hospital.number in PILOTS:
        tables["prod_sel_d"] = _sales(data, schemes)
    return tables


def _approval(goods: Drug | Material) -> str:
    if isinstance(goods, Drug):
        letter = "H" if goods.drug_class == "western" else "Z"
        return f"国药准字{letter}20{goods.number:06d}"
    return f"国械注准2020314{goods.number:04d}"


def _purchases(data: MonthData) -> pa.Table:
    bought = data.purchases
    rows = np.flatnonzero(~bought.cancelled & (bought.receipt_time <= END))
    count = len(rows)
    is_drug = bought.is_drug[rows].astype(np.int64)
    item = flat(np.where(is_drug == 1, DRUG, MATERIAL), bought.item[rows])
    goods = [
        product(bool(drug), number)
        for drug, number in zip(is_drug.tolist(), bought.item[rows].tolist(), strict=True)
    ]
    packs = np.array([g.pack_ratio for g in goods], dtype=np.int64)
    ratio = np.where(bought.in_min_unit[rows], 1, packs)
    order, line = bought.order_id[rows], bought.line_no[rows]
    received = bought.receipt_time[rows]
    return pa.table(
        {
            "fixmedins_code": a.constant(data.hospital.org_code, count),
            "purc_id": a.labels("CG", order * 10 + line),
            "med_list_codg": a.words(national_codes(), item),
            "fixmedins_hilist_id": a.words(local_codes(data.hospital.vendor), item),
            "fixmedins_hilist_name": a.words(item_names(), item),
            "fixmedins_bchno": a.labels("RK", order * 10 + line),
            "spler_name": a.words([s.name for s in distributors()], bought.supplier[rows]),
            "spler_pmtno": a.labels("渝YX", 20_230_000 + bought.supplier[rows]),
            "manu_lotnum": a.labels("B", order % 10**6),
            "prodentp_name": a.texts([manufacturers()[g.manufacturer].name for g in goods]),
            "aprvno": a.texts([_approval(g) for g in goods]),
            "manu_date": a.days(received // DAY - 90),
            "expy_end": a.days(received // DAY + 540),
            "finl_trns_pric": a.decimals(bought.unit_price[rows] * 100 // ratio, 16, 6),
            "purc_retn_cnt": a.quantity(bought.qty[rows] * ratio),
            "purc_invo_no": a.labels("", invoice_numbers(order)),
            "purc_invo_codg": a.texts(
                [invoice_code(data.hospital, data.month, s) for s in bought.supplier[rows].tolist()]
            ),
            "rx_flag": a.words(["0", "1"], is_drug),
            "purc_retn_stoin_time": a.moments(received),
            "prod_geay_flag": a.constant("0", count),
            "crte_time": a.moments(np.minimum(received + 4 * 3600, END)),
        }
    )


def _traced() -> np.ndarray:
    """Whether each drug's packs carry codes that are read: selected, negotiated, key-monitored."""
    return np.array([d.has("V") or d.has("N") or d.is_key_monitored for d in drugs()])


def trace_code(drug: int, fee: int, pack: int) -> str:
    """Twenty digits that no other pack has: product, the line that sold it, its place there."""
    return f"81{drug + 1:04d}{fee * 10 + pack:014d}"


def _sales(data: MonthData, schemes: Schemes) -> pa.Table:
    """Whole packs of traced drugs that insured outpatients got, and what they brought back."""
    lines, visits = data.bills.lines, data.clinic.visits
    rows = np.flatnonzero(
        lines.uploaded
        & ~lines.inpatient
        & (lines.kind == DRUG)
        & ~lines.in_min_unit
        & _traced()[np.where(lines.kind == DRUG, lines.item, 0)]
        & (np.abs(lines.qty) <= _MOST_PACKS * 100)
    )
    item, fee, time = lines.item[rows], data.bills.fee_id[rows], lines.time[rows]
    sold = np.where(lines.original[rows] == 0, fee, lines.original[rows])
    ratio = np.array([d.pack_ratio for d in drugs()])[item]
    sold = _sold_before(data, rows, sold, schemes)
    return pa.table(
        {
            "fixmedins_code": a.constant(data.hospital.org_code, len(rows)),
            "sel_id": a.labels("XS", fee),
            "med_list_codg": a.words(national_codes(), item),
            "fixmedins_hilist_id": a.words(local_codes(data.hospital.vendor), item),
            "mdtrt_id": a.labels("50011", visits.visit_id[lines.encounter[rows]]),
            "mdtrt_setl_type": a.constant("1", len(rows)),
            "rtal_docno": a.labels("CF", lines.rx_item[rows], lines.rx_item[rows] == 0),
            "stoout_no": a.labels("CK", fee),
            "sel_retn_cnt": a.quantity(lines.qty[rows] * ratio),
            "finl_trns_pric": a.decimals(lines.unit_price[rows] * 100 // ratio, 16, 6),
            "sel_retn_time": a.moments(time),
            "drug_trac_codg": a.texts(_codes(item, sold, np.abs(lines.qty[rows]) // 100)),
            "crte_time": a.moments(np.minimum(time + 1800, END)),
        }
    )


def _sold_before(data: MonthData, rows: Ints, sold: Ints, schemes: Schemes) -> Ints:
    """The lines whose packs the sales of `rows` name: another's where a scheme has it so."""
    lines, fee = data.bills.lines, data.bills.fee_id[rows]
    sold, time, encounter = sold.copy(), lines.time[rows], lines.encounter[rows]
    back = _brought_back(data, fee)
    kept, taken = back == NEVER, np.zeros(len(rows), dtype=bool)
    for scheme, action in schemes.of(RepeatedTrace, data.hospital.number, data.month):
        single = (lines.item[rows] == drug_index(action.drug)[0]) & (lines.original[rows] == 0)
        single &= (lines.qty[rows] == 100) & ~taken
        resold = action.pattern == "resold"
        ready = np.maximum(time + DAY, back) if resold else time + DAY
        earlier = np.flatnonzero(single & (~kept if resold else kept))
        pairs = sold_again(
            _by(time, np.flatnonzero(single & kept)), _by(ready, earlier), time, ready, encounter
        )
        for place, first in islice(pairs, action.per_month):
            taken[[place, first]] = True
            sold[place] = fee[first]
            cents = int(lines.amount[rows[place]]) if scheme.case == "true" else 0
            scheme.record(data.month, "yb_sel", [f"XS{fee[place]}"], cents)
    return sold


def sold_again(
    places: Ints, earlier: Ints, time: Ints, ready: Ints, encounter: Ints
) -> Iterator[tuple[int, int]]:
    """Sales, each with one of another encounter whose pack was ready before; none comes twice.

    `places` are in the order of their time, `earlier` in that in which their packs are ready: each
    row is looked at once, but for those of its own encounter.
    """
    waiting: deque[int] = deque()
    coming, used = deque(earlier.tolist()), set()
    for place in places.tolist():
        while coming and ready[coming[0]] < time[place]:
            waiting.append(coming.popleft())
        while waiting and waiting[0] in used:
            waiting.popleft()
        if place in used:
            continue
        other = (w for w in waiting if w not in used and encounter[w] != encounter[place])
        first = next(other, None)
        if first is not None:
            used |= {place, first}
            yield place, first


def _by(time: Ints, rows: Ints) -> Ints:
    """Rows in the order of their time."""
    return rows[np.argsort(time[rows], kind="stable")]


def _brought_back(data: MonthData, fee: Ints) -> Ints:
    """When the first reversal of each fee line was, NEVER where there is none."""
    lines = data.bills.lines
    reversals = np.flatnonzero(lines.original > 0)
    reversals = reversals[np.lexsort((lines.time[reversals], lines.original[reversals]))]
    originals, first = np.unique(lines.original[reversals], return_index=True)
    back = np.full(len(fee), NEVER)
    _, own, place = np.intersect1d(fee, originals, return_indices=True)
    back[own] = lines.time[reversals[first[place]]]
    return back


def _codes(item: Ints, fee: Ints, packs: Ints) -> list[str]:
    return [
        "|".join(trace_code(drug, line, pack) for pack in range(count))
        for drug, line, count in zip(item.tolist(), fee.tolist(), packs.tolist(), strict=True)
    ]
