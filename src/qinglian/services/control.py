"""Start, stop and look at the services of one installation."""

import json
import os
import sys
from collections.abc import Collection
from dataclasses import dataclass

from qinglian.services.health import all_healthy, wait_until_healthy
from qinglian.services.ports import choose_ports, load_ports
from qinglian.services.programs import Program, programs
from qinglian.services.supervisor import SupervisedProgram, Supervisor
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

_STOPPED = "STOPPED"
#: Where Superset serves the data docs, behind its log-in (superset/qinglian_reports.py).
DATA_DOCS_PATH = "/reports/data-docs/"


@dataclass(frozen=True)
class ServiceStatus:
    """One program: supervisord's state of it, and whether it answers."""

    name: str
    state: str
    pid: int | None
    url: str | None
    healthy: bool


@dataclass(frozen=True)
class ServicesStatus:
    """All programs of an installation, and the addresses people open."""

    services: tuple[ServiceStatus, ...]
    airflow_url: str | None
    superset_url: str | None
    data_docs_url: str | None

    @property
    def healthy(self) -> bool:
        """Whether every program runs and answers."""
        return bool(self.services) and all(service.healthy for service in self.services)


def start_services(
    settings: Settings, server: Server, names: Collection[str] | None = None
) -> ServicesStatus:
    """Start what does not run and wait until it answers: `names`, or every program. Idempotent.

    The programs connect to `server` while they start, so it has to be up.
    Raises SupervisorError, or ServiceNotHealthyError with the end of the failing program's log.
    """
    server.connect("airflow", "airflow").close()  # one clear error instead of one a program
    supervisor = Supervisor.of(settings)
    for folder in ("data_docs", "airflow", "supervisor"):
        (settings.state_dir / folder).mkdir(parents=True, exist_ok=True)
    ports = load_ports(settings.state_dir) if supervisor.states() is not None else None
    if ports is None:
        supervisor.stop()  # what an earlier supervisord left behind still holds its ports
        ports = choose_ports(settings.state_dir)
    known = [p for p in programs(settings, ports) if names is None or p.name in names]
    supervisor.start(
        [SupervisedProgram(program.name, _launcher(program.name)) for program in known],
        {**os.environ, **settings_environment(settings)},
    )
    wait_until_healthy(known, supervisor)
    return service_status(settings)


def stop_services(settings: Settings) -> None:
    """Stop every program and leave no process behind, also when supervisord was killed."""
    Supervisor.of(settings).stop()


def service_status(settings: Settings) -> ServicesStatus:
    """What runs and what answers, now; needs no server."""
    ports = load_ports(settings.state_dir)
    if ports is None:
        return ServicesStatus(services=(), airflow_url=None, superset_url=None, data_docs_url=None)
    known = programs(settings, ports)
    states = Supervisor.of(settings).states() or {}
    health = all_healthy(known)
    services = []
    for program in known:
        process = states.get(program.name)
        services.append(
            ServiceStatus(
                name=program.name,
                state=process.state if process else _STOPPED,
                pid=process.pid if process else None,
                url=program.address if program.has_page else None,
                healthy=process is not None and process.pid is not None and health[program.name],
            )
        )
    return ServicesStatus(
        services=tuple(services),
        airflow_url=_url(known, "airflow-api-server"),
        superset_url=_url(known, "superset"),
        data_docs_url=_url(known, "superset") + DATA_DOCS_PATH,
    )


def settings_environment(settings: Settings) -> dict[str, str]:
    """Variables from which another process reads the same settings."""
    values = settings.model_dump(mode="json", exclude_none=True)
    values["home"] = str(settings.state_dir.resolve())
    values["root"] = str(settings.root.resolve())
    return {
        f"QINGLIAN_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }


def _launcher(program: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "qinglian.services.launch", program)


def _url(known: tuple[Program, ...], name: str) -> str:
    return next(program.address for program in known if program.name == name)
