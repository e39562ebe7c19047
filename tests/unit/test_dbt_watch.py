"""How the task of a model ends, by what the producer said and how it ended itself."""

import asyncio
from types import SimpleNamespace

import pytest

from qinglian.dbt_watch import ModelTrigger


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

    monkeypatch.setattr(ModelTrigger, "_get_node_status", node_status)
    monkeypatch.setattr(ModelTrigger, "_get_producer_task_status", producer_status)
    trigger = ModelTrigger("model.qinglian.lead", "dbt.dbt_producer_watcher")
    trigger._task_instance = SimpleNamespace(
        dag_id="detect", run_id="r", map_index=-1, task_id="dbt.lead_run"
    )
    event = asyncio.run(anext(trigger.run()))
    assert event.task_instance_state == ends
