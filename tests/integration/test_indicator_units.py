"""dbt's unit tests of the indicators on a real, empty warehouse."""

import json
from datetime import date
from pathlib import Path

import pytest
from quick_unit_tests import quick_unit_tests

from qinglian.settings import Settings, repository_root
from qinglian.transform import run_dbt
from qinglian.warehouse.server import Server

DAY = date(2026, 1, 31)

#: Every indicator that has a model: ind_<id>_<name>.sql.
INDICATORS = sorted(
    path.stem.split("_")[1].upper()
    for path in repository_root().glob("dbt_project/models/indicators/*/ind_*.sql")
)


@pytest.fixture(scope="module")
def built(server: Server, settings: Settings) -> Path:
    """The relations that the unit tests read, built from empty landing tables; dbt's target."""
    run_dbt(server, ["--quiet", "seed"], DAY, settings)
    run_dbt(server, ["--quiet", "run"], DAY, settings)
    return settings.state_dir / "dbt"


def test_every_unit_test_of_the_indicators_passes(
    built: Path, server: Server, settings: Settings
) -> None:
    unit_tests = ["--quiet", "test", "--select", "test_type:unit"]
    with quick_unit_tests():
        run_dbt(server, unit_tests, DAY, settings, keep_results=True)
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
