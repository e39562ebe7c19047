"""`qinglian source`: scaffold a hospital, check it and write the report for its IT office."""

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qinglian.systems import SYSTEMS

app = typer.Typer(no_args_is_help=True, help="Connect a hospital: new, check")
console = Console()


@app.command()
def new(
    source_id: Annotated[str, typer.Argument(help="Id of the source; never change it afterwards")],
    vendor: Annotated[str, typer.Option(help="Folder in sources/; a new one gets skeleton SQL")],
    system: Annotated[str, typer.Option(help=", ".join(SYSTEMS))] = "his",
    kind: Annotated[
        str, typer.Option(help="postgresql, mysql, mssql, oracle or files")
    ] = "postgresql",
    name: Annotated[str, typer.Option(help="Name of the hospital")] = "某某医院",
    org_code: Annotated[
        str | None, typer.Option(help="Code of the one organisation that the source serves")
    ] = None,
) -> None:
    """Write the files of a new source; refuses to overwrite."""
    from qinglian.onboarding.scaffold import ScaffoldError, scaffold_source
    from qinglian.settings import get_settings

    try:
        paths = scaffold_source(
            get_settings(),
            source_id,
            vendor=vendor,
            system=system,
            kind=kind,
            name=name,
            org_code=org_code,
        )
    except ScaffoldError as error:
        _fail(str(error))
    for path in paths:
        console.print(str(path), soft_wrap=True)


@app.command()
def check(
    source_id: Annotated[str, typer.Argument(help="Source id, see `qinglian sources`")],
    last_day: Annotated[
        str | None, typer.Option("--date", help="Last day of the window; yesterday if not given")
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="Length of the window")] = 7,
    output: Annotated[
        Path | None, typer.Option(help="Report; <state>/source_checks/<id>.md if not given")
    ] = None,
) -> None:
    """Read one small window, compare it with the contracts, report; lands nothing.

    Exits 1 when a table cannot be read.
    """
    from qinglian.extract.errors import SourceConfigurationError
    from qinglian.onboarding.check import check_installed_source
    from qinglian.onboarding.report import render_report
    from qinglian.settings import get_settings

    settings = get_settings()
    end = date.fromisoformat(last_day) if last_day else date.today() - timedelta(days=1)
    try:
        found = check_installed_source(settings, source_id, end, days)
    except SourceConfigurationError as error:
        _fail(str(error))
    path = output or settings.state_dir / "source_checks" / f"{source_id}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_report(found), "utf-8")
    for table in found.tables:
        if table.problem is not None:
            console.print(table.problem.message, style="red", markup=False, soft_wrap=True)
    console.print(str(path), soft_wrap=True)
    raise typer.Exit(0 if found.ok else 1)


@app.command()
def collect(
    source_id: Annotated[str, typer.Argument(help="Id of a source with a drop folder")],
    as_of: Annotated[
        str | None, typer.Option("--date", help="Last business date to include; today if not given")
    ] = None,
) -> None:
    """Take what was delivered to a drop folder and load it, as the DAG does every few minutes.

    Exits 1 when a file was rejected or a table could not be read.
    """
    from qinglian.extract.errors import SourceConfigurationError
    from qinglian.pipeline import IngestError, RejectedFileError, collect_source

    day = date.fromisoformat(as_of) if as_of else date.today()
    try:
        report = collect_source(source_id, day)
    except (SourceConfigurationError, IngestError, RejectedFileError) as error:
        _fail(str(error))
    for delivery in report.deliveries:
        console.print(f"{delivery.verdict} {delivery.kept_at}", markup=False, soft_wrap=True)
    for name, reason in report.waiting.items():
        console.print(f"waiting {name}: {reason}", markup=False, soft_wrap=True)


def _fail(message: str) -> None:
    console.print(message, style="red", markup=False, soft_wrap=True)
    sys.exit(1)
