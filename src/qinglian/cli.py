"""The `qinglian` command: one thin function a command, the work is done elsewhere.

Heavy parts (dbt, Great Expectations, DuckDB) are imported by the command that needs them, so that
`qinglian status` answers at once.
"""

import json
import logging
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler

from qinglian.audit.commands import audit_pack
from qinglian.brief.commands import brief
from qinglian.dashboard_commands import app as dashboards_app
from qinglian.networks.commands import network
from qinglian.notices.commands import notify
from qinglian.ocds.commands import app as ocds_app
from qinglian.onboarding.commands import app as source_app
from qinglian.quarantine.commands import app as quarantine_app
from qinglian.screens.commands import screens
from qinglian.suppliers.commands import app as suppliers_app

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
contracts_app = typer.Typer(no_args_is_help=True, help="Data contracts in expectations/")
evaluate_app = typer.Typer()
app.add_typer(contracts_app, name="contracts")
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(source_app, name="source")
app.add_typer(ocds_app, name="ocds")
app.add_typer(suppliers_app, name="suppliers")
app.add_typer(dashboards_app, name="dashboards")
app.command("audit-pack")(audit_pack)
app.command()(screens)
app.command()(network)
app.command()(notify)
app.command()(brief)
console = Console()

AsOf = Annotated[
    str | None, typer.Option("--date", help="Last business date to include, YYYY-MM-DD")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text")]


@app.callback()
def configure(verbose: Annotated[bool, typer.Option("--verbose", "-v")] = False) -> None:
    """Qinglian 清廉: leads on irregular prescribing, billing and procurement."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=Console(stderr=True), show_path=False)],
    )


@app.command()
def up() -> None:
    """Start the database, Airflow and Superset; safe to repeat."""
    from qinglian.services.lifecycle import up as start_everything

    start_everything(console.print)


@app.command()
def init() -> None:
    """Prepare roles, databases, schemas, Airflow and dbt's manifest; starts no service."""
    from qinglian.services.lifecycle import initialise

    initialise(console.print)


@app.command()
def down() -> None:
    """Stop everything that `up` started; data stays."""
    from qinglian.services.lifecycle import down as stop_everything

    stop_everything()


@app.command()
def status(as_json: Json = False) -> None:
    """Show addresses and the state of each service."""
    from qinglian.services.lifecycle import render_status
    from qinglian.services.lifecycle import status as read_status

    report = read_status()
    if as_json:
        print(json.dumps(asdict(report), default=str, ensure_ascii=False, indent=2))
    else:
        render_status(report, console)


@app.command()
def city(
    hospitals: Annotated[int, typer.Option(min=1, help="Number of hospitals")] = 12,
    months: Annotated[int, typer.Option(min=1, help="Months that end with 2025-12")] = 12,
    scale: Annotated[float, typer.Option(min=0.01, help="Patients relative to the demo")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same city")] = 20250101,
    clean: Annotated[bool, typer.Option("--clean", help="Plant nothing irregular")] = False,
) -> None:
    """Make the synthetic city's source databases and its truth file anew."""
    from rich.progress import Progress

    from qinglian.city import generate_city
    from qinglian.settings import get_settings
    from qinglian.warehouse.server import Server, prepare_server

    settings = get_settings()
    server = Server.open(settings)
    prepare_server(server)
    with Progress(console=console) as progress:
        report = generate_city(
            settings,
            server,
            hospitals=hospitals,
            months=months,
            scale=scale,
            seed=seed,
            progress=progress,
            clean=clean,
        )
    console.print(report)


@app.command()
def ingest(
    source_id: Annotated[str, typer.Argument(help="Source id, see `qinglian sources`")],
    as_of: AsOf = None,
    table: Annotated[list[str] | None, typer.Option(help="Only these tables")] = None,
) -> None:
    """Extract, land, gate and load one source, as the extract DAGs do."""
    from qinglian.ingest import TableReport
    from qinglian.pipeline import IngestError, ingest_source

    try:
        report = ingest_source(source_id, _date(as_of), frozenset(table) if table else None)
    except IngestError as error:
        _fail(str(error))
    columns = [f for f in TableReport.__dataclass_fields__ if f != "error"]
    _print_table(columns, [[getattr(t, c) for c in columns] for t in report.tables])


@app.command()
def backfill(
    first: Annotated[str, typer.Option("--from", help="First business date, YYYY-MM-DD")],
    last: Annotated[str, typer.Option("--to", help="Last business date, YYYY-MM-DD")],
    source_id: Annotated[str | None, typer.Argument(help="Source id")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every source")] = False,
    table: Annotated[list[str] | None, typer.Option(help="Only these tables")] = None,
    parallel: Annotated[int, typer.Option(min=1, help="Tables read at once, over all sources")] = 2,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the hours a source allows")
    ] = False,
) -> None:
    """Read a past window of a source again; the nightly cursor stays. Repeat to resume."""
    from qinglian.backfill import BackfillError, BackfillPlan, TableBackfill
    from qinglian.backfill import backfill as read_again
    from qinglian.extract.sources import SourceCatalog
    from qinglian.pipeline import settings_and_server

    if every == (source_id is not None):
        _fail("name a source, or say --all")
    settings, server = settings_and_server()
    chosen = [source_id] if source_id else [s.source_id for s in SourceCatalog(settings).sources()]
    plan = BackfillPlan(
        date.fromisoformat(first),
        date.fromisoformat(last),
        frozenset(table) if table else None,
        parallel,
        wait,
    )
    try:
        reports = read_again(settings, server, chosen, plan)
    except BackfillError as error:
        _fail(str(error))
    columns = [f for f in TableBackfill.__dataclass_fields__ if f != "error"]
    _print_table(columns, [[getattr(r, c) for c in columns] for r in reports])


@app.command("deep-reload")
def deep_reload(
    source_id: Annotated[str, typer.Argument(help="Source id, see `qinglian sources`")],
    as_of: AsOf = None,
    days: Annotated[int, typer.Option(min=1, help="How far to go back")] = 180,
    table: Annotated[list[str] | None, typer.Option(help="Only these tables")] = None,
) -> None:
    """Read months again that ordinary runs no longer read, and report back-dated changes."""
    from qinglian.deep_reload import deep_reload as read_again
    from qinglian.ingest import TableReport
    from qinglian.pipeline import IngestError, settings_and_server

    only = frozenset(table) if table else None
    try:
        report = read_again(*settings_and_server(), source_id, _date(as_of), days, only)
    except IngestError as error:
        _fail(str(error))
    columns = [f for f in TableReport.__dataclass_fields__ if f != "error"]
    _print_table(columns, [[getattr(t, c) for c in columns] for t in report.tables])


@app.command()
def sources() -> None:
    """List the sources of this installation."""
    from qinglian.extract.sources import SourceCatalog
    from qinglian.settings import get_settings

    rows: list[list[object]] = [
        [s.source_id, s.system, s.vendor, s.org_code, s.name]
        for s in SourceCatalog(get_settings()).sources()
    ]
    _print_table(["source_id", "system", "vendor", "org_code", "name"], rows)


@app.command()
def detect(
    as_of: AsOf = None,
    known_on: Annotated[
        str | None,
        typer.Option(
            "--as-of", help="Leads known at the end of this day, in schemas aside; YYYY-MM-DD"
        ),
    ] = None,
    drop: Annotated[
        bool, typer.Option("--drop", help="Remove what --as-of built for that day")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Build although nothing has changed since the last time")
    ] = False,
) -> None:
    """Build all dbt models: staging, core, peers, indicators, marts."""
    from qinglian.as_of import AsOfError, detect_as_of, drop_as_of
    from qinglian.pipeline import detect as build_models
    from qinglian.pipeline import settings_and_server

    if known_on is None:
        ended = build_models(_date(as_of), again=again)
        if ended is not None:
            console.print(
                f"没有新数据 nothing has changed since the detection of {ended:%Y-%m-%d %H:%M};"
                " `--again` builds all the same"
            )
        return
    settings, server = settings_and_server()
    day = date.fromisoformat(known_on)
    if drop:
        drop_as_of(server, day)
        return
    try:
        console.print(detect_as_of(settings, server, day, _date(as_of) if as_of else None))
    except AsOfError as error:
        _fail(str(error))


@app.command()
def publish(
    as_of: AsOf = None,
    warm: Annotated[
        bool, typer.Option("--warm-up/--no-warm-up", help="Make the pages' answers ahead")
    ] = True,
) -> None:
    """Put dashboards into Superset and make the answers of their pages ahead."""
    from qinglian.pipeline import publish as publish_all
    from qinglian.pipeline import warm_cache

    console.print(publish_all(_date(as_of)))
    if warm:
        console.print(f"答案缓存 cache: {warm_cache()}", soft_wrap=True, markup=False)


@app.command()
def verify(
    incremental: Annotated[
        bool, typer.Option("--incremental", help="Only what came after the last that was whole")
    ] = False,
    as_json: Json = False,
) -> None:
    """Prove the ledger: hash chain, landed files, control totals. Exits 1 on any fault."""
    from qinglian.pipeline import settings_and_server, verify_ledger

    report = verify_ledger(*settings_and_server(), incremental=incremental)
    if as_json:
        print(json.dumps(asdict(report) | {"ok": report.ok}, ensure_ascii=False, indent=2))
    else:
        console.print(
            f"{report.entries} ledger entries, {report.batches} batches, {report.files} files,"
            f" {report.deliveries} deliveries,"
            f" {report.rows_extracted} rows extracted, {report.rows_loaded} loaded"
        )
        for fault in report.faults:
            console.print(f"[red]{fault}")
        console.print("[green]whole" if report.ok else "[red]not whole")
    raise typer.Exit(0 if report.ok else 1)


@app.command("privacy-scan")
def privacy_scan(as_json: Json = False) -> None:
    """Look for clear identifiers of persons in all that is kept here. Exits 1 when any is found."""
    from qinglian.pipeline import settings_and_server
    from qinglian.privacy import scan_installation

    scanner = scan_installation(*settings_and_server())
    if as_json:
        found = [asdict(finding) for finding in scanner.findings]
        print(json.dumps({"places": scanner.places, "findings": found}, ensure_ascii=False))
    else:
        console.print(f"{scanner.places} places read, {len(scanner.findings)} with findings")
        _print_table(
            ["place", "kind", "count"], [[f.place, f.kind, f.count] for f in scanner.findings]
        )
    raise typer.Exit(1 if scanner.findings else 0)


@app.command()
def rebuild(
    replace: Annotated[
        bool, typer.Option("--replace", help="Empty the warehouse first, and compare afterwards")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before --replace")] = False,
    marts: Annotated[bool, typer.Option(help="Run dbt afterwards")] = True,
    as_of: AsOf = None,
) -> None:
    """Make the warehouse anew from the landing zone alone; no source is read."""
    from qinglian.landing.journal import JournalError
    from qinglian.landing.replay import ReplayError
    from qinglian.pipeline import settings_and_server
    from qinglian.rebuild import build_marts_anew
    from qinglian.rebuild import rebuild as rebuild_warehouse

    settings, server = settings_and_server()
    if replace and not yes:
        typer.confirm("清空并重建数据仓库 Empty the warehouse and load it again?", abort=True)
    try:
        report = rebuild_warehouse(settings, server, replace=replace, tell=console.print)
    except (JournalError, ReplayError) as error:
        _fail(str(error))
    console.print(report)
    if marts:
        build_marts_anew(settings, server, _date(as_of))


@evaluate_app.callback(invoke_without_command=True)
def evaluate(
    context: typer.Context,
    as_json: Json = False,
    report_file: Annotated[
        Path | None,
        typer.Option("--report", help="Also write it as a page (HTML) that needs no network"),
    ] = None,
) -> None:
    """Measure leads and scores against the city's planted truth, beside a ranking by spend."""
    if context.invoked_subcommand is not None:
        return
    from qinglian.evaluation import evaluate as measure
    from qinglian.evaluation import render
    from qinglian.pipeline import settings_and_server

    settings, server = settings_and_server()
    report = measure(server, settings.city_dir / "truth.json")
    if report_file is not None:
        from qinglian.evaluation.page import render_page

        report_file.write_text(render_page(report), "utf-8")
    if as_json:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        console.print(render(report))


@evaluate_app.command("collusion")
def evaluate_collusion(
    file: Annotated[Path, typer.Argument(help="CSV with a row a bid and a label column")],
    as_json: Json = False,
    ablation: Annotated[
        bool, typer.Option("--ablation", help="Also the score without each of its parts; slow")
    ] = False,
) -> None:
    """Measure the collusion score and every screen against the labels of a market's bids."""
    from qinglian.evaluation.collusion import evaluate_collusion as measure
    from qinglian.evaluation.collusion_report import render
    from qinglian.screens.market import MarketFileError

    try:
        report = measure(file, ablation)
    except MarketFileError as error:
        _fail(str(error))
    if as_json:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        console.print(render(report))


@evaluate_app.command("suppliers")
def evaluate_suppliers(
    file: Annotated[Path, typer.Argument(help="CSV: name1, name2, is_match, perhaps schema")],
    as_json: Json = False,
) -> None:
    """Measure the comparison of suppliers' names on pairs that others have judged."""
    from qinglian.suppliers.pairs import PairsFileError, evaluate_pairs, render_pairs

    try:
        report = evaluate_pairs(file)
    except PairsFileError as error:
        _fail(str(error))
    if as_json:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        console.print(render_pairs(report))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def dbt(context: typer.Context, as_of: AsOf = None) -> None:
    """Run any dbt command with this installation's project, profile and variables."""
    from qinglian.detection import BUILDING, note_built_by_hand
    from qinglian.landing.journal import JournalError
    from qinglian.pipeline import settings_and_server
    from qinglian.settings import get_settings
    from qinglian.transform import TransformError, parse_dbt, run_dbt

    try:
        if "parse" in context.args:
            settings = get_settings()
            parse_dbt(settings.dbt_dir, settings.state_dir / "dbt", context.args)
        else:
            settings, server = settings_and_server()
            if BUILDING.intersection(context.args):
                note_built_by_hand(server, settings, _date(as_of))
            run_dbt(server, context.args, _date(as_of), keep_results=True)
    except (TransformError, JournalError) as error:
        _fail(str(error))


@app.command()
def demo() -> None:
    """From an empty machine to leads in Superset: make the city, start all, run one day."""
    from qinglian.demo import run_demo

    run_demo(console)


@app.command()
def run(
    sources_dir: Annotated[
        Path, typer.Option("--sources", help="Folder with source YAMLs, or one of them")
    ],
    as_of: AsOf = None,
    ranking: Annotated[
        Path | None, typer.Option(help="CSV file for the ranking of the insurer's providers")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ingest all sources of a folder and detect, without Airflow: for one's own files."""
    from qinglian.run import render_run, run_sources

    report = run_sources(sources_dir, _date(as_of), Console(stderr=True).print, ranking)
    if as_json:
        print(json.dumps(asdict(report), default=str, ensure_ascii=False, indent=2))
    else:
        render_run(report, console)


@contracts_app.command("render")
def contracts_render() -> None:
    """Write the files that are generated from the contracts and the models' metadata."""
    from qinglian.rendered import write_rendered_files

    for path in write_rendered_files():
        console.print(path)


def _date(text: str | None) -> date:
    return date.fromisoformat(text) if text else date.today()


def _fail(message: str) -> None:
    console.print(f"[red]{message}")
    sys.exit(1)


def _print_table(columns: list[str], rows: list[list[object]]) -> None:
    from rich.table import Table

    table = Table(*columns)
    for row in rows:
        table.add_row(*("" if v is None else str(v) for v in row))
    console.print(table)


def main() -> None:
    """Run the command; what is not there or wrongly configured is told in one line."""
    from qinglian.extract.errors import SourceConfigurationError
    from qinglian.landing.journal import JournalError
    from qinglian.warehouse.server import NotPreparedError

    try:
        app()
    except (NotPreparedError, SourceConfigurationError, JournalError) as error:
        _fail(str(error))


if __name__ == "__main__":
    main()
