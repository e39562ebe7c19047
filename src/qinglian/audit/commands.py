"""`qinglian audit-pack`: the month that an auditor signs."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

console = Console()


def audit_pack(
    month: Annotated[str, typer.Option(help="月份 Month of the business dates, YYYY-MM")],
    source: Annotated[list[str] | None, typer.Option(help="来源 Only these sources")] = None,
    out: Annotated[
        Path | None, typer.Option(help="文件夹 Folder; <state>/audit/<month> if left out")
    ] = None,
) -> None:
    """Make a month's audit pack: PDF, Excel, the data behind them, and a manifest of hashes."""
    from qinglian.audit.pack import build_audit_pack
    from qinglian.pipeline import settings_and_server

    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise typer.BadParameter(f"{month!r} is not a month like 2025-11") from None
    settings, server = settings_and_server()
    pack = build_audit_pack(settings, server, first, tuple(source or ()), out)
    console.print(f"内容散列 content SHA-256 {pack.content_sha256}", soft_wrap=True)
    for path in pack.files:
        console.print(path, soft_wrap=True)
