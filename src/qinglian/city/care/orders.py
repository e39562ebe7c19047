"""Orders of stays and their executions, consistent with the fee lines that they led to."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.care.net_lines import NetLines, ward_end
from qinglian.city.clinic import row_ids
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.drugs import drugs
from qinglian.city.his_columns import (
    MonthData,
    Tables,
    dept_codes,
    flat,
    item_names,
    local_codes,
)
from qinglian.city.lines import DRUG, MATERIAL, SERVICE, Lines
from qinglian.city.organisations import ANAESTHESIA, IMAGING, LABORATORY
from qinglian.city.services import materials, service_index, services
from qinglian.city.ward import END

KINDS = ("drug", "exam", "lab", "treatment", "nursing", "surgery", "material")
DRUG_ORDER, EXAM, LAB, TREATMENT, NURSING, SURGERY, MATERIAL_ORDER = range(len(KINDS))
ACTIVE, COMPLETED, STOPPED, CANCELLED = range(4)
EXECUTED, NOT_EXECUTED = range(2)
_KIND_OF_CATEGORY = {"03": EXAM, "04": LAB, "06": SURGERY, "07": NURSING, "14": NURSING}
_DISCHARGE_HOURS = 20 * 3600
#: Days that what is taken home lasts at most.
_MOST_DAYS = 7
_LATE_SHARE = 0.03
_CANCELLED_SHARE = 0.18


@dataclass
class Orders:
    """One row an order; `stay` is the row of its stay, `stop_time` 0 while it runs or has none."""

    order_id: Ints
    stay: Ints
    kind: Ints
    item_kind: Ints
    item: Ints
    is_long: Bools
    group: Ints
    start_time: Ints
    stop_time: Ints
    doctor: Ints
    status: Ints
    discharge_drug: Bools


@dataclass
class Executions:
    """One row an execution; `order` is the row of its order, `qty` hundredths of smallest units."""

    exec_id: Ints
    order: Ints
    plan_time: Ints
    exec_time: Ints
    nurse: Ints
    qty: Ints
    status: Ints


@dataclass
class OrderBook:
    """Orders and executions of a month; for each fee line their identifiers, 0 without one."""

    orders: Orders
    executions: Executions
    order_of_line: Ints
    execution_of_line: Ints


def order_kinds(kind: Ints, item: Ints) -> Ints:
    """Kind of order for items."""
    of_service = np.array([_KIND_OF_CATEGORY.get(s.category, TREATMENT) for s in services()])
    return np.where(
        kind == DRUG,
        DRUG_ORDER,
        np.where(kind == MATERIAL, MATERIAL_ORDER, of_service[np.where(kind == SERVICE, item, 0)]),
    )


def needs_order(lines: Lines) -> Bools:
    """Lines with an order of their own: not what the system bills by itself, nor small wares, nor
    what a scheme bills without any record.
    """
    high_value = np.array([m.is_high_value for m in materials()])
    small = lines.kind == MATERIAL
    small[small] = ~high_value[lines.item[small]]
    wanted: Bools = lines.inpatient & ~lines.auto & ~small & lines.recorded
    return wanted


def orders_of(data: MonthData, net: NetLines, seed: int) -> OrderBook:
    """Orders of the month's stays; what was executed equals what is billed, net of reversals.

    An order whose fee lines were all reversed is cancelled. Some orders were cancelled before
    anything was done or billed, and some executions are noted late.
    """
    rng = stream(seed, Purpose.ORDERS, data.hospital.number, data.month.serial)
    lines, stays = data.bills.lines, data.stays
    rows = np.flatnonzero(net.gross & needs_order(lines))
    end = ward_end(stays.dscg_time, END)
    orders, order_of_row = _billed_orders(data, net, rows, end, rng)
    nursing, withdrawn = _nursing_orders(data, end), _withdrawn_orders(data, end, rng)
    parts = [orders, nursing, withdrawn]
    joined = Orders(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in Orders.__dataclass_fields__
        }
    )
    joined.order_id = row_ids(data.hospital, data.month, len(joined.stay))
    executions = _executions(data, net, rows, order_of_row, joined, end, rng)
    order_of_line = np.zeros(len(lines), dtype=np.int64)
    order_of_line[rows] = joined.order_id[order_of_row]
    nursed = lines.inpatient & lines.auto & (lines.kind == SERVICE)
    nursed &= lines.item == service_index()["nursing_2"]
    first_nursing = len(orders.stay)
    order_of_line[nursed] = joined.order_id[first_nursing + lines.encounter[nursed]]
    execution_of_line = np.zeros(len(lines), dtype=np.int64)
    execution_of_line[rows] = executions.exec_id[: len(rows)]
    return OrderBook(joined, executions, order_of_line[net.source], execution_of_line[net.source])


def _billed_orders(
    data: MonthData, net: NetLines, rows: Ints, end: Ints, rng: np.random.Generator
) -> tuple[Orders, Ints]:
    """Orders behind fee lines, and the row of the order of each of `rows`.

    A drug or a treatment that is repeated in a stay is one long order; each examination is ordered
    by itself.
    """
    lines, stays = data.bills.lines, data.stays
    stay, time = lines.encounter[rows], lines.time[rows]
    kind = order_kinds(lines.kind[rows], lines.item[rows])
    discharge = _discharge_drugs(lines, rows, stays.dscg_time[stay])
    repeatable = np.isin(kind, (DRUG_ORDER, TREATMENT)) & ~discharge
    apart = np.where(repeatable, 0, 1 + np.arange(len(rows)))
    keys = np.c_[stay, lines.kind[rows], lines.item[rows], apart]
    _, first_row, order_of_row = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    count = len(first_row)
    first, last = np.full(count, END), np.zeros(count, dtype=np.int64)
    np.minimum.at(first, order_of_row, time)
    np.maximum.at(last, order_of_row, time)
    members = np.bincount(order_of_row, minlength=count)
    left = np.bincount(order_of_row, weights=net.net[rows] > 0, minlength=count)
    is_long = members > 1
    stay = stay[first_row]
    start = np.maximum(first - rng.integers(600, 3000, count), stays.adm_time[stay])
    open_ = stays.dscg_time[stay] == 0
    stop = np.minimum(last + rng.integers(3600, 6 * 3600, count), end[stay])
    done = np.where(is_long, np.where(open_, ACTIVE, STOPPED), COMPLETED)
    forms = np.array([d.dosage_form.startswith("注射") for d in drugs()])
    injected = (kind[first_row] == DRUG_ORDER) & forms[
        np.where(kind[first_row] == DRUG_ORDER, lines.item[rows[first_row]], 0)
    ]
    return (
        Orders(
            order_id=np.zeros(count, dtype=np.int64),
            stay=stay,
            kind=kind[first_row],
            item_kind=lines.kind[rows[first_row]],
            item=lines.item[rows[first_row]],
            is_long=is_long,
            # What is infused together in a stay is one group.
            group=np.where(injected, 1, 0),
            start_time=start,
            stop_time=np.where(is_long & ~open_, stop, 0),
            doctor=lines.doctor[rows[first_row]],
            status=np.where(left == 0, CANCELLED, done),
            discharge_drug=discharge[first_row],
        ),
        order_of_row.ravel(),
    )


def _discharge_drugs(lines: Lines, rows: Ints, dscg_time: Ints) -> Bools:
    """Packs of tablets that are billed shortly before the patient goes home.

    They last a week at most, and of a class a patient takes one home; schemes have their own.
    """
    catalogue = drugs()
    packed = np.array([d.pack_ratio > 1 for d in catalogue])
    days_a_pack = np.array([d.pack_ratio / d.freq_per_day for d in catalogue])
    _, of_class = np.unique([d.atc for d in catalogue], return_inverse=True)
    planted = lines.taken_home[rows]
    drug = lines.kind[rows] == DRUG
    item = np.where(drug, lines.item[rows], 0)
    late = (dscg_time > 0) & (lines.time[rows] > dscg_time - _DISCHARGE_HOURS)
    few = lines.qty[rows] / 100 * days_a_pack[item] <= _MOST_DAYS
    ordinary = ~np.isin(lines.encounter[rows], lines.encounter[rows[planted]])
    fits = np.flatnonzero(drug & late & packed[item] & few & ordinary)
    keys = np.c_[lines.encounter[rows[fits]], of_class[item[fits]]]
    first = np.unique(keys, axis=0, return_index=True)[1]
    taken = planted.copy()
    taken[fits[first]] = True
    return taken


def _nursing_orders(data: MonthData, end: Ints) -> Orders:
    """One nursing order a stay, in the order of the stays; its days are billed by the system."""
    stays = data.stays
    count = len(stays.adm_id)
    open_ = stays.dscg_time == 0
    zero = np.zeros(count, dtype=np.int64)
    return Orders(
        order_id=zero,
        stay=np.arange(count),
        kind=np.full(count, NURSING),
        item_kind=np.full(count, SERVICE),
        item=np.full(count, service_index()["nursing_2"]),
        is_long=np.ones(count, dtype=bool),
        group=zero,
        start_time=stays.adm_time + np.minimum(900, (end - stays.adm_time) // 2),
        stop_time=np.where(open_, 0, end),
        doctor=stays.doctor,
        status=np.where(open_, ACTIVE, STOPPED),
        discharge_drug=np.zeros(count, dtype=bool),
    )


def _withdrawn_orders(data: MonthData, end: Ints, rng: np.random.Generator) -> Orders:
    """Examinations that were ordered and withdrawn: never done and never billed."""
    stays = data.stays
    stay = np.flatnonzero(rng.random(len(stays.adm_id)) < _CANCELLED_SHARE)
    exams = [np.array(d.practice.exams) for d in data.hospital.departments]
    place = rng.random(len(stay))
    item = np.array(
        [
            exams[dept][int(part * len(exams[dept]))]
            for dept, part in zip(stays.department[stay].tolist(), place.tolist(), strict=True)
        ],
        dtype=np.int64,
    )
    kind = np.full(len(stay), SERVICE)
    zero = np.zeros(len(stay), dtype=np.int64)
    start = stays.adm_time[stay] + 1800
    start += (rng.random(len(stay)) * np.maximum(0, end[stay] - start - 7200)).astype(np.int64)
    return Orders(
        order_id=zero,
        stay=stay,
        kind=order_kinds(kind, item),
        item_kind=kind,
        item=item,
        is_long=np.zeros(len(stay), dtype=bool),
        group=zero,
        start_time=np.minimum(start, end[stay]),
        stop_time=zero,
        doctor=stays.doctor[stay],
        status=np.full(len(stay), CANCELLED),
        discharge_drug=np.zeros(len(stay), dtype=bool),
    )


def _executions(
    data: MonthData,
    net: NetLines,
    rows: Ints,
    order_of_row: Ints,
    orders: Orders,
    end: Ints,
    rng: np.random.Generator,
) -> Executions:
    """One execution a fee line, in the order of `rows`, then those of withdrawn orders."""
    lines = data.bills.lines
    begin, last = data.stays.adm_time[lines.encounter[rows]], end[lines.encounter[rows]]
    time = lines.time[rows]
    plan = np.maximum(time - rng.integers(0, 1800, len(rows)), begin)
    late = rng.random(len(rows)) < _LATE_SHARE
    delay = np.where(late, rng.integers(4 * 3600, 20 * 3600, len(rows)), 0)
    done = np.minimum(time + delay, last)
    gone = net.net[rows] == 0
    withdrawn = np.flatnonzero(
        (orders.status == CANCELLED) & ~np.isin(np.arange(len(orders.stay)), order_of_row)
    )
    planned = np.minimum(orders.start_time[withdrawn] + 1800, end[orders.stay[withdrawn]])
    none = np.zeros(len(withdrawn), dtype=np.int64)
    total = len(rows) + len(withdrawn)
    return Executions(
        exec_id=row_ids(data.hospital, data.month, total),
        order=np.r_[order_of_row, withdrawn],
        plan_time=np.r_[plan, planned],
        exec_time=np.r_[np.where(gone, 0, done), none],
        nurse=rng.integers(0, 2, total),
        qty=np.r_[net.net[rows] * net.ratio[rows], none],
        status=np.r_[np.where(gone, NOT_EXECUTED, EXECUTED), none + NOT_EXECUTED],
    )


def exec_departments(data: MonthData, kind: Ints, department: Ints) -> pa.Array:
    """Department that carries an order out: technical departments, or the stay's ward."""
    codes = dept_codes(data)
    technical = [LABORATORY[0], IMAGING[0], ANAESTHESIA[0]]
    place = np.select([kind == LAB, kind == EXAM, kind == SURGERY], [0, 1, 2], -1)
    ward = department + len(data.hospital.departments)
    return a.words([*codes, *technical], np.where(place >= 0, len(codes) + place, ward))


