"""Planted cases of goods and records that only several systems together show (XS02, XS06)."""

from qinglian.city.cases import GUARDED, MEDIUM, NEAR, STRONG, TRUE, WEAK, Row
from qinglian.city.schemes import Background, ImplantTrace, StockGap

_GAPS: list[Row] = [
    (1, TRUE, STRONG, 3, 8, StockGap("氨溴索", 0.16), "收费多于实耗约两成"),
    (2, TRUE, STRONG, 5, 10, StockGap("铝碳酸镁", 0.14), "收费多于实耗约一成半"),
    (4, TRUE, STRONG, 4, 9, StockGap("孟鲁司特", 0.2, pattern="used_more"), "实耗多于收费两成"),
    (3, TRUE, MEDIUM, 2, 9, StockGap("孟鲁司特", 0.09), "收费多于实耗约一成"),
    (8, TRUE, MEDIUM, 3, 10, StockGap("阿司匹林", 0.08), "收费多于实耗约一成"),
    (5, TRUE, MEDIUM, 4, 11, StockGap("昂丹司琼", 0.12, pattern="used_more"), "实耗多于收费一成"),
    (1, TRUE, STRONG, 4, 9, StockGap("plate_a", pieces=2), "每月两块接骨板收费而未出库"),
    (2, TRUE, STRONG, 6, 10, StockGap("screw_b", pieces=3, pattern="used_more"), "螺钉出库未收费"),
    (4, TRUE, MEDIUM, 5, 5, StockGap("plate_a", pieces=1), "一块接骨板收费而未出库"),
    (6, TRUE, WEAK, 7, 8, StockGap("克霉唑", 0.07), "两个月收费多于实耗"),
    (2, NEAR, None, 3, 8, StockGap("氨溴索", 0.02), "差额约为实耗的百分之二"),
    (3, NEAR, None, 3, 8, StockGap("氨溴索", 0.02), "差额约为实耗的百分之二"),
    (6, NEAR, None, 3, 8, StockGap("叶酸", 0.02, pattern="used_more"), "差额约为实耗的百分之二"),
    (1, GUARDED, None, 5, 5, StockGap("铝碳酸镁", 0.12, pattern="late"), "月末出库次月入账"),
    (4, GUARDED, None, 7, 7, StockGap("screw_a", pieces=2, pattern="late"), "两枚螺钉次月补登出库"),
]
#: What was billed for another product left the store as what it was.
_SWAPPED: list[Row] = [
    (3, TRUE, STRONG, 4, 11, Background(), "plate_b|stock_item|换用接骨板，所收未出库"),
    (3, TRUE, STRONG, 4, 11, Background(), "plate_a|stock_item|换用接骨板，所用未收费"),
    (9, TRUE, MEDIUM, 4, 9, Background(), "screw_a|stock_item|换用螺钉，所收未出库"),
    (9, TRUE, MEDIUM, 4, 9, Background(), "screw_b|stock_item|换用螺钉，所用未收费"),
]


def _years() -> list[Row]:
    """The same again over the year, which none of the weak ones shows."""
    found: list[Row] = []
    for hospital, case, strength, first, last, action, note in [*_GAPS, *_SWAPPED]:
        if case == TRUE and strength != WEAK:
            item = action.item if isinstance(action, StockGap) else note.split("|")[0]
            text = f"{item}|stock_item_year|{note.split('|')[-1]}，全年累计"
            found.append((hospital, case, strength, first, last, Background(), text))
    return found


_PIECES: list[Row] = [
    (1, TRUE, STRONG, 3, 8, ImplantTrace("plate_a", "not_used"), "接骨板收费而无领用"),
    (2, TRUE, STRONG, 4, 9, ImplantTrace("plate_a", "not_received"), "接骨板收费而无入库"),
    (4, TRUE, STRONG, 2, 9, ImplantTrace("screw_a", "twice"), "同一螺钉标识再次收费"),
    (3, TRUE, STRONG, 3, 9, ImplantTrace("screw_a", "dearer"), "入库为皮质骨螺钉，收锁定螺钉"),
    (2, TRUE, MEDIUM, 3, 9, ImplantTrace("screw_b", "late"), "使用十日后才补入库单"),
    (8, TRUE, MEDIUM, 5, 10, ImplantTrace("screw_a", "not_received"), "螺钉收费而无入库"),
    (9, TRUE, MEDIUM, 2, 8, ImplantTrace("plate_a", "twice"), "同一接骨板标识再次收费"),
    (7, TRUE, MEDIUM, 3, 9, ImplantTrace("plate_a", "not_used"), "接骨板收费而无领用"),
    (3, TRUE, STRONG, 4, 11, Background(), "plate_b|所收为解剖型，入库为锁定接骨板"),
    (9, TRUE, MEDIUM, 4, 9, Background(), "screw_a|所收为锁定，入库为皮质骨螺钉"),
    (1, NEAR, None, 3, 8, ImplantTrace("screw_b", "in_time"), "使用七日后入库"),
    (4, NEAR, None, 3, 8, ImplantTrace("screw_b", "in_time"), "使用七日后入库"),
    (1, GUARDED, None, 3, 8, ImplantTrace("screw_a", "as_set"), "成套供货，入库单无单件标识"),
    (4, GUARDED, None, 4, 10, Background(), "plate_b|两块接骨板扫码互换"),
]
STOCK_TABLES: dict[str, list[Row]] = {"XS02": [*_GAPS, *_SWAPPED, *_years()], "XS06": _PIECES}
