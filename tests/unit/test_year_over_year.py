"""What the overview says of a month and the same month of the year before, by its own SQL."""

from pathlib import Path

import duckdb
import pytest

from qinglian.dashboards.assets import Assets
from qinglian.settings import repository_root

ASSETS = Assets.read(repository_root() / "superset" / "assets")
DATASET = next(d for d in ASSETS.datasets.values() if d.title == "lead_year_over_year")
METRICS = {m["metric_name"]: m["expression"] for m in DATASET.content["metrics"]}
INSERT = (
    "insert into marts.organisation_family_month"
    " (org_code, family, period_month, light, lead_count, red_count, risk_gross, risk_fund)"
)


@pytest.fixture
def marts() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema marts")
    ddl = Path(__file__).parents[1] / "fake_organisation.sql"
    connection.execute(ddl.read_text("utf-8"))
    return connection


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ([], (7, None, "无上年数据")),
        ([("H1", "2024-02-01", "yellow", 9)], (7, None, "无上年数据")),
        ([("H1", "2024-03-01", "grey", 0)], (7, None, "无上年数据")),
        ([("H1", "2024-03-01", "yellow", 3)], (7, 3, "上年数据不全")),
        ([("H1", "2024-03-01", "red", 3), ("H2", "2024-03-01", "green", 0)], (7, 3, "4 条")),
    ],
)
def test_a_year_without_data_is_said_and_not_taken_for_zero(
    marts: duckdb.DuckDBPyConnection, before: list[tuple[object, ...]], shown: tuple[object, ...]
) -> None:
    rows = [("H1", "2025-03-01", "red", 5), ("H2", "2025-03-01", "yellow", 2), *before]
    for org_code, month, light, leads in rows:
        marts.execute(
            f"{INSERT} values (?, 'billing', ?, ?, ?, 0, 0, 0)", [org_code, month, light, leads]
        )
    expressions = ", ".join(METRICS[name] for name in ("leads", "leads_before", "change_zh"))
    found = marts.execute(
        f"select {expressions} from {DATASET.relation} where period_month = date '2025-03-01'"
    ).fetchone()
    assert found == shown
