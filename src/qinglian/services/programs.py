"""What runs: one program a service, with its command, its environment and its address."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from qinglian.dashboards.process import serve_command, superset_environment
from qinglian.services.airflow_environment import airflow_environment
from qinglian.services.ports import HOST, Ports
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

Environment = dict[str, str]

_HEALTH_OF_AIRFLOW = "/api/v2/monitor/health"


@dataclass(frozen=True)
class Program:
    """One supervised process.

    `environment` is called when the process starts, so that no secret is written to a file.
    `health_path` answers 200 when the program works; with `health_key` that answer is JSON and
    its ``[health_key]["status"]`` has to read ``healthy`` (Airflow's parts without HTTP).
    """

    name: str
    command: tuple[str, ...]
    environment: Callable[[Settings, Server], Environment]
    port: int
    health_path: str
    health_key: str | None = None
    has_page: bool = False

    @property
    def address(self) -> str:
        """Where the program, or the one that speaks for it, answers HTTP."""
        return f"http://{HOST}:{self.port}"


def programs(settings: Settings, ports: Ports) -> tuple[Program, ...]:
    """The programs of an installation in the order in which they are started."""

    def airflow(
        name: str, *arguments: str, command: tuple[str, ...] = (), has_page: bool = False
    ) -> Program:
        part = name.replace("-", "_")
        return Program(
            name=f"airflow-{name}",
            command=(sys.executable, "-m", *(command or ("airflow", name)), *arguments),
            environment=airflow_environment,
            port=ports.airflow,
            health_path=_HEALTH_OF_AIRFLOW,
            health_key=None if has_page else part,
            has_page=has_page,
        )

    def superset(settings: Settings, server: Server) -> Environment:
        bound = {"SUPERSET_HOST": HOST, "SUPERSET_PORT": str(ports.superset)}
        return superset_environment(settings, server) | bound

    return (
        airflow("api-server", has_page=True),
        # Logs of tasks are read from the disk: nothing needs to serve them on a fixed port.
        airflow("scheduler", "--skip-serve-logs", command=("qinglian.services.scheduler",)),
        airflow("dag-processor", command=("qinglian.services.dag_processor",)),
        airflow("triggerer", "--skip-serve-logs", command=("qinglian.services.triggerer",)),
        Program(
            name="superset",
            command=tuple(serve_command(settings)),
            environment=superset,
            port=ports.superset,
            health_path="/health",
            has_page=True,
        ),
    )
