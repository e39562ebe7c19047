"""Planted cases of representatives, interests and duties: PR14, XS03, XS04 and XS10."""

from datetime import date

from qinglian.city.cases import GUARDED, HONEST, MEDIUM, NEAR, STRONG, TRUE, WEAK, Row
from qinglian.city.schemes import (
    Background,
    DoctorQuantities,
    LongPost,
    RepVisits,
    SharedDuty,
    SupplierRole,
)

#: The doctors and months of RX11's true cases: their chain begins with a representative.
XS03: list[Row] = [
    (1, TRUE, STRONG, 1, 6, RepVisits("gastroenterology", 0, "泮托拉唑", (4, 14)), "几乎只开一种"),
    (2, TRUE, STRONG, 4, 9, RepVisits("gastroenterology", 1, "雷贝拉唑", (4, 14)), "几乎只开一种"),
    (2, TRUE, MEDIUM, 7, 12, RepVisits("gastroenterology", 2, "兰索拉唑", (6,)), "九成一种"),
    (2, TRUE, WEAK, 1, 3, RepVisits("gastroenterology", 3, "艾司奥美拉唑", (6,)), "八成一种"),
    (1, NEAR, None, 1, 6, Background(), "gastroenterology|2|雷贝拉唑|约为同组两倍半"),
    (3, NEAR, None, 6, 8, Background(), "cardiology|2|美托洛尔|全科常用品种"),
    (1, NEAR, None, 1, 12, Background(), "cardiology|2|氨氯地平|集采中选常用药"),
    (4, GUARDED, None, 1, 12, Background(), "gastroenterology|0|泮托拉唑|仅两名医师使用该类药品"),
    (1, GUARDED, None, 1, 12, RepVisits("orthopaedics", 0, "塞来昔布", (8,)), "院内唯一专科医师"),
    (
        2,
        GUARDED,
        None,
        8,
        12,
        RepVisits("cardiology", 3, "缬沙坦", (2,), share=0.9, second_strength=True),
        "八月起新进品种",
    ),
    (1, HONEST, None, 1, 12, Background(), "oncology|0|卡培他滨|肿瘤专科用药集中于少数企业"),
]
XS04: list[Row] = [
    (1, TRUE, STRONG, 9, 12, RepVisits("respiratory", 1, "氨溴索", (2,), 0.8), "八成处方"),
    (2, TRUE, STRONG, 6, 9, RepVisits("respiratory", 1, "氨溴索", (3,), 0.8), "八成处方"),
    (1, TRUE, MEDIUM, 5, 8, RepVisits("cardiology", 3, "缬沙坦", (3,), 0.65), "六成五处方"),
    (4, TRUE, MEDIUM, 7, 10, RepVisits("cardiology", 1, "美托洛尔", (2,), 0.65), "六成五处方"),
    (3, TRUE, MEDIUM, 4, 6, RepVisits("respiratory", 0, "氨溴索", (4,), 0.65), "六成五处方"),
    (2, TRUE, STRONG, 4, 9, Background(), "gastroenterology|1|雷贝拉唑|来访后几乎只开一种"),
    (2, TRUE, STRONG, 7, 12, Background(), "gastroenterology|2|兰索拉唑|来访后九成一种"),
    (4, NEAR, None, 8, 10, RepVisits("cardiology", 0, "缬沙坦", (3,), 0.39), "升幅不足一半"),
    (2, NEAR, None, 4, 7, RepVisits("respiratory", 2, "氨溴索", (5,)), "如实登记，处方未变"),
    (4, NEAR, None, 10, 12, RepVisits("respiratory", 1, "氨溴索", (3,)), "冬季门诊量上升"),
    (
        3,
        NEAR,
        None,
        6,
        8,
        RepVisits("cardiology", 2, "美托洛尔", (3,), 0.6, everybody=True),
        "全科同时上升",
    ),
    (1, GUARDED, None, 3, 3, RepVisits("cardiology", 2, "缬沙坦", (3,)), "仅一次来访"),
    (
        1,
        HONEST,
        None,
        3,
        12,
        RepVisits("respiratory", 0, "孟鲁司特", (1, 5, 9, 13)),
        "来访最勤的代表，如实登记，处方未变",
    ),
]
XS10: list[Row] = [
    (1, TRUE, STRONG, 1, 12, SupplierRole("buyer", 0, "D01", 0), "采购员本人任供应商监事，未申报"),
    (2, TRUE, MEDIUM, 1, 12, SupplierRole("buyer", 1, "D02", 1, relative=True), "亲属任职，已申报"),
    (
        1,
        TRUE,
        MEDIUM,
        1,
        12,
        SupplierRole("gastroenterology", 1, "D01", 2, relative=True),
        "医师亲属任职，本人开具其配送药品",
    ),
    (
        3,
        GUARDED,
        None,
        1,
        12,
        SupplierRole("buyer", 0, "D03", 0, relative=True, until=date(2024, 12, 31)),
        "身份已终止",
    ),
    (1, TRUE, STRONG, 4, 9, DoctorQuantities("cashier", 0, (3, 13), 21, 2600, 0), "夜间导出"),
    (2, TRUE, MEDIUM, 6, 8, DoctorQuantities("pharmacist", 0, (5,), 10, 180, 1), "点评数据被导出"),
    (3, TRUE, STRONG, 5, 7, DoctorQuantities("cashier", 1, (4,), 11, 1400, 0), "收费员导出"),
    (4, NEAR, None, 3, 9, DoctorQuantities("cashier", 0, (6,), 15, 999, 2), "999行，工作时间"),
    (1, GUARDED, None, 11, 12, DoctorQuantities("pharmacist", 0, (2,), 9, 2400, 3), "统计岗报表"),
    (
        3,
        HONEST,
        None,
        5,
        12,
        DoctorQuantities("pharmacist", 0, (1, 6, 11), 9, 9000, 3),
        "统计岗药师每月三次出全院报表",
    ),
]
PR14: list[Row] = [
    (1, TRUE, STRONG, 3, 8, SharedDuty(0, "C03", "acceptor"), "采购员验收本人经办的货物"),
    (2, TRUE, STRONG, 5, 9, SharedDuty(1, "D01", "approver"), "采购员审批本人经办的订单"),
    (3, TRUE, MEDIUM, 6, 7, SharedDuty(0, "D02", "keeper"), "采购员保管本人经办的货物"),
    (1, TRUE, STRONG, 12, 12, LongPost("cashier", 0, 60), "任职60个月，期限36个月"),
    (4, TRUE, MEDIUM, 12, 12, LongPost("pharmacist", 0, 37), "任职37个月，期限36个月"),
    (2, NEAR, None, 12, 12, LongPost("cashier", 1, 36), "任职恰为36个月"),
    (3, NEAR, None, 12, 12, LongPost("cashier", 0, 35), "任职35个月"),
    (4, NEAR, None, 1, 12, Background(), "buyer|0|经办与验收、保管、审批、付款分设"),
    (10, GUARDED, None, 4, 6, SharedDuty(0, "D01", "acceptor"), "乡镇卫生院人员不足"),
    (2, HONEST, None, 1, 12, Background(), "buyer|0|经办全院一半订单，其余环节由他人"),
]
