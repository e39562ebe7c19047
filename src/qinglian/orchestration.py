"""One day in Airflow: start the extracts for a date, wait until what follows from them is done."""

import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
from tenacity import (
    RetryError,
    Retrying,
    retry,
    retry_if_exception_type,
    retry_if_result,
    stop_after_delay,
    wait_fixed,
)

from qinglian.secrets_file import SecretsFile
from qinglian.services.airflow_environment import ADMIN_PASSWORD_SECRET, ADMIN_USER
from qinglian.services.ports import HOST, load_ports
from qinglian.settings import Settings, get_settings
from qinglian.systems import SYSTEMS

EXTRACT_DAGS = tuple(f"extract_{system}" for system in SYSTEMS)
DETECT_DAG = "detect"
PUBLISH_DAG = "publish"
ALL_DAGS = (*EXTRACT_DAGS, DETECT_DAG, PUBLISH_DAG)

#: Each look asks for all DAGs and tasks of the day: more often would cost the API server a core.
_POLL_SECONDS = 5.0
_SECONDS_TO_PARSE = 180
#: How long a night's extracts may keep a day waiting that is started by hand.
_SECONDS_OF_A_NIGHT = 3600
_PAGE = 100
_LOG_LINES = 40
#: Cosmos' task that runs dbt: the tasks of the models fail because of it, not the other way round.
_PRODUCER = "dbt_producer_watcher"
_FINISHED = {"success", "failed", "skipped", "upstream_failed", "removed"}


class OrchestrationError(RuntimeError):
    """Airflow is not there, does not know a DAG, or refuses a request."""


class AirflowFaultError(OrchestrationError):
    """Airflow itself failed to answer; asking again may help."""


class DayFailedError(OrchestrationError):
    """A DAG run of the day failed; the message carries the failing task's log."""


class DayTimeoutError(OrchestrationError):
    """The day did not end in time."""


@dataclass(frozen=True)
class Run:
    """One DAG run."""

    dag_id: str
    run_id: str


@dataclass(frozen=True)
class DayProgress:
    """Where a day stands, over its DAGs."""

    finished: int
    total: int
    running: str
    states: dict[str, str]


class _Token(httpx.Auth):
    """A bearer token for the administrator, asked for again when the old one has expired."""

    requires_response_body = True

    def __init__(self, url: str, password: str) -> None:
        self._url = url
        self._password = password
        self._token: str | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._token is None:
            self._token = yield from self._ask()
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token = yield from self._ask()
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _ask(self) -> Generator[httpx.Request, httpx.Response, str]:
        answer = yield httpx.Request(
            "POST", self._url, json={"username": ADMIN_USER, "password": self._password}
        )
        if answer.status_code != httpx.codes.CREATED:
            raise OrchestrationError(
                f"Airflow at {self._url} refuses its administrator ({answer.status_code});"
                " `qinglian up` sets the password of secrets.env again"
            )
        return str(answer.json()["access_token"])


