"""How the task of a model ends, by what the producer said and how it ended itself."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from cosmos.operators._watcher.base import store_dbt_resource_status_from_log
from cosmos.operators._watcher.state import get_status_xcom_key

from qinglian.dbt_watch import ModelTrigger, told_once


@pytest.mark.parametrize(
    ("node", "producer", "ends"),
    [
        ("success", "running", "success"),
        ("error", "running", "failed"),
        ("skipped", "running", "skipped"),
        (None, "success", "success"),  # an ephemeral model: dbt says nothing of it
        (None, "failed", "failed"),
        (None, "skipped", "failed"),  # Cosmos skips a second attempt, so nothing was built
        (None, "upstream_failed", "failed"),
    ],
)
def test_outcome(
    node: str | None, producer: str, ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def node_status(_: ModelTrigger) -> str | None:
        return node

    async def producer_status(_: ModelTrigger) -> str:
        return producer

    monkeypatch.setattr(ModelTrigger, "_producers", {})
    monkeypatch.setattr(ModelTrigger, "_get_node_status", node_status)
    monkeypatch.setattr(ModelTrigger, "_get_producer_task_status", producer_status)
    event = asyncio.run(anext(_trigger("lead").run()))
    assert event.task_instance_state == ends


def test_all_models_of_a_run_share_one_question_about_the_producer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    async def node_status(_: ModelTrigger) -> str | None:
        return None

    async def producer_status(trigger: ModelTrigger) -> str:
        asked.append(trigger.model_unique_id)
        return "success"

    async def ends_of(names: list[str]) -> list[str]:
        events = [await anext(_trigger(name).run()) for name in names]
        return [event.task_instance_state for event in events]

    monkeypatch.setattr(ModelTrigger, "_producers", {})
    monkeypatch.setattr(ModelTrigger, "_get_node_status", node_status)
    monkeypatch.setattr(ModelTrigger, "_get_producer_task_status", producer_status)
    assert asyncio.run(ends_of(["lead", "indicator", "fct_stay"])) == ["success"] * 3
    assert asked == ["model.qinglian.lead"]


@pytest.mark.parametrize(
    ("event", "resource_type", "name", "materialized", "is_told"),
    [
        ("NodeStart", "model", "lead", "table", False),
        ("NodeExecuting", "model", "lead", "table", False),
        ("LogModelResult", "model", "lead", "table", False),
        ("NodeFinished", "model", "lead", "table", True),
        ("NodeFinished", "model", "fct_stay", "incremental", True),
        ("NodeFinished", "seed", "code_label", "seed", True),
        ("NodeFinished", "test", "lead_unique", "test", False),
        ("NodeFinished", "model", "stg_his__stay", "view", False),
        ("NodeFinished", "model", "int_bid_pair", "table", False),
        ("NodeFinished", "model", "dq_stay", "table", False),
        ("SkippingDetails", "model", "lead", "table", True),
        ("RunResultError", "model", "lead", "table", True),
    ],
)
def test_a_node_with_a_task_is_told_of_when_it_has_ended(
    event: str, resource_type: str, name: str, materialized: str, is_told: bool
) -> None:
    node = {
        "unique_id": f"{resource_type}.qinglian.{name}",
        "resource_type": resource_type,
        "node_name": name,
        "materialized": materialized,
    }
    line = {"info": {"name": event, "msg": "said"}, "data": {"node_info": node, "index": 1}}
    kept = json.loads(told_once(json.dumps(line)))
    assert kept["info"]["msg"] == "said"
    assert ("node_info" in kept["data"]) == is_told


def test_cosmos_tells_airflow_once_how_a_model_ended() -> None:
    """By its own parser, which keeps a second record of events whose name it knows."""
    told: dict[str, Any] = {}
    task = SimpleNamespace(xcom_push=lambda key, value: told.update({key: value}))
    node = {
        "unique_id": "model.qinglian.lead",
        "resource_type": "model",
        "node_name": "lead",
        "materialized": "table",
        "node_status": "success",
    }
    line = {"info": {"name": "NodeFinished", "level": "debug"}, "data": {"node_info": node}}
    store_dbt_resource_status_from_log(
        told_once(json.dumps(line)), {"context": {"ti": task}}, should_generate_model_uris=False
    )
    assert told == {
        get_status_xcom_key("model.qinglian.lead"): {"status": "success", "outlet_uris": []}
    }


def test_what_is_no_json_passes() -> None:
    assert told_once("Running with dbt") == "Running with dbt"


def _trigger(model: str) -> ModelTrigger:
    trigger = ModelTrigger(f"model.qinglian.{model}", "dbt.dbt_producer_watcher")
    trigger._task_instance = SimpleNamespace(
        dag_id="detect", run_id="r", map_index=-1, task_id=f"dbt.{model}_run"
    )
    return trigger
