"""Planted cases of charges and stays: what the billing indicators must find and leave alone."""

from qinglian.city.cases import GUARDED, MEDIUM, NEAR, STRONG, TRUE, WEAK, Row
from qinglian.city.schemes import (
    AddedCharges,
    Background,
    Charge,
    EmptyDays,
    FrequentVisits,
    Readmission,
    RefundsBy,
    ReturnVisits,
)

STROKE = ("I63.900", "脑梗死")
_EMERGENCY_TWICE = (Charge("reg_attending", at=0.5, excess=1),)
_ULTRASOUND_TWICE = (Charge("obs_us", at=9), Charge("abd_us", at=11, excess=1))
_INFUSION_TWICE = (Charge("child_injection", 2, at=9), Charge("infusion", 2, at=10, excess=2))
_ANAESTHESIA_TWICE = (Charge("anaesthesia", at=9), Charge("injection", at=9.9, excess=1))


def _hours(billed: int, excess: int) -> tuple[Charge, ...]:
    """Hours of monitoring billed on one day."""
    return (Charge("ecg_monitor", billed, excess=excess),)


def _unrecorded(item: str, qty: int = 1) -> tuple[Charge, ...]:
    """Something billed that nobody ordered, did or reported."""
    return (Charge(item, qty, excess=qty, recorded=False),)


def _late(item: str, hours: float) -> Charge:
    """A charge so many hours after the discharge; too much where nothing excuses it."""
    return Charge(item, after=hours, excess=1)


def _early(item: str, days: int) -> Charge:
    """A charge so many days before the admission."""
    return Charge(item, day=-days, excess=1)


def _of_stay(practice: str, *charges: Charge, diagnosis: int | None = None) -> AddedCharges:
    """Charges put on the bill of one insured stay, which is the subject."""
    return AddedCharges(practice, True, 1, (Charge("urine"), *charges), True, diagnosis)


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