class Airflow:
    """The REST API of this installation's Airflow, as far as a day needs it."""

    def __init__(self, url: str, password: str) -> None:
        self._client = httpx.Client(
            base_url=f"{url}/api/v2",
            auth=_Token(f"{url}/auth/token", password),
            timeout=60,
            trust_env=False,
        )

    @classmethod
    def of(cls, settings: Settings) -> "Airflow":
        """The API of an installation. Raises OrchestrationError before its first `qinglian up`."""
        ports = load_ports(settings.state_dir)
        url = settings.airflow_api_url or (f"http://{HOST}:{ports.airflow}" if ports else None)
        if url is None:
            raise OrchestrationError(f"{settings.state_dir} knows no Airflow: run `qinglian up`")
        password = SecretsFile(settings.secrets_path).get(ADMIN_PASSWORD_SECRET)
        return cls(url.rstrip("/"), password)

    def close(self) -> None:
        self._client.close()

    def unpause(self, dag_id: str) -> None:
        """Let the DAG run, waiting for Airflow to have parsed it.

        Raises OrchestrationError with Airflow's import errors when it does not come.
        """
        self._tell("PATCH", dag_id, "", {"is_paused": False})

    def trigger(self, dag_id: str, run_id: str, as_of: date) -> Run:
        """Start a run of the DAG for a date, waiting as `unpause` does.

        Airflow lists a DAG a moment before it can start it.
        """
        conf = {"as_of": as_of.isoformat()}
        body = {"dag_run_id": run_id, "logical_date": None, "conf": conf}
        self._tell("POST", dag_id, "/dagRuns", body)
        return Run(dag_id, run_id)

    def _tell(self, method: str, dag_id: str, path: str, body: dict[str, Any]) -> None:
        try:
            self._tell_when_known(method, dag_id, path, body)
        except LookupError:
            errors = self._get("/importErrors", limit=_PAGE)["import_errors"]
            said = "\n".join(f"{e['filename']}: {e['stack_trace']}" for e in errors)
            raise OrchestrationError(
                f"Airflow does not know the DAG {dag_id}; import errors:\n{said or 'none'}"
            ) from None

    @retry(
        retry=retry_if_exception_type(LookupError),
        stop=stop_after_delay(_SECONDS_TO_PARSE),
        wait=wait_fixed(1),
        reraise=True,
    )
    def _tell_when_known(self, method: str, dag_id: str, path: str, body: dict[str, Any]) -> None:
        answer = self._client.request(method, f"/dags/{dag_id}{path}", json=body)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise LookupError(dag_id)
        _checked(answer)

    def is_at_work(self, dag_id: str) -> bool:
        """Whether the DAG has a run that goes on, or one that is due and will be made at once."""
        runs = self._get(f"/dags/{dag_id}/dagRuns", state=["queued", "running"], limit=1)
        due = self._get(f"/dags/{dag_id}")["next_dagrun_run_after"]
        return bool(runs["total_entries"]) or (
            due is not None and datetime.fromisoformat(due) <= datetime.now(UTC)
        )

    def withdraw_events(self, dag_id: str) -> None:
        """Forget the news that the DAG was told of while it waited for that of others."""
        answer = self._client.delete(f"/dags/{dag_id}/assets/queuedEvents")
        if answer.status_code != httpx.codes.NOT_FOUND:  # there is none
            _checked(answer)

    def newest_run(self, dag_id: str, prefix: str) -> Run | None:
        """The latest run whose id starts with `prefix`."""
        runs = self._get(
            f"/dags/{dag_id}/dagRuns",
            run_id_prefix_pattern=prefix,
            order_by="-run_after",
            limit=1,
        )["dag_runs"]
        return Run(dag_id, runs[0]["dag_run_id"]) if runs else None

    def state(self, run: Run) -> str:
        """Airflow's state of a run: queued, running, success or failed."""
        return str(self._get(f"/dags/{run.dag_id}/dagRuns/{run.run_id}")["state"])

    def caused_by(self, run: Run) -> set[Run]:
        """The runs that the asset events of `run` have started so far."""
        events = self._get(
            "/assets/events",
            source_dag_id=run.dag_id,
            source_run_id=run.run_id,
            limit=_PAGE,
        )["asset_events"]
        return {
            Run(caused["dag_id"], caused["run_id"])
            for event in events
            for caused in event["created_dagruns"]
        }

    def count_tasks(self, run: Run, states: Iterable[str] = ()) -> int:
        """How many task instances of a run are in one of `states`, or how many it has."""
        page = self._get(_task_instances(run), state=sorted(states), limit=1)
        return int(page["total_entries"])

    def tasks(self, run: Run, states: Iterable[str] = ()) -> list[dict[str, Any]]:
        """Task instances of a run, or those in one of `states`."""
        found: list[dict[str, Any]] = []
        while True:
            page = self._get(
                _task_instances(run), state=sorted(states), limit=_PAGE, offset=len(found)
            )
            found += page["task_instances"]
            if len(found) >= page["total_entries"] or not page["task_instances"]:
                return found

    def task_count(self, dag_id: str) -> int:
        """How many tasks the DAG has before any of them is mapped."""
        return int(self._get(f"/dags/{dag_id}/tasks")["total_entries"])

    def log_tail(self, task: dict[str, Any], lines: int = _LOG_LINES) -> str:
        """The end of the log of a task instance's last attempt."""
        log = self._get(
            f"/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}"
            f"/taskInstances/{task['task_id']}/logs/{max(task['try_number'], 1)}",
            map_index=task["map_index"],
            full_content=True,
        )
        written = [line for entry in log["content"] for line in _log_lines(entry)]
        return "\n".join(written[-lines:])

    # A run that is just being made can be half there for the API, which then answers 500.
    @retry(
        retry=retry_if_exception_type((AirflowFaultError, httpx.TransportError)),
        stop=stop_after_delay(30),
        wait=wait_fixed(1),
        reraise=True,
    )
    def _get(self, path: str, **parameters: Any) -> Any:
        return _checked(self._client.get(path, params=parameters)).json()


