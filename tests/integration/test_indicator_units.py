"""dbt's unit tests of the indicators on a real, empty warehouse."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qinglian.settings import Settings, repository_root
from qinglian.warehouse.server import WAREHOUSE, Server

INDICATORS = sorted(
    path.stem.split("_")[1].upper()
    for path in (repository_root() / "dbt_project" / "models" / "indicators").glob("*/ind_*.sql")
)


@pytest.fixture(scope="module")
def built(server: Server, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The relations that the unit tests read, built from empty landing tables; dbt's target."""
    target = tmp_path_factory.mktemp("dbt_target")
    dbt(server, settings, target, "seed")
    dbt(server, settings, target, "run")
    return target


def dbt(server: Server, settings: Settings, target: Path, *arguments: str) -> str:
    """Run dbt as the transformer; its output is the message of a failure."""
    models = sorted(p.stem for p in settings.dbt_dir.glob("models/indicators/*/ind_*.sql"))
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"),
            *("--no-use-colors", *arguments),
            *("--project-dir", str(settings.dbt_dir), "--profiles-dir", str(settings.dbt_dir)),
            *("--target-path", str(target), "--log-path", str(target)),
            *("--vars", json.dumps({"detect_date": "2026-01-31", "indicator_models": models})),
        ],
        env=os.environ
        | {
            "QINGLIAN_DBT_HOST": server.host,
            "QINGLIAN_DBT_PORT": str(server.port),
            "QINGLIAN_DBT_USER": server.user("transformer"),
            "QINGLIAN_DBT_PASSWORD": server.password("transformer"),
            "QINGLIAN_DBT_DBNAME": WAREHOUSE,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    return done.stdout


def test_every_unit_test_of_the_indicators_passes(
    built: Path, server: Server, settings: Settings
) -> None:
    dbt(server, settings, built, "test", "--select", "test_type:unit")
    results = json.loads((built / "run_results.json").read_text("utf-8"))["results"]
    passed = {result["unique_id"].split(".")[-1] for result in results}
    for indicator in INDICATORS:
        prefix = indicator.lower() + "_"
        assert any(name.startswith(prefix) for name in passed), f"{indicator} has no unit test"


def test_every_indicator_returns_the_agreed_columns(built: Path, server: Server) -> None:
    with server.connect("transformer") as connection:
        rows = connection.execute(
            """
            select table_name, array_agg(column_name || ' ' || data_type order by ordinal_position)
            from information_schema.columns
            where table_schema = 'indicators' and table_name like 'ind\\_%'
            group by table_name
            """
        ).fetchall()
    assert len(rows) == len(INDICATORS)
    first_table, agreed = rows[0]
    for table, columns in rows[1:]:
        assert columns == agreed, f"{table} and {first_table} return different columns"