def yunqi_tables(data: MonthData) -> Tables:
    """inpt_advice and inpt_advice_exec."""
    book, stays = data.care.orders, data.stays
    o, x = book.orders, book.executions
    ids = o.order_id
    frequency, times_a_day = _frequency(o)
    drug = o.item_kind == DRUG
    product = np.where(drug, o.item, 0)
    changed = np.where(o.stop_time > 0, o.stop_time, o.start_time + 3600)
    advice = pa.table(
        {
            "id": a.integers(ids),
            "order_no": a.labels("YZ", ids),
            "group_no": a.labels("", o.group, o.group == 0),
            "visit_id": a.integers(stays.adm_id[o.stay]),
            "type_code": a.labels("0", o.kind + 1),
            "is_long": a.words(["0", "1"], o.is_long.astype(np.int64)),
            "item_code": a.words(local_codes("yunqi_his"), flat(o.item_kind, o.item)),
            "item_name": a.words(item_names(), flat(o.item_kind, o.item)),
            "dosage": a.decimals(_strength()[product], 16, 6, ~drug),
            "dosage_unit": a.words([d.strength_unit for d in drugs()], product, ~drug),
            "rate_code": a.words(["qd", "bid", "tid"], frequency, ~drug),
            "rate_num": a.smallints(times_a_day, ~drug),
            "usage_code": a.words(["po", "iv"], _injected()[product], ~drug),
            "start_time": a.moments(o.start_time),
            "stop_time": a.moments(o.stop_time, o.stop_time == 0),
            "doctor_code": a.words(data.staff.codes, o.doctor),
            "dept_code": a.words(dept_codes(data), _ward(data, o)),
            "exec_dept_code": exec_departments(data, o.kind, stays.department[o.stay]),
            "status_code": a.words(["1", "3", "4", "9"], o.status),
            "is_out_drug": a.words(["0", "1"], o.discharge_drug.astype(np.int64)),
            "updt_time": a.moments(np.minimum(changed, END)),
        }
    )
    undone = x.status == NOT_EXECUTED
    execution = pa.table(
        {
            "id": a.integers(x.exec_id),
            "advice_id": a.integers(ids[x.order]),
            "visit_id": a.integers(stays.adm_id[o.stay[x.order]]),
            "plan_exec_time": a.moments(x.plan_time),
            "exec_time": a.moments(x.exec_time, undone),
            "exec_code": a.words(_nurses(data), x.nurse, undone),
            "exec_num": a.quantity(x.qty, undone),
            "status_code": a.words(["2", "9"], x.status),
            "updt_time": a.moments(np.minimum(np.maximum(x.plan_time, x.exec_time) + 600, END)),
        }
    )
    return {"inpt_advice": advice, "inpt_advice_exec": execution}


