"""Airflow's database: migrated, with roles and an administrator, or left alone when it is."""

import hashlib
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import psycopg
from pydantic import BaseModel, ValidationError

from qinglian.services.airflow_environment import (
    ADMIN_PASSWORD_SECRET,
    ADMIN_USER,
    airflow_environment,
)
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

_VERSIONED = ("apache-airflow", "apache-airflow-providers-fab")


class AirflowSetupError(RuntimeError):
    """Airflow's database could not be brought to the installed version."""


class _SetUp(BaseModel, frozen=True):
    """What the last set-up left behind; the next one is skipped while all of it still holds."""

    versions: dict[str, str]
    revisions: list[str]
    admin_password_digest: str


def initialise_airflow(settings: Settings, server: Server) -> bool:
    """Migrate Airflow's database, create its roles and its administrator.

    Returns whether anything had to be done: a database at the head of the installed version with
    the right administrator is recognised with one query and without importing Airflow.
    Raises AirflowSetupError with the end of the log.
    """
    password = server.secrets.get(ADMIN_PASSWORD_SECRET)
    record = settings.state_dir / "airflow" / "set_up.json"
    if _is_set_up(record, server, password):
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
    record.write_text(_current(server, password).model_dump_json(indent=2) + "\n", "utf-8")
    return True


def _is_set_up(record: Path, server: Server, password: str) -> bool:
    try:
        last = _SetUp.model_validate_json(record.read_text("utf-8"))
        return last == _current(server, password)
    except (FileNotFoundError, ValidationError, json.JSONDecodeError, psycopg.Error):
        return False


def _current(server: Server, password: str) -> _SetUp:
    with server.connect("airflow", "airflow") as connection:
        revisions = connection.execute(
            "select version_num from alembic_version"
            " union all select version_num from alembic_version_fab"
            " union all select username from ab_user where username = %s and active"
            " order by 1",
            (ADMIN_USER,),
        ).fetchall()
    digest = hashlib.sha256(password.encode()).hexdigest()
    return _SetUp(
        versions={name: version(name) for name in _VERSIONED},
        revisions=[str(row[0]) for row in revisions],
        admin_password_digest=digest,
    )
