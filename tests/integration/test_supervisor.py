"""A real supervisord: kills are recovered from, and nothing is left behind."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from qinglian.services.supervisor import SupervisedProgram, Supervisor, SupervisorError

#: A program with a child of its own in another process group, as Airflow's tasks are.
_PARENT = (
    "import subprocess, sys, time;"
    "print('child', subprocess.Popen(['sleep', '600'], process_group=0).pid, flush=True);"
    "time.sleep(600)"
)
PROGRAMS = [
    SupervisedProgram("parent", (sys.executable, "-c", _PARENT)),
    SupervisedProgram("sleeper", ("sleep", "600")),
]


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    state = tmp_path / "state"
    state.mkdir()
    one = Supervisor(state_dir=state, logs_dir=tmp_path / "logs")
    yield one
    one.stop()


def eventually(condition: Callable[[], bool]) -> bool:
    for _ in range(300):
        if condition():
            return True
        time.sleep(0.1)
    return False


def pids(supervisor: Supervisor) -> dict[str, int | None]:
    return {name: process.pid for name, process in (supervisor.states() or {}).items()}


def start(supervisor: Supervisor) -> dict[str, int | None]:
    supervisor.start(PROGRAMS, os.environ)
    assert eventually(lambda: all(pids(supervisor).values()))
    assert eventually(lambda: "child" in supervisor.log_tail("parent"))
    return pids(supervisor)


def family(supervisor: Supervisor) -> list[psutil.Process]:
    """supervisord, the programs and the program's child."""
    session = supervisor.leftovers()
    assert len(session) == 4, session
    return session


def test_a_killed_program_comes_back(supervisor: Supervisor) -> None:
    first = start(supervisor)["sleeper"]
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: pids(supervisor).get("sleeper") not in (None, first))


def test_starting_twice_changes_nothing(supervisor: Supervisor) -> None:
    assert start(supervisor) == start(supervisor)


def test_another_configuration_replaces_the_programs(supervisor: Supervisor) -> None:
    start(supervisor)
    supervisor.start(PROGRAMS[:1], os.environ)
    assert eventually(lambda: set(pids(supervisor)) == {"parent"})


def test_stop_leaves_no_process(supervisor: Supervisor) -> None:
    start(supervisor)
    processes = family(supervisor)
    supervisor.stop()
    assert not any(process.is_running() for process in processes)
    assert supervisor.states() is None
    supervisor.stop()


def test_stop_finds_what_a_killed_supervisor_left(supervisor: Supervisor) -> None:
    start(supervisor)
    processes = family(supervisor)
    leader = next(p for p in processes if os.getsid(p.pid) == p.pid)
    leader.kill()
    assert eventually(lambda: supervisor.states() is None)
    assert [p for p in processes if p != leader and p.is_running()]
    supervisor.stop()
    assert eventually(lambda: not any(p.is_running() for p in processes if p != leader))
    assert supervisor.leftovers() == []


def test_a_killed_supervisor_is_started_again(supervisor: Supervisor) -> None:
    before = start(supervisor)
    leader = next(p for p in family(supervisor) if os.getsid(p.pid) == p.pid)
    leader.kill()
    assert eventually(lambda: supervisor.states() is None)
    supervisor.start(PROGRAMS, os.environ)
    assert eventually(lambda: all(pids(supervisor).values()))
    assert not set(before.values()) & set(pids(supervisor).values())


def test_a_program_is_found_by_its_mark_alone(supervisor: Supervisor) -> None:
    orphan = psutil.Popen(["sleep", "600"], env={**os.environ, **supervisor.marker})
    assert eventually(lambda: orphan in supervisor.leftovers())
    supervisor.stop()
    assert not orphan.is_running()


def test_supervisord_that_cannot_start_says_why(supervisor: Supervisor) -> None:
    with pytest.raises(SupervisorError, match="unknown program"):
        supervisor.start([SupervisedProgram("broken name\n[x", ("true",))], os.environ)