def kangtai_tables(data: MonthData) -> Tables:
    """zy_bqyz; the product keeps no record of single executions."""
    o, stays = data.care.orders.orders, data.stays
    frequency, times_a_day = _frequency(o)
    drug = o.item_kind == DRUG
    product = np.where(drug, o.item, 0)
    advice = pa.table(
        {
            "yzxh": a.integers(o.order_id),
            "yzzh": a.labels("", o.group, o.group == 0),
            "zyh": a.integers(stays.adm_id[o.stay]),
            "yzlx": a.labels("", o.kind + 1),
            "lsyz": a.words(["1", "0"], o.is_long.astype(np.int64)),
            "xmdm": a.words(local_codes("kangtai_his"), flat(o.item_kind, o.item)),
            "xmmc": a.words(item_names(), flat(o.item_kind, o.item)),
            "ycjl": a.words([f"{d.strength:g}" for d in drugs()], product, ~drug),
            "jldw": a.words([d.strength_unit for d in drugs()], product, ~drug),
            "ypyf": a.words(["QD", "BID", "TID"], frequency, ~drug),
            "mrcs": a.labels("", times_a_day, ~drug),
            "gytj": a.words(["1", "4"], _injected()[product], ~drug),
            "kssj": a.moments(o.start_time),
            "tzsj": a.moments(o.stop_time, o.stop_time == 0),
            "ysgh": a.words(data.staff.codes, o.doctor),
            "brks": a.words(dept_codes(data), _ward(data, o)),
            "zxks": exec_departments(data, o.kind, stays.department[o.stay]),
            "yzzt": a.words(["1", "2", "3", "9"], o.status),
            "cydy": a.words(["N", "Y"], o.discharge_drug.astype(np.int64)),
        }
    )
    return {"zy_bqyz": advice}


def _ward(data: MonthData, orders: Orders) -> Ints:
    return data.stays.department[orders.stay] + len(data.hospital.departments)


def _nurses(data: MonthData) -> list[str]:
    return [data.staff.codes[i] for i in data.staff.nurses]


def _frequency(orders: Orders) -> tuple[Ints, Ints]:
    """Position of the frequency among once, twice and three times a day, and its number."""
    by_drug = np.array([d.freq_per_day for d in drugs()])
    times = by_drug[np.where(orders.item_kind == DRUG, orders.item, 0)]
    return times - 1, times


def _strength() -> Ints:
    return np.array([round(d.strength * 10**6) for d in drugs()])


def _injected() -> Ints:
    return np.array([d.dosage_form.startswith("注射") for d in drugs()]).astype(np.int64)
