"""Unique device identifications of high-value consumables, piece by piece."""

from functools import cache

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY
from qinglian.city.care.net_lines import NetLines
from qinglian.city.care.traces import scanned_lines
from qinglian.city.draws import Bools, Ints
from qinglian.city.his_columns import MonthData
from qinglian.city.lines import MATERIAL
from qinglian.city.services import Material, materials

_LOT_DAYS = 91


def device_identifier(number: int) -> str:
    """Static part of the identification of a consumable: a GTIN-14 with its check digit."""
    body = f"0694{number:09d}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


def udi_di(material: Material) -> str | None:
    """Static part for consumables that carry an identification, None for the others."""
    return device_identifier(material.number) if material.is_high_value else None


def lots(time: Ints) -> Ints:
    """Number of the lot in use at a time; a new one every quarter."""
    return time // DAY // _LOT_DAYS


@cache
def _high_value() -> Bools:
    return np.array([m.is_high_value for m in materials()])


def carry_udi(data: MonthData) -> Bools:
    """Lines of consumables whose pieces carry an identification."""
    lines = data.bills.lines
    material = lines.kind == MATERIAL
    marked: Bools = material & _high_value()[np.where(material, lines.item, 0)]
    return marked


def udis(data: MonthData, net: NetLines, rows: Ints) -> pa.Array:
    """Identifications of the pieces of lines, divided by "|", null without.

    A reversal names the first pieces of the line that it cancels. One line in 50 was not scanned,
    but none on which another product was used.
    """
    lines, source = data.bills.lines, net.source[rows]
    marked = carry_udi(data)[rows] & scanned_lines(data, net)[rows]
    # A piece that is billed again is that of another line.
    double = data.care.traces.double
    source = np.array([double.get(row, row) for row in source.tolist()], dtype=np.int64)
    pieces = np.where(marked, np.abs(lines.qty[rows]) // 100, 0)
    item = np.where(marked, lines.item_given[source], 0)
    prefixes = [f"(01){device_identifier(m.number)}(10)" for m in materials()]
    head = a.words(prefixes, np.repeat(item, pieces))
    lot = a.labels("L", np.repeat(lots(lines.time[source]), pieces))
    return a.joined_pieces(
        (head, lot, a.constant("(21)", int(pieces.sum()))), data.bills.fee_id[source], pieces
    )
