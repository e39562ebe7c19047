"""How the task of a model ends, by what the producer said and how it ended itself."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from qinglian.dbt_watch import ModelTrigger, without_node


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
    ("event", "resource_type", "is_told"),
    [
        ("NodeStart", "model", False),
        ("NodeExecuting", "model", False),
        ("LogModelResult", "model", False),
        ("NodeFinished", "model", True),
        ("NodeFinished", "seed", True),
        ("NodeFinished", "test", False),
        ("SkippingDetails", "model", True),
        ("RunResultError", "model", True),
    ],
)
def test_a_node_is_told_of_when_it_has_ended(event: str, resource_type: str, is_told: bool) -> None:
    node = {"unique_id": "model.qinglian.lead", "resource_type": resource_type}
    line = {"info": {"name": event, "msg": "said"}, "data": {"node_info": node, "index": 1}}
    kept = json.loads(without_node(json.dumps(line)))
    assert kept["info"] == line["info"]
    assert ("node_info" in kept["data"]) == is_told


def test_what_is_no_json_passes() -> None:
    assert without_node("Running with dbt") == "Running with dbt"


def _trigger(model: str) -> ModelTrigger:
    trigger = ModelTrigger(f"model.qinglian.{model}", "dbt.dbt_producer_watcher")
    trigger._task_instance = SimpleNamespace(
        dag_id="detect", run_id="r", map_index=-1, task_id=f"dbt.{model}_run"
    )
    return trigger
