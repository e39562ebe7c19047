"""The page of a lead's network: everything drawn, nothing loaded, text escaped."""

import re
from decimal import Decimal
from xml.etree import ElementTree

from qinglian.networks.page import HEIGHT, WIDTH, layout, render_network
from qinglian.networks.read import Edge, Network, NetworkLead, Node

LEAD = NetworkLead(
    "a1", "黄", "PR08", "陪标轮庄", "Cover bidding", "医院", "甲<公司>／乙", "句子", "依据", "误报"
)


def node(name: str, kind: str) -> Node:
    return Node(name, f"{name}<名>", kind, "企业", Decimal(2), "投标 2 个标包")


def edge(number: int, source: str, target: str, kind: str, target_kind: str) -> Edge:
    return Edge(
        number, source, source, target, target, target_kind, kind, "关系", Decimal(1), "依据"
    )


NETWORK = Network(
    LEAD,
    (node("A", "company"), node("B", "company"), node("L1", "lot"), node("L2", "lot")),
    (
        edge(1, "A", "L1", "winning_bid", "lot"),
        edge(2, "B", "L1", "bid", "lot"),
        edge(3, "A", "L2", "bid", "lot"),
        edge(4, "B", "L2", "winning_bid", "lot"),
        edge(5, "A", "B", "joint_bids", "company"),
    ),
)


def test_every_node_and_edge_is_drawn_inside_the_picture() -> None:
    page = render_network(NETWORK)
    picture = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert picture is not None
    drawing = ElementTree.fromstring(picture.group())  # noqa: S314
    circles, lines = drawing.findall("circle"), drawing.findall("line")
    assert len(circles) == 4
    assert [line.get("class") for line in lines].count("link") == 1
    assert [line.get("class") for line in lines].count("winning_bid") == 2
    ends = {(circle.get("cx"), circle.get("cy")) for circle in circles}
    assert {(line.get("x1"), line.get("y1")) for line in lines} <= ends
    assert all(0 < float(c.get("cx") or 0) < WIDTH for c in circles)
    assert all(0 < float(c.get("cy") or 0) < HEIGHT for c in circles)


def test_the_page_loads_nothing_and_escapes_names() -> None:
    page = render_network(NETWORK)
    assert not re.search(r"<script|https?:|src=|href=|@import|url\(", page)
    assert "甲&lt;公司&gt;" in page
    assert "<公司>" not in page


def test_a_network_is_drawn_alike_in_every_run() -> None:
    assert layout(NETWORK) == layout(NETWORK)
    alone = Network(LEAD, (node("A", "company"),), ())
    assert len(layout(alone)) == 1
