"""Whether the programs answer, and waiting until they do."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import httpx
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from qinglian.services.programs import Program
from qinglian.services.supervisor import Supervisor


class ServiceNotHealthyError(RuntimeError):
    """A program did not become healthy in time; the message ends with its log."""


def is_healthy(program: Program, timeout: float = 5.0) -> bool:
    """Whether `program` answers now, within `timeout` seconds."""
    try:
        answer = _client().get(program.address + program.health_path, timeout=timeout)
    except httpx.HTTPError:
        return False
    if answer.status_code != httpx.codes.OK:
        return False
    if program.health_key is None:
        return True
    part = answer.json().get(program.health_key)
    return part is not None and part.get("status") == "healthy"


@cache
def _client() -> httpx.Client:
    """One for all questions: with a client of its own each would read all root certificates."""
    return httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


def all_healthy(programs: Sequence[Program]) -> dict[str, bool]:
    """Health by name, asked side by side."""
    with ThreadPoolExecutor(max_workers=len(programs)) as pool:
        return dict(zip((p.name for p in programs), pool.map(is_healthy, programs), strict=True))


def wait_until_healthy(
    programs: Sequence[Program], supervisor: Supervisor, timeout: float = 240.0
) -> None:
    """Wait until every program answers.

    Raises ServiceNotHealthyError after `timeout` seconds, or as soon as supervisord has given one
    up, naming the programs and showing the end of the first one's log.
    """

    def unhealthy() -> list[str]:
        states = supervisor.states() or {}
        given_up = [name for name, process in states.items() if process.state == "FATAL"]
        if given_up:
            raise _error(given_up, supervisor, "does not start")
        # Airflow believes in the heartbeat of a part that was killed for half a minute.
        running = {name for name, process in states.items() if process.state == "RUNNING"}
        healthy = all_healthy(programs)
        return [name for name, well in healthy.items() if not well or name not in running]

    waiting = Retrying(
        retry=retry_if_result(bool), stop=stop_after_delay(timeout), wait=wait_fixed(0.5)
    )
    try:
        waiting(unhealthy)
    except RetryError as error:
        names: list[str] = error.last_attempt.result()
        raise _error(names, supervisor, f"did not answer within {timeout:.0f} s") from None


def _error(names: list[str], supervisor: Supervisor, what: str) -> ServiceNotHealthyError:
    first = names[0]
    return ServiceNotHealthyError(
        f"{', '.join(names)} {what}; the end of {supervisor.log_path(first)}:\n"
        f"{supervisor.log_tail(first)}"
    )