def trigger_day(as_of: date, settings: Settings | None = None) -> None:
    """Start all extracts for `as_of`; detection and publication follow by themselves.

    Detection starts when all systems have told it of news. An extract that goes on beside this
    day's, as after a start later than two at night, would tell it twice: it would start before the
    last system is read, and what that one tells would stay for the next day, again too early. So
    the day waits for other extracts to end, and takes back what one of them told alone.

    Raises OrchestrationError when Airflow does not answer or does not know a DAG, or when other
    extracts do not end within an hour.
    """
    airflow = Airflow.of(settings or get_settings())
    try:
        for dag_id in reversed(ALL_DAGS):  # who listens comes before who speaks
            airflow.unpause(dag_id)
        _wait_for_other_extracts(airflow)
        airflow.withdraw_events(DETECT_DAG)
        run_id = _run_prefix(as_of) + datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        for dag_id in EXTRACT_DAGS:
            airflow.trigger(dag_id, run_id, as_of)
    finally:
        airflow.close()


def wait_for_day(
    as_of: date,
    on_progress: Callable[[DayProgress], None],
    timeout: float,
    settings: Settings | None = None,
) -> None:
    """Wait until the runs that `trigger_day` started last, and all that they caused, are done.

    `on_progress` is called every few seconds. Raises DayFailedError with the end of the
    failing task's log, DayTimeoutError after `timeout` seconds.
    """
    airflow = Airflow.of(settings or get_settings())
    try:
        day = _Day(airflow, [_started(airflow, dag_id, as_of) for dag_id in EXTRACT_DAGS])
        deadline = time.monotonic() + timeout
        while True:
            runs, complete = day.follow()
            states = {run: day.state(run) for run in runs}
            on_progress(day.progress(states))
            for run, state in states.items():
                if state == "failed":
                    raise DayFailedError(_failure(airflow, run))
            if complete and set(states.values()) == {"success"}:
                return
            if time.monotonic() > deadline:
                waiting = sorted(run.dag_id for run, state in states.items() if state != "success")
                raise DayTimeoutError(
                    f"{as_of} is not done after {timeout:.0f} s; waiting for"
                    f" {', '.join(waiting) or 'runs that have not started'}"
                )
            time.sleep(_POLL_SECONDS)
    finally:
        airflow.close()


def _wait_for_other_extracts(airflow: Airflow) -> None:
    def at_work() -> list[str]:
        return [dag_id for dag_id in EXTRACT_DAGS if airflow.is_at_work(dag_id)]

    try:
        Retrying(
            retry=retry_if_result(bool),
            stop=stop_after_delay(_SECONDS_OF_A_NIGHT),
            wait=wait_fixed(_POLL_SECONDS),
        )(at_work)
    except RetryError as error:
        names = ", ".join(error.last_attempt.result())
        raise OrchestrationError(
            f"{names}: runs of another day go on for an hour; look at them in Airflow, or end them"
        ) from error


def _run_prefix(as_of: date) -> str:
    return f"day__{as_of.isoformat()}__"


