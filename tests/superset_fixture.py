"""A real Superset over a real PostgreSQL with small marts, one for the whole session.

It has a server of its own, so that its invented marts never meet those that dbt builds.
"""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fake_marts import create_marts

from qinglian.dashboards import (
    PublishReport,
    initialise_superset,
    publish_dashboards,
    serve_command,
    superset_environment,
)
from qinglian.settings import Settings
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import Server, prepare_server

#: More than an installation allows: all tests share one address.
LOGINS_PER_MINUTE = 40


@dataclass(frozen=True)
class SupersetSite:
    """A running Superset into which the repository's assets were published once."""

    url: str
    settings: Settings
    server: Server
    report: PublishReport

    def password(self, username: str) -> str:
        return self.server.secrets.get(f"SUPERSET_{username.upper()}_PASSWORD")

    def close_accounts(self, usernames: Iterable[str]) -> None:
        """Let them log in no more, so that no later warm-up makes their pages."""
        change = "update ab_user set active = false where username = any(%s)"
        with self.server.connect("superset", "superset") as connection:
            connection.execute(change, (list(usernames),))


@pytest.fixture(scope="session")
def superset_site() -> Iterator[SupersetSite]:
    """Superset on a free port; it takes about forty seconds, so all tests share it."""
    # Not below pytest's folder: it is closed to the user that PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="qinglian-superset-") as folder:
        settings = Settings(home=Path(folder))
        server = Server.open(settings)
        prepare_server(server)
        prepare_warehouse(server, [])
        create_marts(server)
        initialise_superset(settings, server)
        url, process = serve(settings, server)
        try:
            yield SupersetSite(url, settings, server, publish_dashboards(settings, server, url))
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)
            assert server.embedded is not None
            server.embedded.stop()


def serve(settings: Settings, server: Server) -> tuple[str, subprocess.Popen[bytes]]:
    """One more Superset over the same database, with this process's environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = superset_environment(settings, server) | {
        "SUPERSET_PORT": str(port),
        "SUPERSET_WORKERS": "1",
        "QINGLIAN_SUPERSET_LOGINS_PER_MINUTE": str(LOGINS_PER_MINUTE),
    }
    log = settings.logs_dir / "superset.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            serve_command(settings),
            env=environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/health", timeout=5).is_success:
                return url, process
        except httpx.TransportError:
            time.sleep(0.5)
    process.kill()
    raise RuntimeError(f"Superset did not start:\n{log.read_text('utf-8')[-2000:]}")
