"""`qinglian init`, `up`, `down` and `status`: the whole installation on one machine."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from qinglian.contracts import load_contracts
from qinglian.dashboards.process import initialise_superset
from qinglian.secrets_file import SecretsFile
from qinglian.services.airflow_database import initialise_airflow
from qinglian.services.control import (
    ServiceStatus,
    service_status,
    start_services,
    stop_services,
)
from qinglian.settings import Settings, get_settings
from qinglian.transform import write_manifest
from qinglian.warehouse.embedded import EmbeddedPostgres
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import WAREHOUSE, Server, prepare_server
from qinglian.warehouse.weekly_marts import create_weekly_marts


@dataclass(frozen=True)
class StatusReport:
    """What runs, and where. Holds no password."""

    warehouse_dsn: str | None
    airflow_url: str | None
    superset_url: str | None
    data_docs_url: str | None
    state_dir: Path
    services: tuple[ServiceStatus, ...]


def up(tell: Callable[[str], None], settings: Settings | None = None) -> StatusReport:
    """Start everything; what runs already stays. `tell` hears of each step.

    Raises what the failing step raises; its message shows the end of the log concerned.
    """
    settings = settings or get_settings()
    server = _prepare(settings, tell, with_superset=True)
    tell("services")
    start_services(settings, server)
    return status(settings)


def initialise(tell: Callable[[str], None], settings: Settings | None = None) -> None:
    """Prepare the server, the warehouse, Airflow's database and dbt's manifest; start no service.

    For installations that start services by other means (containers) and where Superset, which
    lives in an image of its own, prepares its database itself. Idempotent.
    Raises what the failing step raises; its message shows the end of the log concerned.
    """
    _prepare(settings or get_settings(), tell, with_superset=False)


def _prepare(settings: Settings, tell: Callable[[str], None], *, with_superset: bool) -> Server:
    """What has to be there before a service starts. Idempotent."""
    tell("PostgreSQL")
    server = open_warehouse(settings)
    tell("Airflow, Superset, dbt" if with_superset else "Airflow, dbt")
    with ThreadPoolExecutor() as pool:
        preparations: list[Future[Any]] = [
            pool.submit(initialise_airflow, settings, server),
            pool.submit(write_manifest, settings.dbt_dir, settings.state_dir / "dbt", server),
        ]
        if with_superset:
            preparations.append(pool.submit(initialise_superset, settings, server))
    for preparation in preparations:
        preparation.result()
    return server


def open_warehouse(settings: Settings) -> Server:
    """The server with its roles, databases, schemas, tables of `land` and `ops`. Idempotent.

    The weekly marts are there too, empty until the first maintenance.
    """
    server = Server.open(settings)
    prepare_server(server)
    prepare_warehouse(server, load_contracts(settings.contracts_dir).values())
    create_weekly_marts(server, settings.dbt_dir)
    return server


def down(settings: Settings | None = None) -> None:
    """Stop everything that `up` started, PostgreSQL last. Data stays."""
    settings = settings or get_settings()
    stop_services(settings)
    embedded = _embedded(settings)
    if embedded:
        embedded.stop()


def status(settings: Settings | None = None) -> StatusReport:
    """What runs now. Starts nothing."""
    settings = settings or get_settings()
    services = service_status(settings)
    return StatusReport(
        warehouse_dsn=_warehouse_dsn(settings),
        airflow_url=services.airflow_url,
        superset_url=services.superset_url,
        data_docs_url=services.data_docs_url,
        state_dir=settings.state_dir,
        services=services.services,
    )


def render_status(report: StatusReport, console: Console) -> None:
    """Print addresses and services as people read them."""
    addresses = Table.grid(padding=(0, 2))
    for label, address in (
        ("数据仓库 warehouse", report.warehouse_dsn),
        ("调度 Airflow", report.airflow_url),
        ("看板 Superset", report.superset_url),
        ("质量报告 data docs", report.data_docs_url),
        ("密码 secrets", report.state_dir / "secrets.env"),
    ):
        addresses.add_row(label, str(address or "-"))
    console.print(addresses)
    table = Table("service", "state", "pid", "healthy")
    for service in report.services:
        healthy = "[green]yes[/green]" if service.healthy else "[red]no[/red]"
        table.add_row(service.name, service.state, str(service.pid or "-"), healthy)
    if report.services:
        console.print(table)


def _embedded(settings: Settings) -> EmbeddedPostgres | None:
    """The embedded server if there is one already; asking must not create it."""
    data_dir = settings.state_dir / "postgres"
    if settings.database_url or not (data_dir / "PG_VERSION").exists():
        return None
    secrets = SecretsFile(settings.secrets_path)
    return EmbeddedPostgres(data_dir, secrets.get("POSTGRES_PASSWORD"))


def _warehouse_dsn(settings: Settings) -> str | None:
    """Address of the warehouse for its readers, without a password; None when it is down."""
    embedded = _embedded(settings)
    if settings.database_url:
        address = urlsplit(settings.database_url)
    elif embedded and embedded.is_running():
        address = urlsplit(embedded.url)
    else:
        return None
    return f"postgresql://{address.hostname}:{address.port or 5432}/{WAREHOUSE}"
