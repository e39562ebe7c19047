"""The list of planted cases: true ones, near misses, guarded look-alikes and honest outliers."""



from qinglian.city.calendar import Month
from qinglian.city.schemes import (
    Action,
    Background,
    BilledPrice,
    CostFactor,
    KeyProduct,
    KeyShare,
    ManyDrugs,
    PaidPrice,
    PurchaseShares,
    Readmission,
    Scheme,
    Upload,
)

TRUE, NEAR, GUARDED, HONEST = "true", "near_miss", "guarded", "honest_outlier"
STRONG, MEDIUM = "strong", "medium"
CHEMOTHERAPY = ("Z51.103", "恶性肿瘤术后化学治疗")
DIALYSIS = ("Z49.100", "体外透析")
STROKE = ("I63.900", "脑梗死")




# hospital, case, strength, first month, last month of 2025, action, note
_Row = tuple[int, str, str | None, int, int, Action, str]

_RX01: list[_Row] = [
    (1, TRUE, STRONG, 3, 8, ManyDrugs("gastroenterology", 1, 14, "over"), "每月14张超五种药"),
    (3, TRUE, STRONG, 7, 12, ManyDrugs("respiratory", 0, 10, "over"), "每月10张超五种药"),
    (6, TRUE, MEDIUM, 5, 10, ManyDrugs("paediatrics", 2, 5, "over"), "儿科处方"),
    (8, TRUE, MEDIUM, 2, 7, ManyDrugs("cardiology", 1, 4, "over"), "每月4张超五种药"),
    (10, TRUE, MEDIUM, 9, 12, ManyDrugs("general", 1, 3, "over"), "乡镇卫生院"),
    (2, TRUE, STRONG, 8, 12, ManyDrugs("emergency", 0, 8, "over"), "急诊处方"),
    (1, NEAR, None, 3, 12, ManyDrugs("respiratory", 2, 15, "exactly_five"), "恰好五种药"),
    (4, NEAR, None, 3, 12, ManyDrugs("cardiology", 0, 10, "exactly_five"), "恰好五种药"),
    (7, GUARDED, None, 3, 12, ManyDrugs("tcm", 3, 8, "with_herbs"), "四种成药加三味饮片"),
    (3, GUARDED, None, 3, 12, ManyDrugs("gastroenterology", 0, 6, "with_herbs"), "四种药加三味饮片"),
    (2, GUARDED, None, 3, 12, ManyDrugs("emergency", 1, 9, "with_solvents"), "五种药加两种溶媒"),
    (9, GUARDED, None, 3, 12, ManyDrugs("emergency", 0, 7, "with_solvents"), "五种药加两种溶媒"),
    (1, GUARDED, None, 3, 12, ManyDrugs("cardiology", 3, 7, "two_strengths"), "同一药品两种规格"),
    (4, GUARDED, None, 3, 12, ManyDrugs("cardiology", 1, 6, "two_strengths"), "同一药品两种规格"),
    (5, GUARDED, None, 3, 12, ManyDrugs("oncology", 4, 5, "cancelled"), "已作废处方"),
]
_RX03: list[_Row] = [
    (1, TRUE, STRONG, 4, 9, CostFactor("respiratory", 0, 2.7), "次均费用约为同组2.7倍"),
    (9, TRUE, STRONG, 7, 12, CostFactor("cardiology", 1, 2.6), "次均费用约为同组2.6倍"),
    (2, TRUE, MEDIUM, 6, 12, CostFactor("cardiology", 2, 2.0), "次均费用约为同组2倍"),
    (6, TRUE, MEDIUM, 3, 9, CostFactor("obgyn", 3, 2.0), "次均费用约为同组2倍"),
    (10, TRUE, STRONG, 7, 11, CostFactor("general", 0, 2.7), "次均费用约为同组2.7倍"),
    (7, TRUE, MEDIUM, 8, 12, CostFactor("tcm", 1, 2.0), "次均费用约为同组2倍"),
    (1, NEAR, None, 4, 9, CostFactor("gastroenterology", 3, 1.12), "略高于同组"),
    (3, NEAR, None, 6, 11, CostFactor("cardiology", 2, 1.12), "略高于同组"),
    (1, HONEST, None, 1, 12, Background(), "oncology|0|肿瘤门诊使用靶向药"),
    (1, HONEST, None, 1, 12, Background(), "oncology|1|肿瘤门诊使用靶向药"),
    (2, HONEST, None, 1, 12, Background(), "oncology|0|肿瘤门诊使用靶向药"),
    (2, HONEST, None, 1, 12, CostFactor("special_need", 0, 3.0), "处方量少的特需门诊"),
    (8, HONEST, None, 1, 12, Background(), "cardiology|0|慢性病长期处方"),
    (1, HONEST, None, 1, 12, Background(), "emergency|0|急诊科"),
]
_RX10: list[_Row] = [
    (2, TRUE, STRONG, 2, 7, KeyShare("gastroenterology", 0, 0.92, 2.6), "重点监控药品金额占比过半"),
    (3, TRUE, STRONG, 2, 6, KeyShare("gastroenterology", 1, 0.85, 2.4), "重点监控药品金额占比过半"),
    (5, TRUE, MEDIUM, 5, 10, KeyShare("oncology", 2, 0.5, 2.0), "重点监控药品占比偏高"),
    (6, TRUE, MEDIUM, 6, 11, KeyShare("obgyn", 5, 0.62, 1.9), "重点监控药品占比偏高"),
    (8, TRUE, MEDIUM, 8, 12, KeyShare("cardiology", 2, 0.80, 2.0), "重点监控药品占比偏高"),
    (1, TRUE, STRONG, 9, 12, KeyProduct("gastroenterology", "艾司奥美拉唑", 0.15, (0.3, 0.6, 0.9), 2.0), "单品用量连续翻番"),
    (2, TRUE, STRONG, 9, 12, KeyProduct("respiratory", "布地奈德", 0.15, (0.3, 0.6, 0.9), 1.8), "单品用量连续翻番"),
    (7, TRUE, MEDIUM, 9, 12, KeyProduct("tcm", "银杏叶提取物", 0.18, (0.33, 0.55, 0.85)), "单品用量连续增长"),
    (6, NEAR, None, 4, 9, KeyShare("obgyn", 1, 0.31, 1.3), "略高于同组"),
    (5, NEAR, None, 9, 12, KeyProduct("oncology", "奥美拉唑", 0.5, (0.6, 0.66, 0.7), 1.7), "用量增长约四成"),
]
_BL03: list[_Row] = [
    (1, TRUE, STRONG, 8, 12, BilledPrice("ct", 1.2), "高于限价20%"),
    (4, TRUE, STRONG, 3, 9, BilledPrice("bed_triple", 1.25), "床位费高于限价25%"),
    (3, TRUE, MEDIUM, 2, 7, BilledPrice("echo", 1.08), "高于限价8%"),
    (7, TRUE, MEDIUM, 5, 10, BilledPrice("acupuncture", 1.11), "高于限价11%"),
    (9, TRUE, MEDIUM, 6, 12, BilledPrice("chest_xray", 1.15, part=0.5), "半数记录高于限价15%"),
    (12, TRUE, MEDIUM, 1, 8, BilledPrice("ecg", 1.1), "高于限价10%"),
    (5, NEAR, None, 3, 10, BilledPrice("chemo_config", plus=40), "高于限价0.004元，属四舍五入"),
    (8, NEAR, None, 3, 10, BilledPrice("abd_us", plus=50), "恰在容差上"),
    (2, NEAR, None, 1, 12, BilledPrice("mri", 1.0), "恰为限价"),
    (2, GUARDED, None, 6, 7, Background(), "ct|限价7月1日下调，此前服务此后记账"),
    (3, GUARDED, None, 6, 7, Background(), "crp|限价7月1日上调"),
    (2, GUARDED, None, 1, 12, Background(), "reg_special|特需门诊，市场调节价"),
    (6, GUARDED, None, 4, 9, BilledPrice("child_injection", 1.2, children=True), "6周岁及以下儿童加收20%"),
]
_BL06: list[_Row] = [
    (1, TRUE, STRONG, 2, 2, Readmission("cardiology", 5, 6, 1, 6), "出院次日再入院"),
    (1, TRUE, STRONG, 9, 9, Readmission("respiratory", 9, 7, 3, 5, 1, 1), "三日内再入院"),
    (2, TRUE, STRONG, 4, 4, Readmission("gastroenterology", 11, 5, 2, 6), "两日内再入院"),
    (3, TRUE, STRONG, 6, 6, Readmission("respiratory", 3, 8, 0, 5), "当日再入院"),
    (4, TRUE, STRONG, 10, 10, Readmission("cardiology", 6, 6, 7, 6, 2, 2), "七日内再入院"),
    (8, TRUE, STRONG, 3, 3, Readmission("orthopaedics", 8, 8, 4, 7, 2, 2), "四日内再入院"),
    (7, TRUE, MEDIUM, 5, 5, Readmission("tcm", 4, 9, 10, 8), "十日后再入院"),
    (9, TRUE, MEDIUM, 11, 11, Readmission("respiratory", 2, 6, 12, 6), "十二日后再入院"),
    (12, TRUE, MEDIUM, 8, 8, Readmission("general", 7, 5, 8, 5), "八日后再入院"),
    (6, TRUE, MEDIUM, 9, 9, Readmission("obgyn", 5, 4, 15, 4, 4, 4), "十五日后再入院"),
    (1, NEAR, None, 5, 5, Readmission("gastroenterology", 3, 5, 16, 5), "间隔16日"),
    (3, NEAR, None, 3, 3, Readmission("cardiology", 3, 6, 16, 5), "间隔16日"),
    (9, NEAR, None, 7, 7, Readmission("gastroenterology", 4, 5, 16, 5), "间隔16日"),
    (5, GUARDED, None, 4, 4, Readmission("oncology", 2, 4, 10, 4, CHEMOTHERAPY, CHEMOTHERAPY), "周期化疗"),
    (5, GUARDED, None, 7, 7, Readmission("oncology", 6, 4, 7, 4, CHEMOTHERAPY, CHEMOTHERAPY), "周期化疗"),
    (1, GUARDED, None, 10, 10, Readmission("oncology", 3, 4, 14, 4, CHEMOTHERAPY, CHEMOTHERAPY), "周期化疗"),
    (2, GUARDED, None, 6, 6, Readmission("nephrology", 2, 3, 4, 3, DIALYSIS, DIALYSIS), "血液透析"),
    (1, GUARDED, None, 3, 3, Readmission("nephrology", 5, 3, 3, 3, DIALYSIS, DIALYSIS), "血液透析"),
    (1, GUARDED, None, 7, 7, Readmission("cardiology", 4, 6, 5, 7, 0, STROKE), "急诊新发，主诊断不同"),
    (4, GUARDED, None, 5, 5, Readmission("respiratory", 7, 6, 3, 7, 0, STROKE), "急诊新发，主诊断不同"),
    (8, GUARDED, None, 9, 9, Readmission("gastroenterology", 6, 4, 6, 5, 0, 2), "主诊断不同"),
    (10, GUARDED, None, 4, 4, Readmission("general", 5, 4, 2, 6, 0, 0, "2", referral=True), "转诊"),
    (3, GUARDED, None, 11, 11, Readmission("orthopaedics", 4, 5, 3, 6, 0, 0, "2", referral=True), "转诊"),
    (2, GUARDED, None, 8, 8, Readmission("respiratory", 6, 3, 5, 6, 0, 0, "4"), "自动出院后再入院"),
    (1, GUARDED, None, 4, 4, Readmission("orthopaedics", 3, 20, 0, 0, interim_settlement=True), "中途结算"),
    (4, GUARDED, None, 7, 7, Readmission("orthopaedics", 2, 18, 0, 0, interim_settlement=True), "中途结算"),
]
_PR01: list[_Row] = [
    (1, TRUE, STRONG, 1, 12, PurchaseShares("C03", "distributor", (0.82, 0.08, 0.06, 0.04)), "一家配送占82%"),
    (2, TRUE, STRONG, 1, 12, PurchaseShares("R02", "distributor", (0.78, 0.10, 0.07, 0.05)), "一家配送占78%"),
    (4, TRUE, MEDIUM, 1, 12, PurchaseShares("D06", "distributor", (0.58, 0.20, 0.12, 0.10)), "一家配送占58%"),
    (6, TRUE, STRONG, 1, 12, PurchaseShares("R01", "manufacturer", (0.76, 0.08, 0.06, 0.05, 0.05)), "一家生产企业占76%"),
    (8, TRUE, MEDIUM, 1, 12, PurchaseShares("C04", "manufacturer", (0.60, 0.13, 0.10, 0.09, 0.08)), "一家生产企业占60%"),
    (3, TRUE, STRONG, 1, 12, PurchaseShares("C02", "distributor", (0.44, 0.36, 0.12, 0.08), (2, 9, 6, 0)), "两家关联企业合计占80%"),
    (1, NEAR, None, 1, 12, PurchaseShares("D01", "distributor", (0.47, 0.22, 0.18, 0.13)), "第一名47%"),
    (7, NEAR, None, 1, 12, PurchaseShares("D03", "distributor", (0.46, 0.24, 0.17, 0.13)), "第一名46%"),
    (5, NEAR, None, 1, 12, PurchaseShares("D05", "manufacturer", (0.46, 0.18, 0.14, 0.12, 0.10)), "第一名46%"),
    (1, GUARDED, None, 1, 12, Background(), "C06|manufacturer|独家注册证"),
    (5, GUARDED, None, 1, 12, Background(), "C06|manufacturer|独家注册证"),
    (1, GUARDED, None, 1, 12, Background(), "D07|distributor|集采中选药品由指定企业配送"),
    (4, GUARDED, None, 1, 12, Background(), "D07|distributor|集采中选药品由指定企业配送"),
    (1, GUARDED, None, 1, 12, Background(), "C05|distributor|区域内供应商不足三家"),
    (2, GUARDED, None, 1, 12, Background(), "C05|distributor|区域内供应商不足三家"),
    (1, GUARDED, None, 1, 12, Background(), "C08|distributor|年采购额不足十万元"),
    (5, GUARDED, None, 1, 12, Background(), "C08|distributor|年采购额不足十万元"),
]
_PR10: list[_Row] = [
    (1, TRUE, STRONG, 3, 8, PaidPrice("D02", 1, 1, 1.25), "高于挂网价25%"),
    (2, TRUE, STRONG, 6, 12, PaidPrice("C03", 2, 0, 1.18), "高于挂网价18%"),
    (4, TRUE, STRONG, 2, 7, PaidPrice("D07", 1, 0, 1.10), "中选药品高于中选价10%"),
    (7, TRUE, MEDIUM, 5, 11, PaidPrice("D06", 3, 2, 1.04), "高于挂网价4%"),
    (3, TRUE, STRONG, 1, 6, PaidPrice("C04", 0, 1, 1.65), "为区域中位价1.65倍"),
    (9, TRUE, MEDIUM, 7, 12, PaidPrice("C04", 3, 2, 1.32), "为区域中位价1.32倍"),
    (10, TRUE, MEDIUM, 4, 9, PaidPrice("D04", 1, 1, 1.06), "高于挂网价6%"),
    (6, NEAR, None, 3, 9, PaidPrice("D01", 1, 0, 1.004), "高于挂网价0.4%"),
    (8, NEAR, None, 3, 9, PaidPrice("C04", 2, 0, 1.15), "为区域中位价1.15倍"),
    (5, NEAR, None, 2, 8, PaidPrice("R01", 1, 1, 1.0), "恰为挂网价"),
    (1, GUARDED, None, 2, 9, PaidPrice("D04", 0, 1, 0.995, smallest_unit=True), "按最小单位下单"),
    (3, GUARDED, None, 2, 9, PaidPrice("D03", 1, 2, 0.99, smallest_unit=True), "按最小单位下单"),
    (1, GUARDED, None, 6, 6, PaidPrice("D02", 0, 0, 1.0), "挂网价7月1日下调，6月下单7月到货"),
    (4, GUARDED, None, 6, 6, PaidPrice("D02", 0, 1, 1.0), "挂网价7月1日下调，6月下单7月到货"),
]
_XS01: list[_Row] = [
    (1, TRUE, STRONG, 3, 3, Upload("phantom", True), "医保有而HIS无"),
    (2, TRUE, STRONG, 6, 6, Upload("phantom", True), "医保有而HIS无"),
    (8, TRUE, STRONG, 9, 9, Upload("phantom", False), "医保有而HIS无"),
    (11, TRUE, MEDIUM, 5, 5, Upload("phantom", True), "医保有而HIS无"),
    (1, TRUE, MEDIUM, 10, 10, Upload("missing", True), "HIS已收未上传"),
    (4, TRUE, MEDIUM, 4, 4, Upload("missing", True), "HIS已收未上传"),
    (3, TRUE, MEDIUM, 7, 7, Upload("missing", False), "HIS已收未上传"),
    (6, TRUE, MEDIUM, 9, 9, Upload("missing", True), "HIS已收未上传"),
    (2, TRUE, STRONG, 8, 8, Upload("dearer_code", True), "上传为价高编码"),
    (9, TRUE, STRONG, 5, 5, Upload("dearer_code", True), "上传为价高编码"),
    (3, TRUE, STRONG, 2, 2, Upload("more_quantity", True), "上传数量翻倍"),
    (7, TRUE, MEDIUM, 10, 10, Upload("other_day", True), "上传日期被移动"),
    (5, TRUE, MEDIUM, 6, 6, Upload("total", True), "结算总额不一致"),
    (10, TRUE, MEDIUM, 10, 10, Upload("total", True), "结算总额不一致"),
    (1, NEAR, None, 5, 5, Upload("rounding", True), "差一分钱"),
    (4, NEAR, None, 9, 9, Upload("rounding", False), "差一分钱"),
    (1, GUARDED, None, 8, 8, Upload("merged", True), "同日同码合并上传"),
    (2, GUARDED, None, 3, 3, Upload("merged", True), "同日同码合并上传"),
    (3, GUARDED, None, 4, 4, Upload("self_pay", True), "按本地规则不上传的自费项目"),
    (4, GUARDED, None, 11, 11, Upload("self_pay", True), "按本地规则不上传的自费项目"),
]
_TABLES = {
    "RX01": _RX01,
    "RX03": _RX03,
    "RX10": _RX10,
    "BL03": _BL03,
    "BL06": _BL06,
    "PR01": _PR01,
    "PR10": _PR10,
    "XS01": _XS01,
}


def planted_schemes(hospital_count: int) -> list[Scheme]:
    """All schemes whose hospital exists; numbers do not depend on how many there are."""
    found = []
    for indicator, rows in _TABLES.items():
        for number, (hospital, case, strength, first, last, action, note) in enumerate(rows, 1):
            if hospital <= hospital_count:
                found.append(
                    Scheme(
                        scheme_id=f"{indicator}-{number:02d}",
                        indicator_id=indicator,
                        case=case,
                        strength=strength,
                        hospital=hospital,
                        first=Month(2025, first),
                        last=Month(2025, last),
                        action=action,
                        note=note,
                    )
                )
    return found