_BL02: list[Row] = [
    (
        1,
        TRUE,
        STRONG,
        4,
        9,
        AddedCharges("respiratory", True, 5, _hours(30, 6)),
        "一日收三十小时心电监测",
    ),
    (
        5,
        TRUE,
        STRONG,
        3,
        8,
        AddedCharges("oncology", True, 6, (Charge("nursing_2", at=15, excess=1),)),
        "同日两次二级护理",
    ),
    (
        3,
        TRUE,
        MEDIUM,
        5,
        9,
        AddedCharges("gastroenterology", True, 3, _hours(26, 2)),
        "一日收二十六小时心电监测",
    ),
    (
        9,
        TRUE,
        MEDIUM,
        4,
        8,
        AddedCharges(
            "respiratory", True, 2, (Charge("hba1c", day=1), Charge("hba1c", day=2, excess=1))
        ),
        "三十日内两次糖化血红蛋白",
    ),
    (7, TRUE, WEAK, 6, 10, AddedCharges("tcm", True, 1, _hours(25, 1)), "每月一例，多收一小时"),
    (
        2,
        TRUE,
        WEAK,
        5,
        8,
        AddedCharges("gastroenterology", True, 1, (Charge("nursing_2", at=15, excess=1),)),
        "每月一例，同日两次二级护理",
    ),
    (8, NEAR, None, 3, 11, AddedCharges("respiratory", True, 4, _hours(24, 0)), "恰为二十四小时"),
    (
        4,
        NEAR,
        None,
        3,
        11,
        AddedCharges("respiratory", True, 4, (Charge("hba1c"),)),
        "三十日内一次",
    ),
    (
        6,
        NEAR,
        None,
        3,
        11,
        AddedCharges(
            "obgyn", True, 3, (Charge("ecg_monitor", 12), Charge("ecg_monitor", 13, day=2, at=10.1))
        ),
        "两次合计二十五小时，相隔一日以上",
    ),
    (
        4,
        GUARDED,
        None,
        3,
        9,
        AddedCharges("cardiology", True, 3, (Charge("bed_triple", at=16, other_department=True),)),
        "转科当日两科床位费",
    ),
    (
        8,
        GUARDED,
        None,
        4,
        10,
        AddedCharges("cardiology", True, 2, (Charge("nursing_2", at=16, other_department=True),)),
        "转科当日两科护理费",
    ),
]
_BL07: list[Row] = [
    (1, TRUE, STRONG, 3, 3, EmptyDays("respiratory", 6), "连续六日只有床位与护理费"),
    (1, TRUE, STRONG, 8, 8, EmptyDays("cardiology", 6), "连续六日只有床位与护理费"),
    (3, TRUE, STRONG, 5, 5, EmptyDays("respiratory", 5), "连续五日只有床位与护理费"),
    (5, TRUE, MEDIUM, 6, 6, EmptyDays("oncology", 4), "连续四日只有床位与护理费"),
    (7, TRUE, MEDIUM, 4, 4, EmptyDays("tcm", 4), "连续四日只有床位与护理费"),
    (9, TRUE, MEDIUM, 9, 9, EmptyDays("cardiology", 4), "连续四日只有床位与护理费"),
    (3, TRUE, WEAK, 10, 10, EmptyDays("gastroenterology", 3), "恰为连续三日"),
    (9, TRUE, WEAK, 7, 7, EmptyDays("respiratory", 3), "恰为连续三日"),
    (1, TRUE, WEAK, 11, 11, EmptyDays("gastroenterology", 3), "恰为连续三日"),
    (1, NEAR, None, 5, 5, EmptyDays("orthopaedics", 2), "连续两日"),
    (3, NEAR, None, 8, 8, EmptyDays("cardiology", 2), "连续两日"),
    (7, NEAR, None, 9, 9, EmptyDays("tcm", 2), "连续两日"),
    (1, GUARDED, None, 6, 6, EmptyDays("cardiology", 4, on_leave=True), "经批准请假四日"),
    (5, GUARDED, None, 9, 9, EmptyDays("oncology", 4, on_leave=True), "经批准请假四日"),
]
_BL08: list[Row] = [
    (
        1,
        TRUE,
        STRONG,
        5,
        10,
        AddedCharges("gastroenterology", True, 8, _unrecorded("ct")),
        "收费而未做的CT",
    ),
    (
        3,
        TRUE,
        STRONG,
        3,
        8,
        AddedCharges("respiratory", True, 6, _unrecorded("acupuncture", 3)),
        "收费而未做的针刺",
    ),
    (
        5,
        TRUE,
        MEDIUM,
        4,
        9,
        AddedCharges("oncology", True, 4, _unrecorded("tumour_marker")),
        "比执行多收的检验",
    ),
    (
        7,
        TRUE,
        MEDIUM,
        3,
        8,
        AddedCharges("tcm", True, 3, _unrecorded("tuina", 2)),
        "比执行多收的推拿",
    ),
    (
        9,
        TRUE,
        WEAK,
        6,
        10,
        AddedCharges("cardiology", True, 1, _unrecorded("mri")),
        "每月一例收费而未做的磁共振",
    ),
    (
        1,
        NEAR,
        None,
        3,
        10,
        AddedCharges("respiratory", True, 4, (Charge("bone_density"),)),
        "收费与执行相等",
    ),
    (
        9,
        NEAR,
        None,
        3,
        10,
        AddedCharges("gastroenterology", True, 3, (Charge("lung_function"),)),
        "收费与执行相等",
    ),
    (1, GUARDED, None, 1, 12, Background(), "bed_triple|系统自动计费的床位费没有执行记录"),
    (3, GUARDED, None, 1, 12, Background(), "ward_visit|系统自动计费的诊察费没有执行记录"),
]
_BL13: list[Row] = [
    (
        1,
        TRUE,
        STRONG,
        4,
        4,
        _of_stay("gastroenterology", _late("ct", 72), _late("mri", 73)),
        "出院三日后计费",
    ),
    (
        1,
        TRUE,
        STRONG,
        11,
        11,
        _of_stay("respiratory", _late("ct", 60), _late("mri", 61)),
        "出院两日半后计费",
    ),
    (
        3,
        TRUE,
        STRONG,
        6,
        6,
        _of_stay("respiratory", _late("ct", 96), _late("echo", 97)),
        "出院四日后计费",
    ),
    (
        5,
        TRUE,
        STRONG,
        9,
        9,
        _of_stay("oncology", _early("mri", 6), _early("ct", 5)),
        "入院六日前计费",
    ),
    (
        2,
        TRUE,
        MEDIUM,
        7,
        7,
        _of_stay("cardiology", _late("infusion", 48), _late("dressing", 50)),
        "出院两日后计费",
    ),
    (9, TRUE, MEDIUM, 10, 10, _of_stay("cardiology", _late("infusion", 48)), "出院两日后计费"),
    (7, TRUE, WEAK, 8, 8, _of_stay("tcm", _late("blood_count", 25)), "出院二十五小时后计费"),
    (
        1,
        TRUE,
        STRONG,
        10,
        10,
        Readmission("cardiology", 5, 8, -4, 7, 0, STROKE),
        "两次住院重叠四日",
    ),
    (
        4,
        TRUE,
        MEDIUM,
        11,
        11,
        Readmission("respiratory", 4, 7, -2, 6, 0, STROKE),
        "两次住院重叠两日",
    ),
    (3, TRUE, WEAK, 11, 11, Readmission("cardiology", 12, 6, -1, 5, 0, STROKE), "两次住院重叠一日"),
    (
        1,
        NEAR,
        None,
        6,
        6,
        _of_stay("respiratory", _late("blood_count", 23.5)),
        "出院二十三个半小时后计费",
    ),
    (3, NEAR, None, 10, 10, _of_stay("cardiology", _late("infusion", 20)), "出院二十小时后计费"),
    (
        9,
        NEAR,
        None,
        11,
        11,
        Readmission("gastroenterology", 6, 5, 0, 5, 0, STROKE),
        "出院当日转科再入院",
    ),
    (1, GUARDED, None, 8, 8, _of_stay("cardiology", _late("氨溴索", 40)), "出院带药"),
    (3, GUARDED, None, 11, 11, _of_stay("cardiology", _late("氨溴索", 50)), "出院带药"),
    (
        5,
        GUARDED,
        None,
        10,
        10,
        _of_stay("oncology", _early("blood_count", 2)),
        "入院前门诊检查转住院费用",
    ),
    (
        9,
        GUARDED,
        None,
        10,
        10,
        _of_stay("respiratory", _early("ct", 2)),
        "入院前门诊检查转住院费用",
    ),
    (
        6,
        GUARDED,
        None,
        9,
        9,
        _of_stay("obgyn", _late("newborn_care", 48), diagnosis=0),
        "产妇出院后新生儿费用",
    ),
    (
        2,
        GUARDED,
        None,
        10,
        10,
        Readmission("cardiology", 7, 6, -1, 6, 0, STROKE, "2", referral=True),
        "转诊当日手续未结",
    ),
]
_BL14: list[Row] = [
    (1, TRUE, STRONG, 5, 5, FrequentVisits("respiratory", 24), "三十日内就诊24次"),
    (1, TRUE, STRONG, 11, 11, FrequentVisits("gastroenterology", 23), "三十日内就诊23次"),
    (3, TRUE, STRONG, 9, 9, FrequentVisits("cardiology", 22), "三十日内就诊22次"),
    (2, TRUE, MEDIUM, 10, 10, FrequentVisits("gastroenterology", 18), "三十日内就诊18次"),
    (8, TRUE, MEDIUM, 6, 6, FrequentVisits("respiratory", 18), "三十日内就诊18次"),
    (4, TRUE, WEAK, 7, 7, FrequentVisits("respiratory", 15), "三十日内恰为15次"),
    (2, TRUE, WEAK, 12, 12, FrequentVisits("respiratory", 15), "三十日内恰为15次"),
    (1, NEAR, None, 8, 8, FrequentVisits("cardiology", 14), "三十日内14次"),
    (3, NEAR, None, 10, 10, FrequentVisits("gastroenterology", 14), "三十日内14次"),
    (1, GUARDED, None, 10, 10, FrequentVisits("nephrology", 17), "透析患者随访"),
    (7, GUARDED, None, 9, 9, FrequentVisits("tcm", 20), "针灸推拿疗程"),
]
_BL16: list[Row] = [
    (1, TRUE, STRONG, 4, 12, RefundsBy(0, 6, "unapproved"), "退费没有审批人"),
    (3, TRUE, STRONG, 5, 12, RefundsBy(1, 4, "own_approval"), "收费员自己审批退费"),
    (2, TRUE, STRONG, 5, 12, RefundsBy(0, 4, "cash"), "医保已付的费用全部退现金"),
    (1, TRUE, MEDIUM, 6, 12, RefundsBy(1, 2, "late"), "结算三十四日后退费"),
    (4, TRUE, MEDIUM, 5, 10, RefundsBy(1, 2, "own_approval"), "收费员自己审批退费"),
    (9, TRUE, WEAK, 8, 12, RefundsBy(0, 1, "unapproved"), "每月一笔没有审批人"),
    (2, TRUE, WEAK, 8, 12, RefundsBy(1, 1, "unapproved"), "每月一笔没有审批人"),
    (3, NEAR, None, 4, 11, RefundsBy(0, 2, "thirty_days"), "结算后恰满三十日退费"),
    (6, NEAR, None, 4, 11, RefundsBy(0, 2, "thirty_days"), "结算后恰满三十日退费"),
    (7, GUARDED, None, 4, 11, RefundsBy(0, 2, "not_done"), "预约检查四十日后退费，检查未做"),
    (8, GUARDED, None, 4, 11, RefundsBy(1, 2, "not_done"), "预约检查四十日后退费，检查未做"),
    (3, GUARDED, None, 5, 12, RefundsBy(0, 1, "not_done"), "预约检查四十日后退费，检查未做"),
]
_BL17: list[Row] = [
    (1, TRUE, STRONG, 3, 12, ReturnVisits("respiratory", 9, (20, 70)), "三日内复诊再收诊察费"),
    (3, TRUE, STRONG, 4, 12, ReturnVisits("cardiology", 8, (20, 70)), "三日内复诊再收诊察费"),
    (6, TRUE, STRONG, 5, 10, ReturnVisits("paediatrics", 12, (20, 70)), "三日内复诊再收诊察费"),
    (2, TRUE, MEDIUM, 5, 12, ReturnVisits("gastroenterology", 4, (24, 60)), "每月四例"),
    (8, TRUE, MEDIUM, 3, 9, ReturnVisits("cardiology", 4, (24, 60)), "每月四例"),
    (9, TRUE, WEAK, 6, 11, ReturnVisits("respiratory", 1, (40, 71)), "每月一例"),
    (2, TRUE, WEAK, 9, 12, ReturnVisits("respiratory", 1, (40, 71)), "每月一例"),
    (1, NEAR, None, 4, 12, ReturnVisits("gastroenterology", 6, (72, 80)), "满七十二小时后复诊"),
    (3, NEAR, None, 4, 12, ReturnVisits("respiratory", 5, (72, 80)), "满七十二小时后复诊"),
    (
        1,
        GUARDED,
        None,
        4,
        12,
        ReturnVisits("cardiology", 5, (20, 70), "other_illness"),
        "三日内因另一疾病就诊",
    ),
    (
        2,
        GUARDED,
        None,
        4,
        12,
        ReturnVisits("cardiology", 5, (20, 70), "first_cancelled"),
        "首次挂号已退，重新挂号",
    ),
]

BILLING_TABLES = {
    "BL01": _BL01,
    "BL02": _BL02,
    "BL07": _BL07,
    "BL08": _BL08,
    "BL13": _BL13,
    "BL14": _BL14,
    "BL16": _BL16,
    "BL17": _BL17,
}
