"""Planted cases of items billed for others (BL09), with what shows it and without."""

from qinglian.city.cases import GUARDED, MEDIUM, NEAR, STRONG, TRUE, WEAK, Row
from qinglian.city.schemes import AddedCharges, Charge, SwitchedItem

#: An X-ray was done and reported, a CT was billed.
_SCAN = (Charge("ct", excess=1, given="chest_xray"),)


def _stays(practice: str, per_month: int, *charges: Charge) -> AddedCharges:
    return AddedCharges(practice, True, per_month, charges)


BL09: list[Row] = [
    (6, TRUE, STRONG, 3, 10, _stays("obgyn", 4, *_SCAN), "做数字化摄影，收CT"),
    (
        3,
        TRUE,
        STRONG,
        4,
        11,
        _stays("orthopaedics", 2, Charge("plate_b", excess=1, given="plate_a")),
        "植入锁定接骨板，收解剖型接骨板",
    ),
    (
        10,
        TRUE,
        MEDIUM,
        5,
        10,
        AddedCharges("general", False, 3, (Charge("ct", at=1, excess=1, given="chest_xray"),)),
        "门诊做数字化摄影，收CT",
    ),
    (
        9,
        TRUE,
        MEDIUM,
        4,
        9,
        _stays("orthopaedics", 2, Charge("screw_a", 4, excess=4, given="screw_b")),
        "植入皮质骨螺钉，收锁定螺钉",
    ),
    (5, TRUE, WEAK, 6, 10, _stays("oncology", 1, *_SCAN), "每月一例做数字化摄影，收CT"),
    (
        6,
        TRUE,
        MEDIUM,
        10,
        12,
        SwitchedItem("paediatrics", "chest_xray", "ct", 0.6),
        "病种不变，六成数字化摄影改为CT",
    ),
    (
        6,
        NEAR,
        None,
        4,
        6,
        SwitchedItem("paediatrics", "chest_xray", "ct", 0.25),
        "四分之一改为CT，不到三十个百分点",
    ),
    (7, NEAR, None, 3, 11, _stays("tcm", 3, Charge("ct"), Charge("chest_xray")), "两项都做都收"),
    (
        8,
        NEAR,
        None,
        3,
        11,
        _stays("orthopaedics", 2, Charge("plate_b", given="plate_b")),
        "所收与标识相符",
    ),
    (
        4,
        GUARDED,
        None,
        4,
        10,
        _stays(
            "orthopaedics",
            2,
            Charge("plate_a", given="plate_b"),
            Charge("plate_b", given="plate_a"),
        ),
        "两块接骨板扫码互换",
    ),
]
