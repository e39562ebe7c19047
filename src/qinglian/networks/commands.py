"""`qinglian network`: the network behind one lead as a page that needs no network access."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

console = Console()


def network(
    lead_id: Annotated[
        str, typer.Argument(help="线索编号或其开头 Id of the lead, or its beginning")
    ],
    out: Annotated[Path | None, typer.Option("--out", help="HTML file to write")] = None,
) -> None:
    """Draw the network behind a lead about bidders (PR07, PR08) as one HTML file."""
    from qinglian.networks.page import render_network
    from qinglian.networks.read import NoNetworkError, read_network
    from qinglian.settings import get_settings
    from qinglian.warehouse.server import NotPreparedError, Server, require_warehouse

    server = Server.open(get_settings())
    try:
        require_warehouse(server)
        with server.connect("reader") as connection:
            found = read_network(connection, lead_id)
        page = render_network(found)
    except (NoNetworkError, NotPreparedError) as error:
        console.print(f"[red]{error}", soft_wrap=True)
        raise typer.Exit(1) from error
    path = out or Path(f"network_{found.lead.lead_id[:12]}.html")
    path.write_text(page, "utf-8")
    console.print(
        f"{found.lead.explanation_zh}\n"
        f"{len(found.nodes)} 个节点 nodes, {len(found.edges)} 条边 edges → {path}",
        soft_wrap=True,
    )
