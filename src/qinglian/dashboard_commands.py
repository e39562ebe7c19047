"""`qinglian dashboards …`: Superset's assets and the files that describe them."""

from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(no_args_is_help=True, help="看板文件 Files of Superset's dashboards")
console = Console()

_TOLD = {
    "changed": "已改 changed",
    "added": "新增 added",
    "retired": "已移除 removed",
    "missing": "界面上没有，未动 not in Superset, left alone (--retire removes)",
    "left_out": "[yellow]不能存入文件 no file can hold",
    "faults": "[yellow]发布前须改 to be mended before the next publication",
}


@app.callback()
def dashboards() -> None:
    """Keep this a group of commands while it has one."""


@app.command()
def pull(
    retire: Annotated[
        bool, typer.Option("--retire", help="Remove files of assets that Superset does not have")
    ] = False,
) -> None:
    """Write what was edited in Superset's interface into superset/assets/; review it, then commit.

    Publish first what this checkout has new: Superset's state counts.
    """
    from qinglian.dashboards.client import SupersetClient, SupersetError
    from qinglian.dashboards.process import ADMIN_SECRET, ADMIN_USER
    from qinglian.dashboards.pull import pull_dashboards
    from qinglian.pipeline import superset_url
    from qinglian.secrets_file import SecretsFile
    from qinglian.settings import get_settings

    settings = get_settings()
    password = SecretsFile(settings.secrets_path).get(ADMIN_SECRET)
    try:
        with SupersetClient(superset_url(settings), ADMIN_USER, password) as client:
            report = pull_dashboards(client, settings.root / "superset", retire=retire)
    except (SupersetError, RuntimeError) as error:
        console.print(f"[red]{error}", soft_wrap=True)
        raise typer.Exit(1) from error
    for name, label in _TOLD.items():
        for entry in getattr(report, name):
            console.print(f"{label}[/]: " if label.startswith("[") else f"{label}: ", end="")
            console.print(entry, soft_wrap=True, markup=False, highlight=False)
    if not (report.changed or report.added or report.retired):
        console.print("文件与界面一致 files and Superset agree")
