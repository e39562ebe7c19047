"""A lead's network as one HTML page with a drawing in SVG: it loads nothing from anywhere."""

from dataclasses import dataclass

import networkx
from jinja2 import Environment, PackageLoader, StrictUndefined

from qinglian.networks.read import Edge, Network, Node, NoNetworkError

#: Size of the drawing and its margin, in its own units.
WIDTH, HEIGHT = 1040, 620
_MARGIN_X, _MARGIN_Y = 130, 50
_LONGEST_LABEL = 24


@dataclass(frozen=True)
class DrawnNode:
    """A node with its place and radius in the drawing."""

    node: Node
    x: float
    y: float
    radius: float
    label: str


@dataclass(frozen=True)
class DrawnEdge:
    """An edge with its two ends."""

    edge: Edge
    x1: float
    y1: float
    x2: float
    y2: float


def render_network(network: Network) -> str:
    """The page as one text: the sentence of the lead, the drawing, and its edges as a table.

    Raises NoNetworkError where there is nothing to draw.
    """
    if not network.nodes:
        raise NoNetworkError(f"nothing is left to draw behind lead {network.lead.lead_id}")
    places = layout(network)
    nodes = [
        DrawnNode(node, *places[node.node_id], _radius(node), _short(node.label_zh))
        for node in network.nodes
    ]
    edges = [
        DrawnEdge(edge, *places[edge.source_id], *places[edge.target_id]) for edge in network.edges
    ]
    environment = Environment(
        loader=PackageLoader("qinglian"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("network.html.j2").render(
        lead=network.lead, nodes=nodes, edges=edges, width=WIDTH, height=HEIGHT
    )


def layout(network: Network) -> dict[str, tuple[float, float]]:
    """Places of the nodes: companies on an inner ring, lots on an outer one, in order."""
    graph = networkx.Graph()
    graph.add_nodes_from(node.node_id for node in network.nodes)
    rings = [
        [node.node_id for node in network.nodes if (node.kind == "company") is inner]
        for inner in (True, False)
    ]
    raw = networkx.shell_layout(graph, [ring for ring in rings if ring])
    spans = [_span([point[axis] for point in raw.values()]) for axis in (0, 1)]
    return {
        name: (
            round(_MARGIN_X + (point[0] - spans[0][0]) / spans[0][1] * (WIDTH - 2 * _MARGIN_X), 1),
            round(_MARGIN_Y + (point[1] - spans[1][0]) / spans[1][1] * (HEIGHT - 2 * _MARGIN_Y), 1),
        )
        for name, point in raw.items()
    }


def _span(values: list[float]) -> tuple[float, float]:
    """Lowest value and width of the range, 1 where all are one."""
    low = float(min(values))
    return low, float(max(values)) - low or 1.0


def _radius(node: Node) -> float:
    return 9.0 + min(float(node.weight), 12.0) if node.kind == "company" else 6.0


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
