"""`qinglian brief`: the weekly brief of a hospital or department."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

console = Console()


def brief(
    organisation: Annotated[str, typer.Option(help="机构代码 Hospital, e.g. H50010300001")],
    department: Annotated[
        str | None, typer.Option(help="科室代码 One of its departments alone")
    ] = None,
    week: Annotated[
        str | None,
        typer.Option(help="周内任一日 A day of the week; that of the last detection if left out"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="文件 File; brief_<codes>_<week>.pdf here if left out")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="The page itself instead of a PDF")] = False,
) -> None:
    """Make the weekly brief of a hospital or department: lights, leads, changes, what to ask."""
    from qinglian.brief.make import Request, read_brief
    from qinglian.brief.pdf import PrintError
    from qinglian.brief.read import BriefError
    from qinglian.settings import get_settings
    from qinglian.warehouse.server import Server, require_warehouse

    try:
        day = date.fromisoformat(week) if week else None
    except ValueError:
        raise typer.BadParameter(f"{week!r} is not a day like 2025-12-31") from None
    settings = get_settings()
    server = Server.open(settings)
    require_warehouse(server)
    request = Request(organisation, department, day)
    try:
        made = read_brief(settings, server, request)
        content = made.html().encode() if html else made.pdf(settings)
    except (BriefError, PrintError) as error:
        console.print(f"[red]{error}", soft_wrap=True)
        raise typer.Exit(1) from None
    path = out or Path(f"{made.name}.{'html' if html else 'pdf'}")
    path.write_bytes(content)
    console.print(path, soft_wrap=True)
