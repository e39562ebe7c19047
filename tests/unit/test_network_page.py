"""The page of a lead's network: everything drawn, nothing loaded, text escaped."""

import re
from decimal import Decimal
from types import TracebackType
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from psycopg import Connection

from qinglian.networks.page import HEIGHT, WIDTH, layout, render_network
from qinglian.networks.read import Edge, Network, NetworkLead, Node, NoNetworkError, read_network

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


GROUP = Network(
    NetworkLead(
        *("g1", "红", "PR08", "陪标轮庄", "Cover bidding", "医院<甲>", "甲／乙／丙"),
        *("三家<b>轮流</b>中标", "依据", "误报"),
    ),
    (*(node(name, "company") for name in "ABC"), *(node(f"L{n}", "lot") for n in range(4))),
    (
        *(edge(n, "ABC"[n % 3], f"L{n % 4}", "bid", "lot") for n in range(12)),
        edge(12, "A", "B", "joint_bids", "company"),
        edge(13, "A", "C", "joint_bids", "company"),
        edge(14, "B", "C", "joint_bids", "company"),
    ),
)


def test_a_group_shows_each_pair_that_bid_together() -> None:
    """Every meeting of a group is a line between two companies and a row of the table."""
    page = render_network(GROUP)
    picture = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert picture is not None
    drawing = ElementTree.fromstring(picture.group())  # noqa: S314
    places = layout(GROUP)
    meetings = [line for line in drawing.findall("line") if line.get("class") == "link"]
    assert {
        tuple(float(line.get(c) or 0) for c in ("x1", "y1", "x2", "y2")) for line in meetings
    } == {(*places[one], *places[other]) for one, other in ("AB", "AC", "BC")}
    assert len(set(places.values())) == len(GROUP.nodes)
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert table.count("<tr>") == len(GROUP.edges)


def test_names_and_sentences_of_a_group_are_escaped() -> None:
    """A company that calls itself a tag must not become one, in the drawing or around it."""
    page = render_network(GROUP)
    assert "<b>" not in page
    assert "三家&lt;b&gt;轮流&lt;/b&gt;中标" in page
    assert "医院&lt;甲&gt;" in page
    assert page.count("A&lt;名&gt;") >= 2  # beside the point and in its title


def test_a_network_without_nodes_is_an_error_and_no_empty_page() -> None:
    with pytest.raises(NoNetworkError, match="behind lead a1"):
        render_network(Network(LEAD, (), ()))


class _Answers:
    """A connection that answers each query with the next of some lists."""

    def __init__(self, *answers: list[Any]) -> None:
        self._answers = list(answers)

    def cursor(self, **_: object) -> "_Answers":
        return self

    def __enter__(self) -> "_Answers":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        return None

    def execute(self, *_: object) -> "_Answers":
        return self

    def fetchall(self) -> list[Any]:
        return self._answers.pop(0)


@pytest.mark.parametrize(
    ("leads", "message"), [([], "no active lead"), ([LEAD, LEAD], "several leads begin")]
)
def test_a_lead_that_is_not_one_is_an_error(leads: list[NetworkLead], message: str) -> None:
    connection = cast("Connection", _Answers(leads))
    with pytest.raises(NoNetworkError, match=f"{message}.*'a'.*network_edge"):
        read_network(connection, "a")


def test_the_network_of_one_lead_is_read_whole() -> None:
    connection = cast("Connection", _Answers([LEAD], list(NETWORK.nodes), list(NETWORK.edges)))
    assert read_network(connection, "a") == NETWORK
