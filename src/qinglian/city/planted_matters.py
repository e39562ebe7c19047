"""Planted cases of matters that were closed after rectification (XS14)."""

from datetime import date

from qinglian.city.cases import GUARDED, MEDIUM, NEAR, STRONG, TRUE, WEAK, Row
from qinglian.city.schemes import ClosedMatter


def _closed(
    hospital: int,
    case: str,
    strength: str | None,
    of: str,
    month: int,
    day: int,
    note: str,
    indicator: str = "",
) -> Row:
    """One matter about the subject of another scheme."""
    action = ClosedMatter(of, date(2025, month, day), indicator)
    return hospital, case, strength, month, month, action, note


XS14: list[Row] = [
    _closed(1, TRUE, STRONG, "RX01-01", 5, 8, "销号后三个月仍超五种药"),
    _closed(4, TRUE, STRONG, "BL03-02", 5, 20, "销号后床位费仍高于限价"),
    _closed(2, TRUE, STRONG, "RX02-03", 4, 16, "销号后三个月仍超量"),
    _closed(3, TRUE, MEDIUM, "RX01-02", 10, 15, "销号后两个月仍超五种药"),
    _closed(2, TRUE, MEDIUM, "PR10-02", 9, 10, "销号后仍高于挂网价采购"),
    _closed(4, TRUE, WEAK, "RX02-02", 10, 10, "销号后仅一个月再现"),
    _closed(8, TRUE, WEAK, "RX01-04", 6, 12, "销号后仅一个月再现"),
    # The first month that fires begins a day too late.
    _closed(10, NEAR, None, "RX01-05", 3, 4, "销号后第181日所在月才再现"),
    _closed(3, NEAR, None, "RX02-06", 10, 16, "销号前已停止"),
    _closed(6, NEAR, None, "RX01-03", 11, 6, "销号前已停止"),
    _closed(1, NEAR, None, "RX02-01", 4, 15, "同一医师另一指标未命中", "RX01"),
    _closed(1, GUARDED, None, "RX02-01", 8, 12, "命中月份在销号日前已开始"),
    _closed(3, GUARDED, None, "BL03-03", 7, 22, "命中月份在销号日前已开始"),
    _closed(2, GUARDED, None, "RX01-06", 12, 10, "销号过晚，尚无后续数据"),
]
