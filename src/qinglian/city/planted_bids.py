"""Planted cases of tenders: competition, prices, links between bidders, covers and turns."""

from qinglian.city.cases import GUARDED, HONEST, MEDIUM, NEAR, STRONG, TRUE, Row
from qinglian.city.schemes import ANYBODY, Background, PlannedTender
from qinglian.city.tender_bidders import shell, trader

_TWO, _ALL = (0, 1), tuple(range(7))
_LEFT = "三家中否决一家，余两家有效"
_Shared = tuple[str, tuple[int, ...]]


def _lot(
    category: str,
    *bidders: int,
    prices: str = "free",
    lines: str = "own",
    rejected: tuple[int, ...] = (),
    outcome: str = "awarded",
) -> PlannedTender:
    return PlannedTender("lot", category, bidders, prices, (), lines, rejected, outcome)


def _rejection(
    category: str, *bidders: int, prices: str = "free", rejected: tuple[int, ...]
) -> PlannedTender:
    return PlannedTender("lot_rejection", category, bidders, prices, rejected=rejected)


def _two_valid(category: str, winner: int) -> PlannedTender:
    """Three bid, and the dearest is rejected."""
    return _lot(category, winner, ANYBODY, 8, prices="cover", rejected=(2,))


def _linked(category: str, bidders: tuple[int, ...], *shared: _Shared) -> PlannedTender:
    return PlannedTender("bidder_pair", category, bidders, shared=shared)


def _ring(category: str, prices: str, *bidders: int) -> PlannedTender:
    about = "bidder_group" if prices == "three_in_turn" else "bidder_pair"
    return PlannedTender(about, category, bidders, prices)


