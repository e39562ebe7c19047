"""Planted cases of goods and records that only several systems together show (XS02 to XS13)."""

from qinglian.city.cases import GUARDED, HONEST, MEDIUM, NEAR, STRONG, TRUE, WEAK, Row
from qinglian.city.schemes import (
    Background,
    DeniedStay,
    ImplantTrace,
    MissingReports,
    RepeatedTrace,
    StockGap,
)

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
#: A plate that the hospital also orders: only what was consigned bypassed the stores.
_NOT_BOOKED: list[Row] = [
    (
        2,
        GUARDED,
        None,
        4,
        9,
        StockGap("plate_a", pieces=1, pattern="not_booked"),
        "寄售接骨板未入库账",
    ),
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


#: The drug of which most is given, in the store as in the bills.
_LARGEST: list[Row] = [
    (1, HONEST, None, 1, 12, Background(), "氯化钠|stock_item|用量最大的药品，进销存相符"),
]
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
    (2, HONEST, None, 1, 12, Background(), "screw_a|用量最大的螺钉，三单相符"),
]
_REPORTS: list[Row] = [
    (1, TRUE, STRONG, 3, 8, MissingReports("abd_us", 3), "门诊腹部超声收费无报告"),
    (2, TRUE, STRONG, 4, 9, MissingReports("chest_xray", 3), "门诊摄影收费无报告"),
    (3, TRUE, MEDIUM, 2, 7, MissingReports("ecg", 1), "门诊心电图收费无报告"),
    (4, TRUE, MEDIUM, 5, 10, MissingReports("crp", 2, "late"), "化验报告第八日才出"),
    (6, TRUE, STRONG, 3, 9, MissingReports("obs_us", 4), "产科超声收费无报告"),
    (9, TRUE, MEDIUM, 3, 9, MissingReports("gastroscopy", 1, "late"), "胃镜报告第四日才出"),
    (1, TRUE, STRONG, 5, 10, Background(), "ct|住院CT收费而未做，亦无报告"),
    (5, TRUE, MEDIUM, 4, 9, Background(), "tumour_marker|住院化验收费而未做，亦无报告"),
    (9, TRUE, WEAK, 6, 10, Background(), "mri|住院磁共振收费而未做，亦无报告"),
    (6, TRUE, STRONG, 3, 10, Background(), "ct|做数字化摄影，收CT，无CT报告"),
    (10, TRUE, MEDIUM, 5, 10, Background(), "ct|做数字化摄影，收CT，无CT报告"),
    (5, TRUE, WEAK, 6, 10, Background(), "ct|做数字化摄影，收CT，无CT报告"),
    (1, NEAR, None, 3, 8, MissingReports("crp", 2, "in_time"), "化验报告恰在第七日"),
    (4, NEAR, None, 3, 8, MissingReports("abd_us", 2, "in_time"), "超声报告恰在第三日"),
    (2, GUARDED, None, 3, 8, MissingReports("crp", 2, "registered"), "已登记检验而报告未出"),
    (3, GUARDED, None, 3, 8, MissingReports("crp", 2, "registered"), "已登记检验而报告未出"),
    (4, HONEST, None, 1, 12, Background(), "chest_xray|检查量最大的项目，报告齐全"),
]
_CALLS: list[Row] = [
    (1, TRUE, STRONG, 3, 3, DeniedStay("respiratory"), "回访称未住院"),
    (2, TRUE, STRONG, 5, 5, DeniedStay("cardiology"), "回访称未住院"),
    (3, TRUE, STRONG, 6, 6, DeniedStay("orthopaedics", "surgery"), "回访称未手术，收取手术费"),
    (1, TRUE, MEDIUM, 8, 8, DeniedStay("orthopaedics", "surgery"), "回访称未手术，收取手术费"),
    (7, TRUE, MEDIUM, 9, 9, DeniedStay("tcm"), "回访称未住院"),
    (10, TRUE, MEDIUM, 4, 4, DeniedStay("general"), "回访称未住院"),
    (2, NEAR, None, 7, 7, DeniedStay("respiratory", "no_surgery"), "称未手术，亦未收手术费"),
    (4, NEAR, None, 5, 5, DeniedStay("cardiology", "no_surgery"), "称未手术，亦未收手术费"),
    (3, GUARDED, None, 4, 4, DeniedStay("respiratory", "relative"), "家属接听，答非本人"),
    (1, GUARDED, None, 5, 5, DeniedStay("cardiology", "second_call"), "再次回访确认住院"),
    (4, GUARDED, None, 8, 8, DeniedStay("respiratory", "second_call"), "再次回访确认住院"),
    (
        4,
        HONEST,
        None,
        10,
        10,
        DeniedStay("cardiology", "second_call"),
        "两日短住院患者先称未住院，再次回访确认",
    ),
]
_CODES: list[Row] = [
    (1, TRUE, STRONG, 4, 9, RepeatedTrace("氨氯地平", 3), "每月三盒追溯码再次结算"),
    (2, TRUE, STRONG, 5, 10, RepeatedTrace("阿托伐他汀", 2), "每月两盒追溯码再次结算"),
    (3, TRUE, MEDIUM, 3, 10, RepeatedTrace("氨氯地平", 1), "每月一盒追溯码再次结算"),
    (2, TRUE, MEDIUM, 4, 11, RepeatedTrace("银杏叶提取物", 1), "每月一盒追溯码再次结算"),
    (1, NEAR, None, 2, 11, RepeatedTrace("左氧氟沙星", 1, "resold"), "退回后再售，净销售恰为一次"),
    (3, NEAR, None, 2, 11, RepeatedTrace("左氧氟沙星", 1, "resold"), "退回后再售，净销售恰为一次"),
    (1, GUARDED, None, 2, 11, RepeatedTrace("阿托伐他汀", 1, "resold"), "退药后再次销售"),
    (2, GUARDED, None, 2, 11, RepeatedTrace("氨氯地平", 1, "resold"), "退药后再次销售"),
    (
        4,
        HONEST,
        None,
        2,
        11,
        RepeatedTrace("阿托伐他汀", 3, "resold"),
        "退药最多的药房，均退回后再售",
    ),
]
STOCK_TABLES: dict[str, list[Row]] = {
    "XS02": [*_GAPS, *_SWAPPED, *_years(), *_NOT_BOOKED, *_LARGEST],
    "XS06": _PIECES,
    "XS07": _REPORTS,
    "XS09": _CODES,
    "XS13": _CALLS,
}
