"""Airflow's database: migrated, with roles and an administrator, or left alone when it is."""

import os
import subprocess
import sys
from importlib.metadata import version

from qinglian.services.airflow_environment import (
    ADMIN_PASSWORD_SECRET,
    ADMIN_USER,
    airflow_environment,
)
from qinglian.services.set_up_record import SetUp, is_set_up, remember, set_up_of
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

_VERSIONED = ("apache-airflow", "apache-airflow-providers-fab")
_REVISIONS = ("alembic_version", "alembic_version_fab")


class AirflowSetupError(RuntimeError):
    """Airflow's database could not be brought to the installed version."""


def initialise_airflow(settings: Settings, server: Server) -> bool:
    """Migrate Airflow's database, create its roles and its administrator.

    Returns whether anything had to be done: a database at the head of the installed version with
    the right administrator is recognised with one query and without importing Airflow.
    Raises AirflowSetupError with the end of the log.
    """
    password = server.secrets.get(ADMIN_PASSWORD_SECRET)
    record = settings.state_dir / "airflow" / "set_up.json"
    if is_set_up(record, lambda: _current(server, password)):
        return False
    log = settings.logs_dir / "airflow-setup.log"
    for folder in (record.parent, log.parent):
        folder.mkdir(parents=True, exist_ok=True)
    with log.open("w") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "qinglian.services.airflow_setup"],
            input=password + "\n",
            text=True,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**os.environ, **airflow_environment(settings, server)},
            cwd=record.parent,
            check=False,
        )
    if done.returncode != 0:
        tail = log.read_text(errors="replace")[-3000:]
        raise AirflowSetupError(f"Airflow's database was not set up; the end of {log}:\n{tail}")
    remember(record, _current(server, password))
    return True


def _current(server: Server, password: str) -> SetUp:
    versions = {name: version(name) for name in _VERSIONED}
    admin = (ADMIN_USER, password)
    return set_up_of(server, "airflow", _REVISIONS, admin, versions)
