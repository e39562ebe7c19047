"""Planted cases of charges and stays: what the billing indicators must find and leave alone."""

from qinglian.city.cases import GUARDED, MEDIUM, NEAR, STRONG, TRUE, WEAK, Row
from qinglian.city.schemes import AddedCharges, Charge

_EMERGENCY_TWICE = (Charge("reg_attending", at=0.5, excess=1),)
_ULTRASOUND_TWICE = (Charge("obs_us", at=9), Charge("abd_us", at=11, excess=1))
_INFUSION_TWICE = (Charge("child_injection", 2, at=9), Charge("infusion", 2, at=10, excess=2))
_ANAESTHESIA_TWICE = (Charge("anaesthesia", at=9), Charge("injection", at=9.9, excess=1))

_BL01: list[Row] = [
    (
        1,
        TRUE,
        STRONG,
        3,
        8,
        AddedCharges("emergency", False, 12, _EMERGENCY_TWICE),
        "急诊诊察费之外另收普通诊察费",
    ),
    (
        3,
        TRUE,
        STRONG,
        2,
        7,
        AddedCharges("respiratory", True, 6, _INFUSION_TWICE),
        "小儿静脉输液之外另收静脉输液",
    ),
    (
        6,
        TRUE,
        MEDIUM,
        4,
        9,
        AddedCharges("obgyn", True, 3, _ULTRASOUND_TWICE),
        "产科超声之外另收腹部超声",
    ),
    (
        2,
        TRUE,
        MEDIUM,
        5,
        9,
        AddedCharges("emergency", False, 6, _EMERGENCY_TWICE),
        "急诊诊察费之外另收普通诊察费",
    ),
    (
        7,
        TRUE,
        WEAK,
        3,
        6,
        AddedCharges("tcm", True, 1, _ULTRASOUND_TWICE),
        "每月一例，同日两项超声",
    ),
    (
        9,
        TRUE,
        WEAK,
        6,
        10,
        AddedCharges("cardiology", True, 1, _ANAESTHESIA_TWICE),
        "每月一例，麻醉内含的注射另收费",
    ),
    (
        1,
        NEAR,
        None,
        3,
        12,
        AddedCharges("cardiology", True, 4, (Charge("obs_us", day=1), Charge("abd_us", day=2))),
        "两项超声不在同日",
    ),
    (
        3,
        NEAR,
        None,
        3,
        12,
        AddedCharges(
            "cardiology", True, 4, (Charge("anaesthesia", at=9), Charge("injection", at=10.05))
        ),
        "注射在麻醉 63 分钟之后",
    ),
    (
        9,
        NEAR,
        None,
        4,
        11,
        AddedCharges("emergency", False, 5, (Charge("reg_attending", at=6.1),)),
        "两次诊察相隔六小时以上",
    ),
    (
        2,
        GUARDED,
        None,
        2,
        10,
        AddedCharges(
            "respiratory",
            True,
            4,
            (Charge("obs_us", at=9), Charge("abd_us", at=15, other_department=True)),
        ),
        "同日转科，两科各自收费",
    ),
    (
        8,
        GUARDED,
        None,
        4,
        11,
        AddedCharges(
            "cardiology",
            True,
            3,
            (Charge("obs_us", at=8), Charge("abd_us", at=16, other_department=True)),
        ),
        "同日转科，两科各自收费",
    ),
]

BILLING_TABLES = {
    "BL01": _BL01,
}
