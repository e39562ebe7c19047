"""A MariaDB server of a test's own: temporary folder, free port, generated password."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pytest

START_SECONDS = 30


@dataclass(frozen=True)
class MariaDb:
    """A running server with the account `root` on its port."""

    port: int
    password: str

    def connect(self, database: str | None = None) -> "pymysql.connections.Connection[Any]":
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user="root", password=self.password,
            database=database, autocommit=True, charset="utf8mb4",
        )  # fmt: skip

    def run(self, script: str, database: str | None = None) -> None:
        """Execute the statements of a script, which end with a semicolon at the end of a line."""
        with self.connect(database) as connection, connection.cursor() as cursor:
            for statement in script.split(";\n"):
                if statement.strip():
                    cursor.execute(statement)


@contextmanager
def mariadb_server() -> Iterator[MariaDb]:
    """Start a server and stop it afterwards; skips where Debian's package is not installed."""
    daemon, install = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
    if daemon is None or install is None:
        pytest.skip("MariaDB is not on this machine; .ci/run installs mariadb-server")
    with tempfile.TemporaryDirectory(prefix="qinglian-mariadb-") as name:
        folder = Path(name)
        options = ["--no-defaults", f"--datadir={folder / 'data'}"]
        if os.geteuid() == 0:
            options.append("--user=root")  # asked for in so many words, or it refuses
        subprocess.run(
            [install, *options, "--skip-test-db", "--auth-root-authentication-method=normal"],
            check=True, capture_output=True,
        )  # fmt: skip
        port, password = _free_port(), secrets.token_urlsafe(16)
        start = folder / "start.sql"
        start.write_text(
            f"set password for root@localhost = password('{password}');\n"
            f"create or replace user root@'127.0.0.1' identified by '{password}';\n"
            "grant all on *.* to root@'127.0.0.1' with grant option;\n"
        )
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [daemon, *options, f"--port={port}", "--bind-address=127.0.0.1",
                 "--skip-name-resolve", f"--socket={folder / 'socket'}",
                 f"--pid-file={folder / 'pid'}", f"--init-file={start}",
                 "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M"],
                stdout=log, stderr=log,
            )  # fmt: skip
        try:
            server = MariaDb(port, password)
            _wait(server, process, folder / "log")
            yield server
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def _wait(server: MariaDb, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(START_SECONDS * 5):
        if process.poll() is not None:
            break
        try:
            server.connect().close()
        except pymysql.err.OperationalError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"MariaDB did not start: {log.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
