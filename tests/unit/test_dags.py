"""The DAG files: what Airflow's own importer makes of them, and the house rules."""

import ast
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from qinglian.settings import Settings, repository_root

DAGS = repository_root() / "dags"
SYSTEMS = ("his", "procurement", "insurance", "supervision", "reference")
EXTRACTS = {f"extract_{system}" for system in SYSTEMS}
EXPECTED = {*EXTRACTS, "extract_deliveries", "detect", "maintain", "publish"}
HEAVY = {"dbt", "great_expectations", "pandas", "duckdb", "connectorx", "pyarrow", "superset"}

_PARSE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder=sys.argv[1], collect_dags=True)
heavy = sorted(set(json.loads(sys.argv[2])) & {name.split(".")[0] for name in sys.modules})
print("RESULT", json.dumps({
    "errors": {str(k): v for k, v in bag.import_errors.items()},
    "heavy": heavy,
    "dags": {
        dag_id: {
            "timezone": str(dag.timezone),
            "catchup": dag.catchup,
            "max_active_runs": dag.max_active_runs,
            "tags": sorted(dag.tags),
            "params": sorted(dag.params),
            "owners": sorted({task.owner for task in dag.tasks}),
            "tasks": sorted(task.task_id for task in dag.tasks),
            "upstream": {task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks},
            "outlets": sorted(a.name for task in dag.tasks for a in task.outlets),
            "schedule": type(dag.timetable).__name__,
            "file": dag.fileloc,
        }
        for dag_id, dag in bag.dags.items()
    },
}))
"""


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The DAGs as an Airflow process of its own reads them from the absolute path."""
    return _parse(tmp_path_factory.mktemp("state"), {})


