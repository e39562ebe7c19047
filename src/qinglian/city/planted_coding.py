"""Planted cases of settlement lists: what the indicator of coding must find and leave alone."""

from qinglian.city.cases import GUARDED, MEDIUM, NEAR, STRONG, TRUE, WEAK, Row
from qinglian.city.schemes import Background, CodedStay, HighGroups

_BL11: list[Row] = [
    (1, TRUE, STRONG, 3, 3, CodedStay("gastroenterology", "operation"), "清单所列手术未做"),
    (1, TRUE, STRONG, 5, 5, CodedStay("respiratory", "ungrouped_main"), "主要诊断不能入组"),
    (2, TRUE, STRONG, 4, 4, CodedStay("gastroenterology", "unsupported"), "呼吸衰竭无任何佐证"),
    (2, TRUE, STRONG, 9, 9, CodedStay("cardiology", "women_only"), "男性患者列有女性诊断"),
    (11, TRUE, MEDIUM, 10, 10, CodedStay("general", "unsupported"), "呼吸衰竭无任何佐证"),
    (1, TRUE, MEDIUM, 11, 11, CodedStay("cardiology", "unsupported"), "呼吸衰竭无任何佐证"),
    (2, TRUE, WEAK, 5, 5, CodedStay("cardiology", "low_rate"), "费用不足高权重病组标准一半"),
    (1, TRUE, WEAK, 10, 10, CodedStay("cardiology", "low_rate"), "费用不足高权重病组标准一半"),
    (1, NEAR, None, 4, 4, CodedStay("respiratory", "supported"), "并发症有检验报告佐证"),
    (2, NEAR, None, 11, 11, CodedStay("nephrology", "half_rate"), "费用略高于病组标准一半"),
    (1, NEAR, None, 6, 6, CodedStay("cardiology", "half_rate"), "费用略高于病组标准一半"),
    (2, NEAR, None, 7, 7, CodedStay("respiratory", "ungrouped_other"), "不入组编码为次要诊断"),
    (1, NEAR, None, 7, 7, CodedStay("cardiology", "men_only"), "男性患者列有男性诊断"),
    (2, NEAR, None, 8, 8, CodedStay("gastroenterology", "endoscopy"), "胃镜无手术记录"),
    (11, NEAR, None, 12, 12, CodedStay("general", "men_only"), "男性患者列有男性诊断"),
    (1, GUARDED, None, 8, 8, CodedStay("gastroenterology", "beside_another"), "另有佐证的并发症"),
    (2, GUARDED, None, 6, 6, CodedStay("gastroenterology", "without_effect"), "并发症未改变病组"),
    (1, GUARDED, None, 9, 9, CodedStay("gastroenterology", "new_technology"), "机器人援助手术"),
    (1, GUARDED, None, 12, 12, CodedStay("cardiology", "low_rate_technology"), "机器人援助手术"),
    (1, TRUE, STRONG, 7, 9, HighGroups("gastroenterology", 0.75), "四分之三列有并发症"),
    (2, TRUE, MEDIUM, 4, 6, HighGroups("respiratory", 0.5), "半数列有并发症"),
    (1, TRUE, WEAK, 10, 12, HighGroups("respiratory", 0.42), "四成列有并发症"),
    (2, TRUE, MEDIUM, 4, 6, Background(), "respiratory|cmi_cost|列有并发症拉高病例组合指数"),
    (2, NEAR, None, 7, 9, HighGroups("respiratory", 0.22), "两成列有并发症"),
    (2, GUARDED, None, 10, 12, HighGroups("respiratory", 0.6), "编码人员整体更换"),
]


def _listed(practice: str, listed: str, *fronts: str) -> CodedStay:
    """A stay whose front page has one of `fronts` first and whose list `listed`."""
    return CodedStay(practice, "main_listed", fronts, listed)


_XS12: list[Row] = [
    (1, TRUE, STRONG, 3, 3, CodedStay("gastroenterology", "operation_again"), "清单手术无记录"),
    (1, TRUE, STRONG, 4, 4, _listed("respiratory", "I63.900", "J"), "肺部疾病列为脑梗死"),
    (2, TRUE, STRONG, 6, 6, _listed("gastroenterology", "I63.900", "K"), "胃肠疾病列为脑梗死"),
    (11, TRUE, STRONG, 9, 9, _listed("general", "I63.900", "J", "K"), "轻症列为脑梗死"),
    (1, TRUE, MEDIUM, 8, 8, _listed("respiratory", "M17.900", "J44"), "权重高出约 0.18"),
    (2, TRUE, MEDIUM, 2, 2, _listed("respiratory", "M17.900", "J44"), "权重高出约 0.18"),
    (1, TRUE, WEAK, 6, 6, _listed("gastroenterology", "N39.000", "K2"), "权重高出约 0.05"),
    (2, TRUE, WEAK, 11, 11, _listed("gastroenterology", "N39.000", "K5"), "权重高出约 0.03"),
    (1, NEAR, None, 5, 5, _listed("cardiology", "J06.900", "I"), "所列诊断权重更低"),
    (2, NEAR, None, 8, 8, _listed("cardiology", "I11.900", "I10"), "同一病组，权重不变"),
    (1, NEAR, None, 9, 9, _listed("cardiology", "I10.x00x002", "I10"), "只是第五位以后不同"),
    (11, NEAR, None, 6, 6, _listed("general", "I10.x00x002", "I10"), "只是第五位以后不同"),
    (1, NEAR, None, 9, 9, _listed("respiratory", "J22.x00", "J06"), "灰码按映射为同一诊断"),
    (2, NEAR, None, 3, 3, _listed("respiratory", "J22.x00", "J06"), "灰码按映射为同一诊断"),
    (1, GUARDED, None, 7, 7, _listed("respiratory", "I67.900", "J"), "映射表没有的编码"),
    (2, GUARDED, None, 7, 7, _listed("gastroenterology", "I84.900", "K"), "映射表没有的编码"),
]

CODING_TABLES = {"BL11": _BL11, "XS12": _XS12}
