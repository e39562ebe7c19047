"""Planted cases of donations before an award (XS11)."""

from qinglian.city.cases import GUARDED, MEDIUM, NEAR, STRONG, TRUE, WEAK, Row
from qinglian.city.schemes import WinnersDonation

XS11: list[Row] = [
    (1, TRUE, STRONG, 5, 5, WinnersDonation("PR05-11", 40, 80_000), "捐赠四十日后两家有效而中标"),
    (2, TRUE, STRONG, 10, 10, WinnersDonation("PR05-16", 60, 120_000), "捐赠后两家有效而中标"),
    (3, TRUE, STRONG, 9, 9, WinnersDonation("PR05-02", 25, 60_000), "捐赠后仅一家有效而中标"),
    (4, TRUE, MEDIUM, 10, 10, WinnersDonation("PR06-05", 90, 30_000), "捐赠后报价等差而中标"),
    (5, TRUE, MEDIUM, 3, 3, WinnersDonation("PR06-04", 45, 30_000, "2"), "捐设备后报价等差而中标"),
    (4, TRUE, WEAK, 9, 9, WinnersDonation("PR05-13", 180, 6_000), "捐赠恰在180日前"),
    (3, NEAR, None, 6, 6, WinnersDonation("PR05-12", 181, 90_000), "捐赠在181日前"),
    (2, NEAR, None, 3, 3, WinnersDonation("PR05-06", 30, 90_000), "恰好三家有效投标"),
    (
        1,
        GUARDED,
        None,
        9,
        9,
        WinnersDonation("PR05-14", 50, 50_000, "2"),
        "捐设备而中标试剂（投放）",
    ),
    (
        2,
        GUARDED,
        None,
        6,
        6,
        WinnersDonation("PR05-15", 50, 50_000, others=(1, 3)),
        "同年向三家医院捐赠的企业",
    ),
]