def _started(airflow: Airflow, dag_id: str, as_of: date) -> Run:
    run = airflow.newest_run(dag_id, _run_prefix(as_of))
    if run is None:
        raise OrchestrationError(f"{dag_id} has no run for {as_of}: trigger the day first")
    return run


class _Day:
    """The runs of one day.

    What no longer changes is asked for once: the API server has the tasks themselves to serve.
    """

    def __init__(self, airflow: Airflow, extracts: list[Run]) -> None:
        self._airflow = airflow
        self._extracts = extracts
        self._succeeded: set[Run] = set()
        self._caused: dict[Run, set[Run]] = {}
        self._task_counts: dict[Run, int] = {}

    def follow(self) -> tuple[list[Run], bool]:
        """The runs known by now, and whether no further one is to be expected."""
        runs, level, complete = list(self._extracts), list(self._extracts), True
        for _ in (DETECT_DAG, PUBLISH_DAG):
            caused = [self._caused_by(run) for run in level]
            complete = complete and all(caused)
            level = sorted(set().union(*caused), key=lambda run: (run.dag_id, run.run_id))
            runs += level
        return runs, complete

    def state(self, run: Run) -> str:
        """Airflow's state of a run."""
        if run in self._succeeded:
            return "success"
        state = self._airflow.state(run)
        if state == "success":
            self._succeeded.add(run)
        return state

    def progress(self, states: dict[Run, str]) -> DayProgress:
        """Counts only: to list the hundreds of tasks of a detection takes the API a second."""
        missing = set(ALL_DAGS) - {run.dag_id for run in states}
        running = {
            _label(task)
            for run, state in states.items()
            if state == "running"
            for task in self._airflow.tasks(run, ("running",))
        }
        counts = [self._count_tasks(run) for run in states]
        return DayProgress(
            finished=sum(finished for finished, _ in counts),
            total=sum(total for _, total in counts)
            + sum(self._airflow.task_count(dag_id) for dag_id in missing),
            running=", ".join(sorted(running)),
            states={run.dag_id: state for run, state in states.items()},
        )

    def _caused_by(self, run: Run) -> set[Run]:
        """An extract tells of its news once, so that a run that is known is the only one."""
        if run not in self._caused:
            caused = self._airflow.caused_by(run)
            if not caused:
                return caused
            self._caused[run] = caused
        return self._caused[run]

    def _count_tasks(self, run: Run) -> tuple[int, int]:
        """How many tasks of a run have finished, and how many it has."""
        if run in self._task_counts:
            return self._task_counts[run], self._task_counts[run]
        total = self._airflow.count_tasks(run)
        if run in self._succeeded:
            self._task_counts[run] = total
            return total, total
        return self._airflow.count_tasks(run, _FINISHED), total


def _task_instances(run: Run) -> str:
    return f"/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances"


def _label(task: dict[str, Any]) -> str:
    mapped = task.get("rendered_map_index")
    return f"{task['dag_id']}.{task['task_id']}" + (f"[{mapped}]" if mapped else "")


def _failure(airflow: Airflow, run: Run) -> str:
    failed = airflow.tasks(run, ("failed",))
    if not failed:
        return f"{run.dag_id} ({run.run_id}) failed without a failed task"
    failed.sort(key=lambda t: (not t["task_id"].endswith(_PRODUCER), t["end_date"] or ""))
    first = failed[0]
    names = ", ".join(_label(task) for task in failed)
    return f"failed: {names}\nthe end of the log of {_label(first)}:\n{airflow.log_tail(first)}"


def _log_lines(entry: dict[str, Any] | str) -> Iterable[str]:
    """A structured log entry as lines: its event, then type and text of its exceptions."""
    if isinstance(entry, str):
        return [entry]
    raised = [f"{e['exc_type']}: {e['exc_value']}" for e in entry.get("error_detail") or []]
    return [str(entry.get("event", "")), *raised]


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        kind = AirflowFaultError if answer.is_server_error else OrchestrationError
        raise kind(
            f"Airflow answers {answer.status_code} to {answer.request.method}"
            f" {answer.request.url.path}: {answer.text[:1000]}"
        )
    return answer
