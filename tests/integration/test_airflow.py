"""A real Airflow on the embedded PostgreSQL: set up, recover, report a failure."""

import os
import signal
from collections.abc import Iterator
from datetime import date
from textwrap import dedent

import httpx
import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from qinglian.orchestration import (
    Airflow,
    DayFailedError,
    OrchestrationError,
    trigger_day,
    wait_for_day,
)
from qinglian.services.airflow_database import initialise_airflow
from qinglian.services.control import service_status, start_services, stop_services
from qinglian.services.health import wait_until_healthy
from qinglian.services.ports import Ports, load_ports
from qinglian.services.programs import programs
from qinglian.services.supervisor import Supervisor
from qinglian.settings import Settings, repository_root
from qinglian.warehouse.server import Server

AIRFLOW = {
    "airflow-api-server",
    "airflow-scheduler",
    "airflow-dag-processor",
    "airflow-triggerer",
}
BAD_DAY = date(2025, 1, 13)

#: The shape of the real DAGs with no work in them: a whole day of the real ones runs end to end.
DAGS = """
    '''Airflow DAGs of a test.'''
    from airflow.sdk import dag, task
    from qinglian import scheduling

    COMMON = {
        "params": {"as_of": scheduling.AS_OF},
        "default_args": {"retries": 0},
    }

    def extract(system):
        asset = scheduling.SYSTEM_ASSETS[system]

        @task(outlets=[asset])
        def load():
            scheduling.announce(asset, scheduling.business_date())

        @dag(dag_id=f"extract_{system}", schedule=None, **COMMON)
        def wire():
            load()

        wire()

    for system in scheduling.SYSTEM_ASSETS:
        extract(system)

    @dag(dag_id="detect", schedule=list(scheduling.SYSTEM_ASSETS.values()), **COMMON)
    def detect():
        @task(outlets=[scheduling.MARTS])
        def check():
            as_of = scheduling.business_date()
            if as_of.isoformat() == "2025-01-13":
                raise ValueError("his_07: the fee table is older than its freshness of 2 days")
            scheduling.announce(scheduling.MARTS, as_of)

        check()

    detect()

    @dag(dag_id="publish", schedule=[scheduling.MARTS], **COMMON)
    def publish():
        @task
        def show():
            pass

        show()

    publish()
"""


@pytest.fixture(scope="module")
def installation(
    settings: Settings, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Airflow alone, running, with a checkout of its own that holds throw-away DAGs."""
    root = tmp_path_factory.mktemp("root")
    (root / "dags").mkdir()
    (root / "dags" / "probe.py").write_text(dedent(DAGS), "utf-8")
    (root / ".venv-superset").symlink_to(repository_root() / ".venv-superset")
    ours = Settings(home=settings.state_dir, root=root)
    initialise_airflow(ours, server)
    try:
        start_services(ours, server, AIRFLOW)
        yield ours
    finally:
        stop_services(ours)
        assert Supervisor.of(ours).leftovers() == []


def test_a_database_at_head_is_left_alone(installation: Settings, server: Server) -> None:
    assert initialise_airflow(installation, server) is False


def test_only_the_generated_password_opens_the_door(installation: Settings) -> None:
    Airflow.of(installation).unpause("publish")
    address = service_status(installation).airflow_url
    assert address is not None
    with pytest.raises(OrchestrationError, match="refuses its administrator"):
        Airflow(address, "admin").unpause("publish")
    assert httpx.get(f"{address}/api/v2/dags", trust_env=False).status_code == 401


def test_a_failure_carries_the_log(installation: Settings) -> None:
    trigger_day(BAD_DAY, installation)
    with pytest.raises(DayFailedError, match=r"detect\.check[\s\S]*his_07: the fee table is older"):
        wait_for_day(BAD_DAY, lambda _: None, 600, installation)


def test_a_day_that_nobody_triggered_is_an_error(installation: Settings) -> None:
    with pytest.raises(OrchestrationError, match="trigger the day first"):
        wait_for_day(date(2024, 2, 29), lambda _: None, 5, installation)


def _ports(settings: Settings) -> Ports:
    ports = load_ports(settings.state_dir)
    assert ports is not None
    return ports


def test_a_killed_scheduler_comes_back(installation: Settings) -> None:
    supervisor = Supervisor.of(installation)

    def scheduler() -> int | None:
        return (supervisor.states() or {})["airflow-scheduler"].pid or None

    killed = scheduler()
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    # supervisord hears of the death a moment later; until then it names the old process.
    restarted = Retrying(
        retry=retry_if_result(lambda pid: pid in (None, killed)),
        stop=stop_after_delay(60),
        wait=wait_fixed(0.2),
    )
    assert restarted(scheduler) != killed
    known = programs(installation, _ports(installation))
    wait_until_healthy([p for p in known if p.name in AIRFLOW], supervisor)