_PR05: list[Row] = [
    (1, TRUE, STRONG, 4, 4, _lot("E01", 1, 8), "两家投标即开标并授标"),
    (3, TRUE, STRONG, 9, 9, _lot("I01", 0, 4, 6, 10, rejected=(1, 2, 3)), "除中标人外均被否决"),
    (5, TRUE, STRONG, 6, 6, _lot("L01", 13), "一家投标即授标"),
    (
        4,
        TRUE,
        STRONG,
        7,
        7,
        _rejection("E02", 1, 3, 6, 8, 10, 11, prices="cover", rejected=(2, 3, 4)),
        "六家否决三家，远高于本院其他标包",
    ),
    (
        6,
        TRUE,
        MEDIUM,
        5,
        5,
        _rejection("R02", 0, 3, 7, 8, prices="cover", rejected=(0,)),
        "最低价被否决",
    ),
    (2, NEAR, None, 3, 3, _lot("W01", 4, 8, 13), "恰好三家有效投标"),
    (
        2,
        NEAR,
        None,
        10,
        10,
        _lot("W01", 3, 7, 11, prices="cover", rejected=(2,)),
        "三家中否决一家，余两家有效",
    ),
    (
        1,
        NEAR,
        None,
        8,
        8,
        _rejection("I01", 0, 6, 7, 10, prices="cover", rejected=(3,)),
        "否决一家，且非最低价",
    ),
    (4, NEAR, None, 2, 2, _lot("E01", 3, 11, outcome="failed"), "两家投标，未开标即流标"),
    (3, GUARDED, None, 5, 5, _lot("E02", 6, 13, outcome="again"), "流标后重新招标仍为两家"),
    # Won after a donation (XS11), and near misses here.
    (1, NEAR, None, 5, 5, _two_valid("E02", trader(0)), _LEFT),
    (3, NEAR, None, 6, 6, _two_valid("E01", trader(1)), _LEFT),
    (4, NEAR, None, 9, 9, _two_valid("I01", trader(2)), _LEFT),
    (1, NEAR, None, 9, 9, _two_valid("R02", trader(3)), _LEFT),
    (2, NEAR, None, 6, 6, _two_valid("E02", trader(4)), _LEFT),
    (2, NEAR, None, 10, 10, _two_valid("L01", trader(6)), _LEFT),
    (
        3,
        HONEST,
        None,
        2,
        2,
        _rejection("E01", 0, 1, 3, 4, 6, 7, 8, 10, prices="cover", rejected=(6,)),
        "八家投标的热门标包，一家资质不符被否决",
    ),
]
_PR06: list[Row] = [
    (1, TRUE, STRONG, 6, 6, _lot("E02", 3, 8, 0, 11, prices="identical"), "两家报价相同"),
    (
        2,
        TRUE,
        STRONG,
        4,
        4,
        _lot("R02", 1, 7, 10, 13, 4, lines="proportional"),
        "一家各行单价为另一家的同一倍数",
    ),
    (3, TRUE, STRONG, 7, 7, _lot("E01", 0, 6, 11, 13, lines="copied"), "五行中四行单价相同"),
    (
        5,
        TRUE,
        STRONG,
        3,
        3,
        _lot("L01", 1, 4, 7, 8, 10, prices="arithmetic"),
        "五家报价等差",
    ),
    (4, TRUE, MEDIUM, 10, 10, _lot("W01", 3, 6, 8, 13, prices="arithmetic"), "四家报价等差"),
    (6, TRUE, MEDIUM, 8, 8, _lot("I01", 0, 1, 7, 11, 13, prices="geometric"), "五家报价等比"),
    (1, NEAR, None, 10, 10, _lot("R02", 4, 6, 8, 10, prices="uneven"), "间隔的变异系数约 8%"),
    (2, GUARDED, None, 7, 7, _lot("I01", 3, 8, 11, prices="arithmetic"), "仅三家，只有两个间隔"),
    (
        6,
        GUARDED,
        None,
        4,
        4,
        _lot("L01", 0, 4, 7, 13, prices="thousands"),
        "报价均取整至千元，相差一千元",
    ),
    (
        3,
        HONEST,
        None,
        12,
        12,
        _lot("R02", 0, 1, 3, 4, 6, 7, 8, 10, 11),
        "九家投标，报价密集而各自独立",
    ),
]
_PR07: list[Row] = [
    (1, TRUE, STRONG, 2, 2, _linked("E02", (0, 6, 3, 10), ("account", _TWO)), "保证金出自同一账户"),
    (2, TRUE, STRONG, 5, 5, _linked("R02", (4, 7, 1, 13), ("mac", _TWO)), "上传网卡相同"),
    (
        3,
        TRUE,
        STRONG,
        8,
        8,
        _linked("I01", (8, 11, 0, 3), ("disk", _TWO), ("lock", _TWO)),
        "硬盘序列号与加密锁相同",
    ),
    (
        4,
        TRUE,
        STRONG,
        6,
        6,
        _linked("W01", (7, shell(2), 1, 10)),
        "法定代表人为同一人的两家公司同投一标",
    ),
    (
        5,
        TRUE,
        STRONG,
        9,
        9,
        _linked("L01", (6, 13, 4, 8), ("agent", _TWO), ("ip", _TWO)),
        "同一人办理投标，且同一网络地址先后上传",
    ),
    (
        1,
        TRUE,
        MEDIUM,
        7,
        7,
        _linked("E01", (1, 10, 3, 7), ("agent", _TWO), ("author", _TWO)),
        "同一人办理投标，文件作者相同且相隔数分钟",
    ),
    (
        3,
        TRUE,
        MEDIUM,
        4,
        4,
        _linked("R02", (trader(10), trader(11), 0, 4), ("hash", _TWO)),
        "董事为同一人，且附件相同",
    ),
    (
        6,
        TRUE,
        MEDIUM,
        3,
        3,
        _linked("I01", (3, 8, 6, 13), ("simhash_near", _TWO), ("agent", _TWO)),
        "文件几乎相同，且同一人办理投标",
    ),
    (
        2,
        TRUE,
        MEDIUM,
        11,
        11,
        _linked("E02", (0, shell(0), 7, 11), ("ip", _TWO)),
        "电话与地址相同的关联企业，同一网络地址先后上传",
    ),
    (1, NEAR, None, 5, 5, _linked("W01", (4, 11, 6, 13), ("ip", _TWO)), "仅网络地址相同"),
    (2, NEAR, None, 8, 8, _linked("L01", (3, 10, 1, 8), ("agent", _TWO)), "仅办理人相同"),
    (
        4,
        NEAR,
        None,
        9,
        9,
        _linked("E01", (6, 11, 0, 13), ("ip", _TWO), ("editor", _TWO)),
        "网络地址相同、最后修改者相同，合计 0.9",
    ),
    (
        5,
        NEAR,
        None,
        4,
        4,
        _linked("R02", (0, 8, 3, 7), ("agent", _TWO), ("author_apart", _TWO)),
        "文件作者相同但相隔数日",
    ),
    (
        6,
        NEAR,
        None,
        9,
        9,
        _linked("W01", (1, 4, 10, 11), ("agent", _TWO), ("simhash_unlike", _TWO)),
        "文件指纹相差十位以上",
    ),
    (
        3,
        NEAR,
        None,
        11,
        11,
        _linked("I01", (7, 13, 4, 10), ("agent", _TWO), ("ip_apart", _TWO)),
        "网络地址相同但相隔数小时",
    ),
    (
        1,
        GUARDED,
        None,
        9,
        9,
        _linked("E02", (0, 1, 3, 4, 6, 7, 8), ("mac_common", _ALL)),
        "七家共用交易中心的上传终端",
    ),
    (
        2,
        GUARDED,
        None,
        12,
        12,
        _linked("R02", (1, 3, 4, 6, 8, 10, 11), ("author_common", _ALL), ("agent", _TWO)),
        "文件作者为模板默认值",
    ),
    (
        4,
        GUARDED,
        None,
        12,
        12,
        _linked("I01", (0, 6, 7, 8, 10, 11, 13), ("ip_common", _ALL), ("agent", _TWO)),
        "七家出自同一园区网络出口",
    ),
    (
        4,
        HONEST,
        None,
        1,
        1,
        _linked("R02", (0, 1, 3, 6, 7, 8, 10), ("ip_common", _ALL)),
        "七家在交易中心现场上传",
    ),
]
_PR08: list[Row] = [
    (
        1,
        TRUE,
        STRONG,
        1,
        12,
        _ring("E02", "cover", trader(0), trader(1), trader(2), ANYBODY),
        "两家陪标十二次，从未中标",
    ),
    (1, TRUE, STRONG, 1, 12, Background(), "T0001|T0003|同一团伙的另一陪标企业"),
    (1, TRUE, STRONG, 1, 12, Background(), "T0001|三家同进同出，一家中标"),
    (
        2,
        TRUE,
        STRONG,
        1,
        12,
        _ring("L01", "three_in_turn", trader(3), trader(4), trader(5), ANYBODY),
        "三家逐月轮流中标",
    ),
    (2, TRUE, STRONG, 1, 12, Background(), "T0004|T0005|轮流中标"),
    (2, TRUE, STRONG, 1, 12, Background(), "T0004|T0006|轮流中标"),
    (2, TRUE, STRONG, 1, 12, Background(), "T0005|T0006|轮流中标"),
    (
        3,
        TRUE,
        MEDIUM,
        4,
        10,
        _ring("I01", "cover", trader(6), trader(7), ANYBODY, ANYBODY),
        "陪标七次",
    ),
    (
        4,
        TRUE,
        MEDIUM,
        2,
        11,
        _ring("W01", "two_in_turn", trader(8), trader(9), ANYBODY, ANYBODY),
        "两家十次轮流中标",
    ),
    (
        5,
        NEAR,
        None,
        4,
        6,
        _ring("E01", "cover", trader(8), trader(12), ANYBODY, ANYBODY),
        "仅同投三次",
    ),
    (
        6,
        NEAR,
        None,
        1,
        8,
        _ring("E01", "free", trader(12), trader(13), ANYBODY, ANYBODY),
        "常同投，胜负随机",
    ),
    (
        5,
        GUARDED,
        None,
        1,
        12,
        _ring("P01", "cover", trader(10), trader(7), trader(13)),
        "资质稀少的窄市场，仅四家可投",
    ),
    (
        6,
        GUARDED,
        None,
        1,
        12,
        _ring("P01", "cover", trader(13), trader(10), trader(5)),
        "资质稀少的窄市场，仅四家可投",
    ),
    (
        3,
        HONEST,
        None,
        1,
        12,
        _ring("R02", "free", trader(12), trader(13), ANYBODY, ANYBODY),
        "同业两家每月同投，胜负随机",
    ),
]

BID_TABLES = {"PR05": _PR05, "PR06": _PR06, "PR07": _PR07, "PR08": _PR08}
