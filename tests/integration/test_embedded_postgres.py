"""The embedded server must survive what happens to machines."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from qinglian.settings import Settings
from qinglian.warehouse.embedded import EmbeddedPostgres
from qinglian.warehouse.server import Server


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="qinglian-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres", "a-password")
        server.start()
        yield server
        server.stop()


def _postmaster(server: EmbeddedPostgres) -> int:
    return int((server.data_dir / "postmaster.pid").read_text().splitlines()[0])


def test_survives_a_kill(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.url + "/postgres") as connection:
        connection.execute("create table kept as select 1 as x")
    postmaster = psutil.Process(_postmaster(postgres))
    postmaster.kill()
    psutil.wait_procs([postmaster], timeout=5)
    postgres.start()
    with psycopg.connect(postgres.url + "/postgres") as connection:
        assert connection.execute("select x from kept").fetchone() == (1,)
    postgres.stop()
    assert not postgres.is_running()


def test_refuses_another_password(postgres: EmbeddedPostgres) -> None:
    wrong = postgres.url.replace("a-password", "wrong") + "/postgres"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(wrong)
    postgres.stop()


def test_roles_cannot_do_more_than_they_need(settings: Settings, server: Server) -> None:
    with (
        server.connect("reader") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("create table marts.mine (x int)")
    assert settings.secrets_path.stat().st_mode & 0o777 == 0o600
