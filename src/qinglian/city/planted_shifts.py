"""Planted cases of XS05: from a selected generic to a costly drug of its class, and look-alikes."""

from qinglian.city.cases import GUARDED, MEDIUM, NEAR, STRONG, TRUE, WEAK, Row
from qinglian.city.schemes import ClassShift


def _shift(
    doctor: int, after: float, generic: float, product: str = "莫沙必利", short: bool = False
) -> ClassShift:
    """From a quarter of the class to `after`; `doctor` -1 is the whole department."""
    return ClassShift("gastroenterology", doctor, product, 0.25, after, generic, short)


XS05: list[Row] = [
    (1, TRUE, STRONG, 1, 12, _shift(1, 0.75, 0.08), "集采落地后同类高价药由四分之一升至四分之三"),
    (3, TRUE, STRONG, 1, 12, _shift(0, 0.75, 0.08), "集采落地后同类高价药由四分之一升至四分之三"),
    (9, TRUE, STRONG, 1, 12, _shift(1, 0.75, 0.08), "集采落地后同类高价药由四分之一升至四分之三"),
    (1, TRUE, MEDIUM, 1, 12, _shift(3, 0.64, 0.13), "升至六成多"),
    (8, TRUE, MEDIUM, 1, 12, _shift(1, 0.64, 0.13), "升至六成多"),
    (1, TRUE, WEAK, 1, 12, _shift(2, 0.42, 0.30), "升至四成"),
    (2, TRUE, MEDIUM, 1, 12, _shift(3, 0.64, 0.13), "全科之中升幅最大的一名医师"),
    (2, TRUE, MEDIUM, 1, 12, _shift(-1, 0.58, 0.20), "全科逐人小幅上升"),
    (3, NEAR, None, 1, 12, _shift(1, 0.30, 0.45), "上升不足十个百分点"),
    (1, NEAR, None, 1, 12, _shift(0, 0.58, 0.05, "多潘立酮"), "转向日均费用不足三倍的同类药"),
    (9, NEAR, None, 1, 12, _shift(0, 0.58, 0.05, "多潘立酮"), "转向日均费用不足三倍的同类药"),
    (4, GUARDED, None, 1, 12, _shift(-1, 0.85, 0.0, short=True), "中选药品断供，库存为零"),
]
