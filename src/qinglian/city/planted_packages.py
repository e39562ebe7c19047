"""Planted cases of packages billed in parts (BL04), and of parts that are none."""

from qinglian.city.cases import GUARDED, MEDIUM, NEAR, STRONG, TRUE, WEAK, Row
from qinglian.city.schemes import Charge, SplitPackage

_LIVER = ("alt", "ast", "tbil", "albumin")
_LIPIDS = ("cholesterol", "triglyceride", "hdl", "ldl")
#: The last one is done after midnight: an operation is one window whatever the day.
_THEATRE = (
    Charge("temp_monitor", day=0, at=23.5, excess=1),
    Charge("depth_monitor", day=0, at=23.5, excess=1),
    Charge("pressure_monitor", day=1, at=0.5, excess=1),
)


def _together(*items: str, excess: int = 1, day: int = 1, at: float = 9) -> tuple[Charge, ...]:
    """Tests that were ordered and done at the same time."""
    return tuple(Charge(item, day=day, at=at, excess=excess) for item in items)


def _pump(hours: int, excess: int = 0) -> tuple[Charge, ...]:
    """Hours of a pump billed on one day."""
    return (Charge("pump_hour", hours, excess=excess),)


def _stays(parent: str, practice: str, per_month: int, charges: tuple[Charge, ...]) -> SplitPackage:
    return SplitPackage(practice, True, per_month, charges, parent=parent)


def _operated(per_month: int, charges: tuple[Charge, ...]) -> SplitPackage:
    return SplitPackage("obgyn", True, per_month, charges, parent="theatre_pack", operated=True)


BL04: list[Row] = [
    (
        6,
        TRUE,
        STRONG,
        3,
        10,
        _stays("liver", "obgyn", 5, _together(*_LIVER)),
        "肝功能组合拆成四项收费",
    ),
    (
        5,
        TRUE,
        STRONG,
        4,
        11,
        _stays("lipids", "oncology", 6, _together(*_LIPIDS)),
        "血脂组合拆成四项收费",
    ),
    (6, TRUE, MEDIUM, 4, 9, _operated(2, _THEATRE), "术中监测组合拆成三项收费，跨零点"),
    (
        10,
        TRUE,
        MEDIUM,
        5,
        10,
        SplitPackage("general", False, 3, _together(*_LIVER, at=1), parent="liver"),
        "门诊肝功能组合拆成四项收费",
    ),
    (
        5,
        TRUE,
        MEDIUM,
        3,
        8,
        _stays("pump_day", "oncology", 3, _pump(20, 20)),
        "按日收费的微量泵按小时收二十小时",
    ),
    (
        10,
        TRUE,
        WEAK,
        8,
        11,
        _stays("pump_day", "general", 1, _pump(13, 13)),
        "每月一例，按小时收十三小时",
    ),
    (
        5,
        NEAR,
        None,
        4,
        11,
        _stays("liver", "oncology", 4, _together(*_LIVER[:3], excess=0)),
        "四项只查三项",
    ),
    (
        6,
        NEAR,
        None,
        3,
        11,
        _stays("lipids", "obgyn", 4, _together(*_LIPIDS[:2], excess=0)),
        "至少三项才应合并，只查两项",
    ),
    (6, NEAR, None, 3, 11, _stays("pump_day", "obgyn", 3, _pump(11)), "只收十一小时"),
    (
        7,
        NEAR,
        None,
        3,
        11,
        _stays(
            "liver",
            "tcm",
            3,
            (
                *_together(*_LIVER[:2], excess=0),
                *_together(*_LIVER[2:], excess=0, day=2),
            ),
        ),
        "四项分在两日",
    ),
    (9, NEAR, None, 3, 11, _stays("pump_day", "cardiology", 3, (Charge("pump_day"),)), "按日收费"),
    (6, NEAR, None, 10, 12, _operated(3, (Charge("theatre_pack"),)), "按组合收费"),
    (
        10,
        GUARDED,
        None,
        3,
        10,
        _stays(
            "lipids",
            "general",
            2,
            (
                *_together(*_LIPIDS[:2], excess=0, at=8),
                *_together(*_LIPIDS[2:], excess=0, at=16),
            ),
        ),
        "上下午分别开立",
    ),
    (
        7,
        GUARDED,
        None,
        4,
        11,
        _stays(
            "lipids",
            "tcm",
            3,
            (
                *_together(*_LIPIDS[:2], excess=0, at=8),
                *_together(*_LIPIDS[2:], excess=0, at=15),
            ),
        ),
        "上下午分别开立",
    ),
]
