"""Planted cases of second operations that were not discounted (BL05)."""

from qinglian.city.cases import GUARDED, MEDIUM, NEAR, STRONG, TRUE, Row
from qinglian.city.schemes import SecondOperation

BL05: list[Row] = [
    (3, TRUE, STRONG, 10, 10, SecondOperation("same_incision", 1000), "同切口第二手术按全价收取"),
    (4, TRUE, STRONG, 11, 11, SecondOperation("same_incision", 1000), "同切口第二手术按全价收取"),
    (9, TRUE, STRONG, 7, 7, SecondOperation("same_incision", 1000), "同切口第二手术按全价收取"),
    (4, TRUE, MEDIUM, 9, 9, SecondOperation("same_incision", 625), "第二手术按六二五折收取"),
    (9, TRUE, MEDIUM, 10, 10, SecondOperation("same_incision", 625), "第二手术按六二五折收取"),
    (3, TRUE, MEDIUM, 8, 8, SecondOperation("same_incision", 625), "第二手术按六二五折收取"),
    (3, NEAR, None, 11, 11, SecondOperation("same_incision", 500), "第二手术恰按五折收取"),
    (9, NEAR, None, 9, 9, SecondOperation("same_incision", 500), "第二手术恰按五折收取"),
    (4, GUARDED, None, 10, 10, SecondOperation("other_incision", 1000), "另一切口取骨，按全价收取"),
    (3, GUARDED, None, 9, 9, SecondOperation("both_sides", 1000), "双侧骨折，两侧各收一次"),
    (9, GUARDED, None, 8, 8, SecondOperation("return", 1000), "两日后再次麻醉手术"),
    (4, GUARDED, None, 12, 12, SecondOperation("return", 1000), "两日后再次麻醉手术"),
]
