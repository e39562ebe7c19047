"""A bounded, counted share of dirty rows, on rows that no planted case rests on."""

from collections import defaultdict
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qinglian.city.draws import Ints, Purpose, stream
from qinglian.city.his_columns import MonthData, Tables

Counts = dict[str, dict[str, int]]
_YEAR_1900 = -2_208_988_800 * 1_000_000


class Dirt:
    """Spoils rows of vendor tables and counts them by contract table and defect."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    @property
    def counts(self) -> Counts:
        return {table: dict(defects) for table, defects in sorted(self._counts.items())}

    @property
    def total(self) -> int:
        return sum(sum(defects.values()) for defects in self._counts.values())

    def spoil_his(self, data: MonthData, tables: Tables) -> Tables:
        """Defects in one month of a hospital's own tables."""
        rng = stream(self._seed, Purpose.DIRT, data.hospital.number, data.month.serial)
        rows = rng.permutation(np.flatnonzero(_safe_lines(data)))
        items = rng.permutation(_safe_items(data))
        tables = dict(tables)
        if data.hospital.vendor == "yunqi_his":
            self._spoil_yunqi(tables, rows, items)
        else:
            self._spoil_kangtai(tables, rows, items)
        return tables

    def _spoil_yunqi(self, tables: Tables, rows: Ints, items: Ints) -> None:
        cost = tables["outpt_cost"]
        cost = self._put(cost, "item_code", rows[0:1], None, "his_fee", "null_item_code")
        cost = self._put(cost, "nation_code", rows[1:3], "QT-001", "his_fee", "bad_national_code")
        cost = self._shift_amount(cost, "total_price", rows[3:4], "his_fee")
        cost = self._put(
            cost, "cost_time", rows[6:7], pa.scalar(_YEAR_1900, pa.timestamp("us")), "his_fee", "year_1900"
        )
        tables["outpt_cost"] = self._repeat(cost, rows[4:6], "his_fee")
        tables["outpt_prescribe_detail"] = self._put(
            tables["outpt_prescribe_detail"], "num", items[0:1], None, "his_rx_item", "null_qty"
        )
        prescribe = tables["outpt_prescribe"]
        tables["outpt_prescribe"] = self._put(
            prescribe,
            "cancel_time",
            np.arange(min(1, prescribe.num_rows)),
            pa.scalar(_YEAR_1900, pa.timestamp("us")),
            "his_rx",
            "year_1900",
        )

    def _spoil_kangtai(self, tables: Tables, rows: Ints, items: Ints) -> None:
        fees = tables["ms_fymx"]
        fees = self._put(fees, "fydj", rows[0:1], "N/A", "his_fee", "text_in_number")
        fees = self._put(fees, "ybdm", rows[1:3], "QT-001", "his_fee", "bad_national_code")
        fees = self._shift_amount(fees, "zjje", rows[3:4], "his_fee")
        fees = self._put(fees, "fyxh", rows[6:7], None, "his_fee", "null_item_code")
        tables["ms_fymx"] = self._repeat(fees, rows[4:6], "his_fee")
        lines = tables["ms_cf02"]
        lines = self._put(lines, "ypsl", items[0:1], "3盒", "his_rx_item", "text_in_number")
        tables["ms_cf02"] = self._put(lines, "yyts", items[1:2], "七天", "his_rx_item", "text_in_number")

    def spoil_patients(self, hospital: int, tables: Tables) -> Tables:
        """The zero date of a spreadsheet as birth date of three patients at the end of the file."""
        tables = dict(tables)
        for name, column, value in (
            ("outpt_profile", "birthday", pa.scalar(-25_569, pa.date32())),
            ("ms_brda", "csny", pa.scalar("18991230")),
        ):
            if name in tables:
                last = tables[name].num_rows
                rows = np.arange(last - 3, last)
                tables[name] = self._put(tables[name], column, rows, value, "his_patient", "spreadsheet_zero_date")
        return tables

    def spoil_bureau(self, data: MonthData, tables: Tables) -> Tables:
        """An orphan line without encounter: an addition, so that no real line goes missing."""
        lines = tables["fee_list_d"]
        if lines.num_rows == 0:
            return tables
        orphan = lines.slice(0, 1)
        serial = f"9{data.hospital.number:02d}{data.month.stamp}0000001"
        orphan = _replaced(orphan, "bkkp_sn", pa.array([serial]))
        orphan = _replaced(orphan, "mdtrt_id", pa.nulls(1, pa.string()))
        self._count("yb_fee_list_d", "null_mdtrt_id", 1)
        return {**tables, "fee_list_d": pa.concat_tables([lines, orphan])}

    def _count(self, table: str, defect: str, rows: int) -> None:
        if rows:
            self._counts[table][defect] += rows

    def _put(
        self, table: pa.Table, column: str, rows: Ints, value: object, contract: str, defect: str
    ) -> pa.Table:
        mask = np.zeros(table.num_rows, dtype=bool)
        mask[rows] = True
        kind = table.schema.field(column).type
        scalar = value if isinstance(value, pa.Scalar) else pa.scalar(value, kind)
        spoiled = pc.if_else(pa.array(mask), scalar, table[column])
        self._count(contract, defect, len(rows))
        return _replaced(table, column, spoiled)

    def _shift_amount(self, table: pa.Table, column: str, rows: Ints, contract: str) -> pa.Table:
        mask = np.zeros(table.num_rows, dtype=bool)
        mask[rows] = True
        old = table[column]
        more = pc.cast(pc.add(old, pa.scalar(Decimal(100), pa.decimal128(5, 2))), old.type)
        self._count(contract, "amount_not_qty_times_price", len(rows))
        return _replaced(table, column, pc.if_else(pa.array(mask), more, old))

    def _repeat(self, table: pa.Table, rows: Ints, contract: str) -> pa.Table:
        self._count(contract, "duplicate", len(rows))
        return pa.concat_tables([table, table.take(pa.array(rows))])


def _replaced(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(column), column, values)


def _safe_lines(data: MonthData) -> np.ndarray:
    """Mask over outpatient lines: never uploaded, not reversed, no reversal, no charge item."""
    lines = data.bills.lines
    reversed_ = np.isin(data.bills.fee_id, lines.original)
    safe = ~lines.uploaded & (lines.original == 0) & ~reversed_ & (lines.rx_item > 0)
    mask: np.ndarray = safe[~lines.inpatient]
    return mask


def _safe_items(data: MonthData) -> Ints:
    """Lines of prescriptions with at most three lines."""
    items = data.clinic.items
    sizes = np.bincount(items.rx, minlength=len(data.clinic.prescriptions.rx_id))
    return np.flatnonzero(sizes[items.rx] <= 3)
