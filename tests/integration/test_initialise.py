"""`qinglian init`: everything that services need, and no service."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from qinglian.services.lifecycle import down, initialise, status
from qinglian.settings import Settings
from qinglian.warehouse.server import DATABASES, Server


def tables(server: Server, role: str, database: str) -> set[str]:
    with server.connect(role, database) as connection:
        rows = connection.execute(
            "select schemaname || '.' || tablename from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
    return {row[0] for row in rows}


def test_a_command_before_init_names_the_remedy(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    try:
        asked = subprocess.run(
            [sys.executable, "-m", "qinglian.cli", "ingest", "his_01"],
            env=os.environ | {"QINGLIAN_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert asked.returncode == 1
        assert "run `qinglian init`" in " ".join(asked.stdout.split())
        assert "Traceback" not in asked.stderr
    finally:
        down(settings)


def test_init_prepares_all_but_superset_and_can_be_repeated(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    steps: list[str] = []
    try:
        initialise(steps.append, settings)
        server = Server.open(settings)
        assert {"public.dag", "public.ab_user"} <= tables(server, "airflow", "airflow")
        assert {"land.his_fee", "ops.batch"} <= tables(server, "owner", "qinglian")
        assert tables(server, "superset", "superset") == set()
        assert (settings.state_dir / "dbt" / "manifest.json").exists()
        assert not any(service.pid for service in status(settings).services)
        set_up = (settings.state_dir / "airflow" / "set_up.json").stat().st_mtime_ns
        initialise(steps.append, settings)
        assert (settings.state_dir / "airflow" / "set_up.json").stat().st_mtime_ns == set_up
        for database in DATABASES:
            with pytest.raises(psycopg.OperationalError, match="permission denied"):
                server.connect("city_reader", database)
    finally:
        down(settings)
