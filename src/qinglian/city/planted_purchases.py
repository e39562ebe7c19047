"""Planted cases of split purchases, moved times, grown contracts and single sources."""

from qinglian.city.cases import GUARDED, MEDIUM, NEAR, STRONG, TRUE, Row
from qinglian.city.purchase_schemes import (
    INTRA,
    PETTY,
    BackdatedOrders,
    BunchedPurchases,
    GrownContract,
    LateFramework,
    SingleSource,
    SplitPurchases,
    TenderTimes,
)

#: Suppliers that are no affiliates of one another.
_STRANGERS = (0, 1, 3, 4, 6, 7, 8, 10, 11)


def _every_month(
    yuan: tuple[int, ...], reasons: tuple[str | None, ...] = (None,)
) -> SplitPurchases:
    """Purchases within the house of one budget project, each of another supplier."""
    days = tuple(20 + 30 * place for place in range(len(yuan)))
    return SplitPurchases(
        "cardiology",
        "A02",
        INTRA,
        yuan,
        days,
        _STRANGERS,
        by_year=True,
        reasons=reasons,
        excess=max(0, sum(yuan) - 2_000_000),
    )


def _within(
    practice: str,
    subject: str,
    method: str,
    yuan: tuple[int, ...],
    days: tuple[int, ...],
    suppliers: tuple[int, ...],
    reasons: tuple[str | None, ...] = (None,),
) -> SplitPurchases:
    limit = 50_000 if method == PETTY else 300_000
    excess = max(0, sum(yuan) - limit)
    return SplitPurchases(
        practice, subject, method, yuan, days, suppliers, reasons=reasons, excess=excess
    )


