"""Planted cases of goods that are charged at more than was paid for them (XS08)."""

from qinglian.city.cases import GUARDED, MEDIUM, NEAR, STRONG, TRUE, WEAK, Row
from qinglian.city.schemes import Background, PaidBelow

XS08: list[Row] = [
    (1, TRUE, STRONG, 4, 9, PaidBelow("D01", 0, 0.85), "进价降一成五，收费未降"),
    (2, TRUE, STRONG, 3, 8, PaidBelow("D03", 4, 0.88), "进价降一成二，收费未降"),
    (4, TRUE, STRONG, 5, 10, PaidBelow("D04", 1, 0.9), "进价降一成，收费未降"),
    (3, TRUE, MEDIUM, 2, 8, PaidBelow("D04", 0, 0.93), "进价降百分之七，收费未降"),
    (9, TRUE, MEDIUM, 4, 10, PaidBelow("D01", 2, 0.94), "进价降百分之六，收费未降"),
    (2, TRUE, WEAK, 6, 12, PaidBelow("D01", 4, 0.975), "进价降百分之二点五，收费未降"),
    (1, NEAR, None, 3, 9, PaidBelow("D03", 0, 0.9905), "收费高于进价不足百分之一"),
    (4, NEAR, None, 3, 9, PaidBelow("D01", 1, 0.9905), "收费高于进价不足百分之一"),
    (1, GUARDED, None, 7, 7, Background(), "缬沙坦|挂网价7月1日下调，两周内按旧价收费"),
    (4, GUARDED, None, 7, 7, Background(), "缬沙坦|挂网价7月1日下调，两周内按旧价收费"),
]
