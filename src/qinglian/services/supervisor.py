"""supervisord for one state folder: its configuration, its start, its end, what it left behind."""

import configparser
import hashlib
import io
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

import psutil
from supervisor.xmlrpc import SupervisorTransport
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from qinglian.settings import Settings

_MARKER = "QINGLIAN_SERVICE_OF"
_GROUP = "qinglian"
_LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes
_SECONDS_TO_STOP = 15
_UNREACHABLE = (OSError, HTTPException)


class SupervisorError(RuntimeError):
    """supervisord did not start, or did not do what it was told."""


@dataclass(frozen=True)
class SupervisedProgram:
    """A command line that is kept running."""

    name: str
    command: Sequence[str]


@dataclass(frozen=True)
class ProcessState:
    """What supervisord knows of a program."""

    state: str
    pid: int | None


@dataclass(frozen=True)
class Supervisor:
    """The supervisord of one installation. Its files live in `state_dir`."""

    state_dir: Path
    logs_dir: Path

    @classmethod
    def of(cls, settings: Settings) -> "Supervisor":
        """The supervisord of an installation."""
        return cls(
            state_dir=(settings.state_dir / "supervisor").resolve(),
            logs_dir=settings.logs_dir.resolve(),
        )

    @property
    def marker(self) -> dict[str, str]:
        """What a program carries in its environment, to be found when it has no supervisor."""
        return {_MARKER: str(self.state_dir)}

    @property
    def config_path(self) -> Path:
        return self.state_dir / "supervisord.conf"

    @property
    def socket_path(self) -> Path:
        """Beside the configuration, or in the system's temporary folder if that is too deep."""
        path = self.state_dir / "supervisor.sock"
        if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
            return path
        digest = hashlib.sha256(os.fsencode(self.state_dir)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"qinglian-{digest}.sock"

    def log_path(self, program: str) -> Path:
        return self.logs_dir / f"{program}.log"

    def start(self, programs: Sequence[SupervisedProgram], environment: Mapping[str, str]) -> None:
        """Run `programs` under supervisord; what runs already with this configuration stays.

        Raises SupervisorError with the end of supervisord's log.
        """
        config = self.render_config(programs, environment)
        running = self.states() is not None
        if running and self.config_path.read_text("utf-8") == config:
            self._start_stopped()
            return
        self.stop()
        self.logs_dir.mkdir(parents=True, exist_ok=True)
        self.config_path.touch(mode=0o600)
        self.config_path.write_text(config, "utf-8")
        self._spawn(environment)

    def stop(self) -> None:
        """End supervisord and everything that it, or one before it, has started."""
        if self.states() is not None:
            with self._client() as client:
                client.supervisor.stopProcessGroup(_GROUP, False)
                self._wait_until_stopped()
                client.supervisor.shutdown()
        _end(self.leftovers())
        self._session_path.unlink(missing_ok=True)
        self.socket_path.unlink(missing_ok=True)

    def states(self) -> dict[str, ProcessState] | None:
        """State and process id by program, or None when supervisord does not answer."""
        try:
            with self._client() as client:
                answer: Any = client.supervisor.getAllProcessInfo()
        except _UNREACHABLE:
            return None
        return {
            info["name"]: ProcessState(info["statename"], info["pid"] or None) for info in answer
        }

    def log_tail(self, program: str, characters: int = 3000) -> str:
        """The end of a program's log, empty when it has written none."""
        path = self.log_path(program)
        return path.read_text("utf-8", errors="replace")[-characters:] if path.exists() else ""

    def leftovers(self) -> list[psutil.Process]:
        """Living processes of this installation, whether supervisord is alive or not.

        They are known by supervisord's session, which its children keep when it is killed, and by
        a mark in their environment, should the record of the session be lost.
        """
        session = self._recorded_session()
        marked = os.fsencode(f"{_MARKER}={self.state_dir}")
        return [
            process
            for process in psutil.process_iter()
            if process.pid != os.getpid()
            and (_is_in_session(process, session) or _has_environment(process, marked))
        ]

    def render_config(
        self, programs: Sequence[SupervisedProgram], environment: Mapping[str, str]
    ) -> str:
        """The text of supervisord.conf. It holds no secrets.

        Of the installation's variables it holds a digest, so that a changed setting is a changed
        configuration and restarts the programs.
        """
        ours = sorted(item for item in environment.items() if item[0].startswith("QINGLIAN_"))
        digest = hashlib.sha256(repr(ours).encode()).hexdigest()[:16]
        config = configparser.RawConfigParser()
        config["unix_http_server"] = {"file": _escape(self.socket_path), "chmod": "0700"}
        config["supervisord"] = {
            "logfile": _escape(self.log_path("supervisord")),
            "logfile_maxbytes": "5MB",
            "logfile_backups": "1",
            "pidfile": _escape(self.state_dir / "supervisord.pid"),
            "directory": _escape(self.state_dir),
            "identifier": f"qinglian-{digest}",
            "nodaemon": "true",
            "silent": "true",
            "umask": "077",
            # Said out loud, or supervisord warns about it at every start.
            **({"user": "root"} if os.geteuid() == 0 else {}),
        }
        config["rpcinterface:supervisor"] = {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        }
        config[f"group:{_GROUP}"] = {"programs": ",".join(p.name for p in programs)}
        for program in programs:
            config[f"program:{program.name}"] = {
                "command": _escape(shlex.join(program.command)),
                "autorestart": "true",
                "startsecs": "3",
                "startretries": "20",
                "stopwaitsecs": str(_SECONDS_TO_STOP),
                "stopasgroup": "true",
                "killasgroup": "true",
                "redirect_stderr": "true",
                "stdout_logfile": _escape(self.log_path(program.name)),
                "stdout_logfile_maxbytes": "10MB",
                "stdout_logfile_backups": "2",
            }
        text = io.StringIO()
        config.write(text)
        return text.getvalue()

    @property
    def _session_path(self) -> Path:
        return self.state_dir / "supervisord.session"

    def _spawn(self, environment: Mapping[str, str]) -> None:
        with self.log_path("supervisord-start").open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.config_path)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
            )
        self._session_path.write_text(
            json.dumps({"session": process.pid, "booted": psutil.boot_time()}), "utf-8"
        )
        deadline = time.monotonic() + 30
        while self.states() is None:
            if process.poll() is not None or time.monotonic() > deadline:
                said = self.log_tail("supervisord-start") + self.log_tail("supervisord")
                raise SupervisorError(f"supervisord of {self.state_dir} did not start:\n{said}")
            time.sleep(0.1)

    def _start_stopped(self) -> None:
        """Start what was stopped by hand, or was given up after too many failures."""
        for name, process in (self.states() or {}).items():
            if process.state in {"STOPPED", "EXITED", "FATAL"}:
                with self._client() as client:
                    client.supervisor.startProcess(f"{_GROUP}:{name}", False)

    @retry(
        retry=retry_if_exception_type(TimeoutError),
        stop=stop_after_delay(_SECONDS_TO_STOP + 5),
        wait=wait_fixed(0.2),
        retry_error_callback=lambda _: None,  # what is still there is killed afterwards
    )
    def _wait_until_stopped(self) -> None:
        alive = [name for name, process in (self.states() or {}).items() if process.pid]
        if alive:
            raise TimeoutError(f"still running: {', '.join(alive)}")

    def _recorded_session(self) -> int | None:
        try:
            record = json.loads(self._session_path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        # After a reboot the number may belong to anybody.
        same_boot = abs(record["booted"] - psutil.boot_time()) < 60  # noqa: PLR2004
        return int(record["session"]) if same_boot else None

    @contextmanager
    def _client(self) -> Iterator[Any]:
        transport = SupervisorTransport(serverurl=f"unix://{self.socket_path}")
        try:
            yield ServerProxy("http://localhost", transport=transport)
        except Fault as fault:
            raise SupervisorError(
                f"supervisord of {self.state_dir}: {fault.faultString}"
            ) from fault
        finally:
            transport.close()


def _is_in_session(process: psutil.Process, session: int | None) -> bool:
    try:
        return (
            session is not None
            and os.getsid(process.pid) == session
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
        return False


def _has_environment(process: psutil.Process, entry: bytes) -> bool:
    try:
        return entry in Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _end(processes: list[psutil.Process]) -> None:
    for process in processes:
        _signal(process, kill=False)
    _, alive = psutil.wait_procs(processes, timeout=5)
    for process in alive:
        _signal(process, kill=True)
    psutil.wait_procs(alive, timeout=5)


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        if kill:
            process.kill()
        else:
            process.terminate()
    except psutil.NoSuchProcess:
        return


def _escape(value: object) -> str:
    """supervisord expands ``%(name)s`` in every value."""
    return str(value).replace("%", "%%")
