"""Dispensing: what pharmacies and the store of consumables handed out and took back."""

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY, second_number
from qinglian.city.care.devices import carry_udi, lots, udis
from qinglian.city.care.net_lines import NetLines
from qinglian.city.clinic import row_ids
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.drugs import drugs
from qinglian.city.his_columns import MonthData, Tables, flat, local_codes
from qinglian.city.lines import DRUG, MATERIAL
from qinglian.city.ward import END

#: Codes of the stores: outpatient pharmacy, inpatient pharmacy, store of consumables.
STORES = ("YF01", "YF02", "HC01")
#: From this day packs of selected and negotiated drugs are scanned when they are handed out.
TRACE_START = date(2025, 7, 1)
#: Kangtai's outpatient pharmacy keeps lines of dispensing since its module for trace codes runs.
KANGTAI_OUTPATIENT_START = TRACE_START
_PARTIAL_SHARE = 0.006
_NEVER_COLLECTED = 0.4
_UNSCANNED_SHARE = 0.04


@dataclass
class Dispenses:
    """One row a hand-out or, with negative quantity, a return.

    `line` is the row of the fee line (the reversal's own for a return), `original` the identifier
    of the hand-out that is returned, 0 for none; `qty` hundredths of smallest units.
    """

    dispense_id: Ints
    original: Ints
    line: Ints
    time: Ints
    qty: Ints
    pharmacist: Ints
    scanned: Bools


def dispenses_of(data: MonthData, net: NetLines, seed: int) -> Dispenses:
    """Hand-outs equal billed quantities, and returns equal reversals, in smallest units.

    A few lines are handed out in two parts. Of drugs that were paid back whole to outpatients some
    were never collected: they have neither hand-out nor return.
    """
    rng = stream(seed, Purpose.DISPENSING, data.hospital.number, data.month.serial)
    lines = data.bills.lines
    stocked = (lines.kind == DRUG) | carry_udi(data)
    if data.hospital.vendor == "kangtai_his":
        stocked &= lines.inpatient | (
            lines.time[net.source] >= second_number(KANGTAI_OUTPATIENT_START)
        )
    draw = rng.random(len(lines))
    never = ~lines.inpatient & net.undone & (draw < _NEVER_COLLECTED)
    rows = np.flatnonzero(stocked & net.gross & ~never)
    billed = lines.qty[rows]
    untouched = net.net[rows] == billed
    parted = (draw[rows] > 1 - _PARTIAL_SHARE) & untouched & (billed >= 200)
    first = np.where(parted, 100, billed)
    time = _hand_out_time(data, rows, rng)
    rest = np.flatnonzero(parted)
    rest_time = np.minimum(
        time[rest] + rng.integers(DAY, 3 * DAY, len(rest)), _last(data, rows[rest])
    )
    back = np.flatnonzero(stocked & ~net.gross & ~never[net.source])
    ids = row_ids(data.hospital, data.month, len(rows) + len(rest) + len(back))
    of_line = np.zeros(len(lines), dtype=np.int64)
    of_line[rows] = ids[: len(rows)]
    line = np.r_[rows, rows[rest], back]
    return Dispenses(
        dispense_id=ids,
        original=np.r_[np.zeros(len(rows) + len(rest), dtype=np.int64), of_line[net.source[back]]],
        line=line,
        time=np.r_[time, rest_time, lines.time[back]],
        qty=np.r_[first, billed[rest] - 100, lines.qty[back]] * net.ratio[line],
        pharmacist=rng.integers(0, 2, len(ids)),
        scanned=rng.random(len(ids)) >= _UNSCANNED_SHARE,
    )


def _hand_out_time(data: MonthData, rows: Ints, rng: np.random.Generator) -> Ints:
    """After payment for outpatients; some hours before use for a ward."""
    lines = data.bills.lines
    inpatient = lines.inpatient[rows]
    after = lines.time[rows] + rng.integers(600, 3600, len(rows))
    stay = np.where(inpatient, lines.encounter[rows], 0)
    lead = rng.integers(1800, 3 * 3600, len(rows))
    before = np.maximum(lines.time[rows] - lead, data.stays.adm_time[stay])
    chosen: Ints = np.where(inpatient, before, np.minimum(after, END))
    return chosen


def _last(data: MonthData, rows: Ints) -> Ints:
    """Latest moment at which the rest of a line can be handed out."""
    lines = data.bills.lines
    return np.where(lines.inpatient[rows], lines.time[rows], END)


@cache
def _traced() -> Bools:
    return np.array([(d.has("V") or d.has("N")) and d.drug_class == "western" for d in drugs()])