_PR02: list[Row] = [
    (1, TRUE, STRONG, 2, 10, _every_month((270_000,) * 9), "同一预算项目九次院内采购，合计243万元"),
    (
        2,
        TRUE,
        STRONG,
        4,
        5,
        _within("cardiology", "A01", PETTY, (46_000,) * 5, (13, 22, 31, 40, 50), (3,)),
        "五十天内五次零星采购，合计23万元",
    ),
    (
        4,
        TRUE,
        STRONG,
        6,
        8,
        _within("cardiology", "A05", INTRA, (280_000,) * 3, (15, 45, 75), (6,)),
        "两个月三次院内采购，合计84万元",
    ),
    (
        3,
        TRUE,
        STRONG,
        3,
        5,
        _within("cardiology", "A02", INTRA, (210_000, 220_000, 205_000), (16, 47, 77), (2, 9)),
        "两家关联企业轮流供货，合计63.5万元",
    ),
    (3, TRUE, MEDIUM, 3, 10, _every_month((265_000,) * 8), "同一预算项目八次院内采购，合计212万元"),
    (
        6,
        TRUE,
        MEDIUM,
        5,
        8,
        _within("paediatrics", "A04", PETTY, (28_000, 27_500), (14, 95), (7,)),
        "八十一天内两次零星采购，合计5.55万元",
    ),
    (
        8,
        TRUE,
        MEDIUM,
        7,
        10,
        _within("respiratory", "A02", INTRA, (160_000, 158_000), (15, 100), (8,)),
        "八十五天内两次院内采购，合计31.8万元",
    ),
    (
        10,
        TRUE,
        MEDIUM,
        3,
        4,
        _within("general", "A02", PETTY, (21_000, 19_500, 20_500), (13, 28, 45), (10,)),
        "乡镇卫生院三次零星采购，合计6.1万元",
    ),
    (
        9,
        NEAR,
        None,
        3,
        5,
        _within("respiratory", "A02", INTRA, (149_900, 149_900), (16, 60), (4,)),
        "合计29.98万元，未达限额",
    ),
    (
        4,
        NEAR,
        None,
        2,
        8,
        _within("respiratory", "A02", INTRA, (160_000, 160_000, 160_000), (14, 105, 196), (1,)),
        "相隔九十一天",
    ),
    (4, NEAR, None, 3, 10, _every_month((249_000,) * 8), "同一预算项目八次，合计199.2万元"),
    (
        9,
        NEAR,
        None,
        6,
        7,
        _within("cardiology", "A05", INTRA, (200_000, 200_000), (15, 40), (0, 11)),
        "两家无关联企业",
    ),
    (
        1,
        GUARDED,
        None,
        6,
        7,
        _within(
            "respiratory",
            "A05",
            INTRA,
            (180_000, 190_000),
            (15, 30),
            (4,),
            (None, "机房空调故障紧急抢修"),
        ),
        "其中一次为紧急抢修",
    ),
    (
        2,
        GUARDED,
        None,
        3,
        6,
        _within(
            "respiratory",
            "A03",
            PETTY,
            (11_500, 12_000, 9_800, 12_500, 11_000, 10_500),
            (14, 26, 37, 49, 60, 72),
            (8,),
        ),
        "随坏随修的零星维修",
    ),
    (
        2,
        GUARDED,
        None,
        2,
        10,
        _every_month((270_000,) * 9, ("经批准采用院内采购方式，批复2025-07号",)),
        "经批准采用非公开招标方式",
    ),
]
_PR09: list[Row] = [
    (1, TRUE, STRONG, 3, 3, TenderTimes("short_notice", notice=8), "公告至截止仅8天"),
    (5, TRUE, STRONG, 6, 6, TenderTimes("short_notice", notice=10), "公告至截止仅10天"),
    (7, TRUE, MEDIUM, 9, 9, TenderTimes("short_notice", notice=17), "公告至截止17天"),
    (2, TRUE, STRONG, 5, 5, TenderTimes("late_bid", late_bid=3), "中标人截止后三小时递交"),
    (10, TRUE, STRONG, 4, 4, TenderTimes("late_bid", late_bid=20), "中标人截止后二十小时递交"),
    (3, TRUE, STRONG, 7, 7, TenderTimes("signed_before_result", signed=1), "结果公告前已签合同"),
    (6, TRUE, MEDIUM, 8, 8, TenderTimes("signed_before_result", signed=3), "公示期未满签合同"),
    (4, TRUE, MEDIUM, 4, 4, TenderTimes("signed_late", signed=40), "结果公告后38天签合同"),
    (11, TRUE, STRONG, 2, 2, TenderTimes("signed_late", signed=70), "结果公告后68天签合同"),
    (8, TRUE, STRONG, 1, 3, LateFramework("C04", 85), "先下单，三月底才签框架合同"),
    (9, TRUE, MEDIUM, 1, 1, LateFramework("D03", 30), "先下单，一月底才签框架合同"),
    (1, TRUE, STRONG, 4, 9, BackdatedOrders("C02", 3), "到货后补订单"),
    (12, TRUE, MEDIUM, 5, 8, BackdatedOrders("D01", 1), "到货次日补订单"),
    (8, NEAR, None, 5, 5, TenderTimes("short_notice", notice=20), "恰为20天"),
    (9, NEAR, None, 4, 4, TenderTimes("signed_late", signed=32), "结果公告后恰30天签合同"),
    (1, NEAR, None, 6, 6, TenderTimes("signed_before_result", signed=5), "公示期满当日签合同"),
    (3, NEAR, None, 4, 6, BackdatedOrders("D02", 0), "到货当日下单"),
    (
        4,
        GUARDED,
        None,
        7,
        7,
        TenderTimes("short_notice", notice=9, reason="汛期抢险应急采购"),
        "应急采购",
    ),
]
#: The month is that of the tender; the contract is signed a month later.
_PR12: list[Row] = [
    (2, TRUE, STRONG, 3, 3, GrownContract(shares=(0.18,)), "一份补充协议追加18%"),
    (3, TRUE, STRONG, 5, 5, GrownContract(shares=(0.09, 0.09, 0.07)), "三份补充协议合计追加25%"),
    (5, TRUE, MEDIUM, 4, 4, GrownContract(shares=(0.06, 0.065)), "两份补充协议合计追加12.5%"),
    (9, TRUE, STRONG, 2, 2, GrownContract(paid=0.22), "付款超合同22%"),
    (10, TRUE, MEDIUM, 3, 3, GrownContract(paid=0.04), "付款超合同4%"),
    (4, NEAR, None, 5, 5, GrownContract(shares=(0.05, 0.0499)), "两份补充协议合计9.99%"),
    (4, GUARDED, None, 3, 3, GrownContract(shares=(0.15,)), "病房改造工程结算追加15%"),
    (6, NEAR, None, 3, 3, GrownContract(paid=-0.01), "付至合同的99%"),
]
_ARGUED = "经论证只能由该供应商提供"
_OWN = "原厂专利技术，只能从唯一供应商处采购"
_PR04: list[Row] = [
    (1, TRUE, STRONG, 5, 5, SingleSource("cardiology", 420_000, (4,), 0, _ARGUED), "未公示"),
    (3, TRUE, STRONG, 9, 9, SingleSource("cardiology", 260_000, (8,), 10, None), "未说明理由"),
    (8, TRUE, STRONG, 4, 4, SingleSource("cardiology", 310_000, (6,), 0, None), "无理由也未公示"),
    (
        5,
        TRUE,
        MEDIUM,
        6,
        6,
        SingleSource("oncology", 280_000, (3,), 4, _ARGUED),
        "只公示四个工作日",
    ),
    (
        2,
        TRUE,
        STRONG,
        4,
        7,
        SingleSource("cardiology", 230_000, (7,), 10, _ARGUED, "supplier"),
        "四个月四次由同一供应商单一来源供货",
    ),
    (
        6,
        TRUE,
        MEDIUM,
        5,
        7,
        SingleSource("paediatrics", 90_000, (10,), 10, _ARGUED, "supplier"),
        "三次由同一供应商单一来源供货",
    ),
    (
        7,
        TRUE,
        STRONG,
        2,
        10,
        SingleSource("tcm", 1_400_000, (0, 1, 3, 4, 6, 7, 8, 10, 11), 10, _ARGUED, "hospital"),
        "九项采购由不同供应商单一来源供货",
    ),
    (
        9,
        NEAR,
        None,
        5,
        6,
        SingleSource("cardiology", 240_000, (1,), 10, _ARGUED, "supplier"),
        "两次由同一供应商单一来源供货",
    ),
    (
        4,
        NEAR,
        None,
        9,
        9,
        SingleSource("cardiology", 270_000, (8,), 8, _ARGUED),
        "公示满五个工作日",
    ),
    (
        4,
        GUARDED,
        None,
        3,
        6,
        SingleSource("respiratory", 210_000, (0,), 10, _OWN, "supplier"),
        "独家专利，四次",
    ),
    (
        9,
        GUARDED,
        None,
        8,
        8,
        SingleSource("respiratory", 150_000, (7,), 0, "锅炉紧急抢修"),
        "紧急抢修",
    ),
]
_PR03: list[Row] = [
    (4, TRUE, STRONG, 2, 11, BunchedPurchases((49_700, 49_500)), "二十次零星采购紧贴五万元限额"),
    (9, TRUE, MEDIUM, 2, 11, BunchedPurchases((49_600, 48_900)), "二十次零星采购紧贴五万元限额"),
    (8, TRUE, STRONG, 2, 11, BunchedPurchases((49_900, 49_300)), "二十次零星采购紧贴五万元限额"),
    (10, TRUE, MEDIUM, 2, 11, BunchedPurchases((49_400,)), "乡镇卫生院十次零星采购紧贴限额"),
    (6, NEAR, None, 3, 6, BunchedPurchases((49_600,)), "四次紧贴限额，与略低者相当"),
    (2, NEAR, None, 2, 11, BunchedPurchases((49_500, 46_500)), "紧贴限额与略低者各十次"),
    (
        12,
        GUARDED,
        None,
        2,
        11,
        BunchedPurchases((49_800, 49_800, 49_800, 44_900)),
        "整数定价：略低于四万五千元处同样聚集",
    ),
    (
        11,
        GUARDED,
        None,
        2,
        11,
        BunchedPurchases((49_700, 44_800, 49_700, 49_700)),
        "整数定价：略低于四万五千元处同样聚集",
    ),
]
PURCHASE_TABLES = {
    "PR02": _PR02,
    "PR03": _PR03,
    "PR04": _PR04,
    "PR09": _PR09,
    "PR12": _PR12,
}
