"""Reads one lead and its network from the marts."""

from dataclasses import dataclass
from decimal import Decimal

from psycopg import Connection
from psycopg.rows import class_row


class NoNetworkError(LookupError):
    """No active lead of that id has a network."""


@dataclass(frozen=True)
class NetworkLead:
    """What a page says of its lead."""

    lead_id: str
    light_zh: str
    indicator_id: str
    indicator_name_zh: str
    indicator_name_en: str
    org_name: str
    subject_label: str
    explanation_zh: str
    legal_basis: str
    false_positives_zh: str


@dataclass(frozen=True)
class Node:
    """A company or a lot; `weight` counts its bids."""

    node_id: str
    label_zh: str
    kind: str
    kind_zh: str
    weight: Decimal
    evidence_zh: str


@dataclass(frozen=True)
class Edge:
    """A bid of a company for a lot, or what joins two companies."""

    edge_no: int
    source_id: str
    source_label: str
    target_id: str
    target_label: str
    target_kind: str
    edge_kind: str
    edge_kind_zh: str
    weight: Decimal
    evidence_zh: str


@dataclass(frozen=True)
class Network:
    """A lead with the companies and lots behind it and what joins them."""

    lead: NetworkLead
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def read_network(connection: Connection, lead_id: str) -> Network:
    """The network of an active lead; `lead_id` may be the beginning of an id, if of one only.

    Raises NoNetworkError where no lead or several begin so, or the lead has no network.
    """
    with connection.cursor(row_factory=class_row(NetworkLead)) as cursor:
        leads = cursor.execute(
            """
            select lead_id, light_zh, indicator_id, indicator_name_zh, indicator_name_en,
                coalesce(org_name, org_code) as org_name, subject_label, explanation_zh,
                legal_basis, false_positives_zh
            from marts.lead_listing
            where starts_with(lead_id, %(lead_id)s) and is_active
            and lead_id in (select lead_id from marts.network_edge)
            order by lead_id limit 2
            """,
            {"lead_id": lead_id},
        ).fetchall()
    if len(leads) != 1:
        found = "several leads begin" if leads else "no active lead with a network begins"
        raise NoNetworkError(
            f"{found} with {lead_id!r}; leads with networks are those of marts.network_edge"
        )
    with connection.cursor(row_factory=class_row(Node)) as cursor:
        nodes = cursor.execute(
            """
            select node_id, label_zh, kind, kind_zh, weight, evidence_zh
            from marts.network_node where lead_id = %s order by kind, node_id
            """,
            (leads[0].lead_id,),
        ).fetchall()
    with connection.cursor(row_factory=class_row(Edge)) as cursor:
        edges = cursor.execute(
            """
            select edge_no, source_id, source_label, target_id, target_label, target_kind,
                edge_kind, edge_kind_zh, weight, evidence_zh
            from marts.network_edge where lead_id = %s order by edge_no
            """,
            (leads[0].lead_id,),
        ).fetchall()
    return Network(leads[0], tuple(nodes), tuple(edges))
