"""Planted cases of volume-based agreements that a hospital does not fulfil."""

from qinglian.city.cases import GUARDED, HONEST, MEDIUM, NEAR, STRONG, TRUE, Row
from qinglian.city.vbp_quotas import AgreedQuantity

AGREEMENT_TABLES: dict[str, list[Row]] = {
    "PR11": [
        (1, TRUE, STRONG, 1, 12, AgreedQuantity("GJ09", 0, 2.0), "约定量为实际采购的两倍"),
        (2, TRUE, STRONG, 1, 12, AgreedQuantity("GJ09", 1, 2.0), "约定量为实际采购的两倍"),
        (4, TRUE, STRONG, 7, 12, AgreedQuantity("GJ10", 3, 1.8), "半年完成约定量的28%"),
        (3, TRUE, MEDIUM, 1, 12, AgreedQuantity("GJ09", 2, 1.33), "全年完成约定量的75%"),
        (6, TRUE, MEDIUM, 1, 12, AgreedQuantity("GJ09", 0, 1.33), "全年完成约定量的75%"),
        (8, TRUE, MEDIUM, 7, 12, AgreedQuantity("GJ10", 4, 1.25), "半年完成约定量的40%"),
        (5, NEAR, None, 1, 12, AgreedQuantity("GJ09", 0, 0.95), "全年完成约定量的105%"),
        (7, NEAR, None, 7, 12, AgreedQuantity("GJ10", 3, 1.04), "半年完成约定量的48%"),
        (9, GUARDED, None, 9, 12, AgreedQuantity("GJ09", 1, 0.9, True), "九月起供应商未交货"),
        (4, HONEST, None, 1, 12, AgreedQuantity("GJ09", 2, 0.99), "最后一个月才完成约定量"),
    ]
}