def trace_codes(data: MonthData, net: NetLines) -> pa.Array:
    """Codes of the packs or pieces of each hand-out or return, divided by "|", null without.

    A return names the first packs of its hand-out. Opened packs are not scanned.
    """
    d, lines = data.care.dispenses, data.bills.lines
    drug = lines.kind[d.line] == DRUG
    item = np.where(drug, lines.item[d.line], 0)
    handed_out = np.where(d.original > 0, d.original, d.dispense_id)
    place = handed_out - d.dispense_id[:1]
    scanned = d.scanned[place] & (d.time[place] >= second_number(TRACE_START))
    traced = drug & _traced()[item] & scanned & ~lines.in_min_unit[d.line]
    packs = np.where(traced, np.abs(d.qty) // net.ratio[d.line] // 100, 0)
    heads = a.words([f"8{product.number:03d}" for product in drugs()], np.repeat(item, packs))
    codes = a.joined_pieces((heads,), handed_out, packs)
    device = np.flatnonzero(~drug)
    if not len(device):
        return codes
    pieces = udis(data, net, d.line[device])
    mask = np.zeros(len(d.line), dtype=bool)
    mask[device] = True
    merged: pa.Array = pc.replace_with_mask(codes, pa.array(mask), pieces)
    return merged


def yunqi_tables(data: MonthData) -> Tables:
    """phar_out_distribute_detail and phar_in_distribute_detail."""
    c = _columns(data)
    codes = pc.replace_substring(c["trace_codes"], "|", ",")
    both = pa.table(
        {
            "id": c["dispense_id"],
            "old_dist_id": c["original"],
            "visit_id": c["encounter_id"],
            "cost_id": c["fee_id"],
            "opd_id": c["rx_item_id"],
            "advice_exec_id": c["exec_id"],
            "pharmacy_code": c["store"],
            "item_type_code": a.words(["1", "2"], _kind(data)),
            "item_code": a.words(local_codes("yunqi_his"), _items(data)),
            "batch_no": c["batch_no"],
            "split_num": c["qty"],
            "dist_time": c["time"],
            "dist_code": c["staff"],
            "trac_codes": codes,
            "updt_time": c["time"],
        }
    )
    both, inpatient = _issued(data, both)
    return {
        "phar_out_distribute_detail": both.filter(pc.invert(inpatient)).drop_columns(
            ["advice_exec_id"]
        ),
        "phar_in_distribute_detail": both.filter(inpatient).drop_columns(["opd_id"]),
    }


def kangtai_tables(data: MonthData) -> Tables:
    """yf_mzfymx and yf_zyfymx; quantities are text, a return is marked and keeps its sign."""
    c = _columns(data)
    d = data.care.dispenses
    both = pa.table(
        {
            "fyxh": c["dispense_id"],
            "tyxh": c["original"],
            "jzlsh": c["encounter_id"],
            "fymxxh": c["fee_id"],
            "cfmxxh": c["rx_item_id"],
            "yfsb": c["store"],
            "xmlb": a.words(["1", "2"], _kind(data)),
            "xmdm": a.words(local_codes("kangtai_his"), _items(data)),
            "ph": c["batch_no"],
            "fysl": pc.cast(a.decimals(d.qty, 16, 2), pa.string()),
            "fyrq": c["time"],
            "fygh": c["staff"],
            "zsm": pc.replace_substring(c["trace_codes"], "|", ";"),
        }
    )
    both, inpatient = _issued(data, both)
    return {
        "yf_mzfymx": both.filter(pc.invert(inpatient)),
        "yf_zyfymx": both.filter(inpatient).drop_columns(["cfmxxh"]),
    }


def _issued(data: MonthData, both: pa.Table) -> tuple[pa.Table, pa.Array]:
    """Without the pieces that schemes bill and nobody issued; and which rows are of wards."""
    issued = pa.array(~np.isin(data.care.dispenses.line, list(data.care.traces.not_used)))
    return both.filter(issued), pa.array(_inpatient(data)).filter(issued)


def _inpatient(data: MonthData) -> Bools:
    return data.bills.lines.inpatient[data.care.dispenses.line]


def _kind(data: MonthData) -> Ints:
    """0 drug, 1 consumable."""
    kind: Ints = (data.bills.lines.kind[data.care.dispenses.line] == MATERIAL).astype(np.int64)
    return kind


def _items(data: MonthData) -> Ints:
    lines, rows = data.bills.lines, data.care.dispenses.line
    return flat(lines.kind[rows], lines.item_given[rows])


def _columns(data: MonthData) -> dict[str, pa.Array]:
    """What both products hold alike."""
    d, bills = data.care.dispenses, data.bills
    lines, net = bills.lines, data.care.net
    source = net.source[d.line]
    inpatient, material = _inpatient(data), _kind(data)
    execution = data.care.orders.execution_of_line[source]
    rx_item = lines.rx_item[source]
    # A return is of the lot that was handed out.
    lot = lots(lines.time[source]) * np.where(material == 1, 1, 1000)
    lot += np.where(material == 1, 0, lines.item[source])
    pharmacists = [data.staff.codes[i] for i in data.staff.pharmacists]
    return {
        "dispense_id": a.integers(d.dispense_id),
        "original": a.integers(d.original, d.original == 0),
        "encounter_id": a.integers(data.encounter_ids(d.line)),
        "fee_id": a.integers(bills.fee_id[source]),
        "rx_item_id": a.integers(rx_item, rx_item == 0),
        "exec_id": a.integers(execution, execution == 0),
        "store": a.words(STORES, np.where(material == 1, 2, inpatient.astype(np.int64))),
        "batch_no": pc.binary_join_element_wise(
            a.words(["P", "L"], material), a.labels("", lot), ""
        ),
        "qty": a.quantity(d.qty),
        "time": a.moments(d.time),
        "staff": a.words(pharmacists, d.pharmacist),
        "trace_codes": trace_codes(data, net),
    }