def _parse(home: Path, configured: dict[str, str]) -> dict[str, Any]:
    manifest = home / "dbt" / "manifest.json"
    manifest.parent.mkdir()
    manifest.write_text(json.dumps({"metadata": {}, "nodes": _models(), "sources": {}}))
    environment = {
        **os.environ,
        "QINGLIAN_HOME": str(home),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": Settings().timezone,  # as the services set it
        "AIRFLOW__COSMOS__ENABLE_MEMORY_OPTIMISED_IMPORTS": "True",
        "AIRFLOW__COSMOS__CACHE_DIR": str(home / "cosmos"),
        "DO_NOT_TRACK": "1",
        **configured,
    }
    done = subprocess.run(
        [sys.executable, "-c", _PARSE, str(DAGS), json.dumps(sorted(HEAVY))],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    results = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert results, done.stderr[-3000:]
    parsed: dict[str, Any] = json.loads(results[0].removeprefix("RESULT "))
    return parsed


def _models() -> dict[str, Any]:
    """A view and three tables, one after the other, as dbt writes them down."""

    def model(name: str, materialized: str, *upstream: str) -> dict[str, Any]:
        return {
            "unique_id": f"model.qinglian.{name}",
            "name": name,
            "resource_type": "model",
            "package_name": "qinglian",
            "path": f"{name}.sql",
            "original_file_path": f"models/{name}.sql",
            "fqn": ["qinglian", name],
            "tags": [],
            "config": {"materialized": materialized},
            "depends_on": {"nodes": [f"model.qinglian.{u}" for u in upstream]},
        }

    models = [
        model("stg", "view"),
        model("fact", "table", "stg"),
        model("int_step", "table", "fact"),
        model("dq_identity", "table", "fact"),
        model("mart", "table", "int_step", "dq_identity"),
    ]
    return {node["unique_id"]: node for node in models}


def test_every_file_is_imported(parsed: dict[str, Any]) -> None:
    assert not parsed["errors"], "\n".join(parsed["errors"].values())


def test_set_of_dags(parsed: dict[str, Any]) -> None:
    assert set(parsed["dags"]) == EXPECTED


def test_dags_are_local_in_time_owned_and_tagged(parsed: dict[str, Any]) -> None:
    for dag_id, dag in parsed["dags"].items():
        assert dag["timezone"] == "Asia/Shanghai", dag_id
        assert dag["owners"] == ["qinglian"], dag_id
        assert dag["tags"] == [dag_id.split("_")[0]], dag_id
        assert dag["params"] == (["again", "as_of"] if dag_id == "detect" else ["as_of"]), dag_id
        assert dag["catchup"] is False, dag_id
        assert dag["max_active_runs"] == 1, dag_id


def test_extracts_run_at_night_and_announce_their_asset(parsed: dict[str, Any]) -> None:
    for system in SYSTEMS:
        dag = parsed["dags"][f"extract_{system}"]
        assert dag["schedule"] == "CronTriggerTimetable"
        assert dag["outlets"] == [f"qinglian_{system}"]


def test_detection_and_publication_follow_the_data(parsed: dict[str, Any]) -> None:
    assert parsed["dags"]["detect"]["schedule"] == "AssetTriggeredTimetable"
    assert parsed["dags"]["detect"]["outlets"] == ["qinglian_marts"]
    assert parsed["dags"]["publish"]["schedule"] == "AssetTriggeredTimetable"
    assert parsed["dags"]["publish"]["upstream"]["warm_cache"] == ["dashboards"]


def test_every_model_but_views_and_steps_has_a_task(parsed: dict[str, Any]) -> None:
    tasks = set(parsed["dags"]["detect"]["tasks"])
    assert {"dbt.fact_run", "dbt.mart_run", "dbt.dbt_producer_watcher", "check_marts"} <= tasks
    assert not {"dbt.stg_run", "dbt.int_step_run", "dbt.dq_identity_run"} & tasks


def test_a_model_follows_what_its_steps_read(parsed: dict[str, Any]) -> None:
    assert "dbt.fact_run" in parsed["dags"]["detect"]["upstream"]["dbt.mart_run"]


def test_no_model_starts_before_it_is_known_whether_there_is_news(parsed: dict[str, Any]) -> None:
    detect = parsed["dags"]["detect"]
    assert [task for task in detect["tasks"] if not detect["upstream"][task]] == [
        "identify_suppliers"
    ]
    assert detect["upstream"]["look_for_news"] == ["identify_suppliers"]


def test_parsing_loads_nothing_heavy(parsed: dict[str, Any]) -> None:
    assert parsed["heavy"] == []


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.name)
def test_a_dag_file_holds_wiring_only(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 80
    assert not path.name.startswith("dbt_"), "dbt takes dbt_*.py for its plugins and imports it"
    assert "airflow" in text.lower(), "Airflow skips files without the word in them"
    assert "dag" in text.lower()


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.name)
def test_top_of_a_dag_file_imports_nothing_heavy(path: Path) -> None:
    imported = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.split(".")[0])
            assert node.module != "qinglian.pipeline"
    assert not imported & HEAVY


def test_mails_follow_the_publication_and_the_week_where_they_are_configured(
    parsed: dict[str, Any], tmp_path: Path
) -> None:
    mailing = _parse(tmp_path, {"QINGLIAN_SMTP_HOST": "mail.example.org"})
    assert set(mailing["dags"]) == EXPECTED | {"notify"}
    assert mailing["dags"]["notify"]["tags"] == ["notify"]
    assert mailing["dags"]["publish"]["upstream"]["notify"] == ["dashboards", "data_docs"]
    assert mailing["dags"]["maintain"]["upstream"]["mail_briefs"] == ["verify"]
    assert mailing["heavy"] == []
    assert "notify" not in parsed["dags"]["publish"]["tasks"]
    assert "mail_briefs" not in parsed["dags"]["maintain"]["tasks"]


@pytest.mark.parametrize("name", ["NIGHTLY", "WEEKLY", "EVERY_FEW_MINUTES", "MORNING"])
def test_a_first_run_lies_ahead(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables import trigger
    from airflow.timetables.base import TimeRestriction

    from qinglian import scheduling

    shortly_after = datetime(2026, 11, 28, 4, 2, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Saturday
    monkeypatch.setattr(trigger, "utcnow", lambda: shortly_after)
    timetable = coerce_to_core_timetable(getattr(scheduling, name))
    first = timetable.next_dagrun_info(
        last_automated_data_interval=None,
        restriction=TimeRestriction(earliest=None, latest=None, catchup=False),
    )
    assert first is not None
    assert first.run_after > shortly_after
