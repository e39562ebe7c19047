"""One Airflow task a dbt model that costs no worker: it waits and ends in the triggerer.

Cosmos' own sensors start a process twice a model, to defer and to resume. With some fifty models
on a small machine those starts outweigh the queries that are being watched. These tasks start from
the trigger and end with its event; dbt itself runs once, in Cosmos' producer task.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, ClassVar

from airflow.sdk import BaseOperator, TaskGroup
from airflow.sdk.definitions.param import ParamsDict
from airflow.triggers.base import (
    BaseTaskEndEvent,
    BaseTrigger,
    StartTriggerArgs,
    TaskFailedEvent,
    TaskSkippedEvent,
    TaskSuccessEvent,
    TriggerEvent,
)
from cosmos.airflow.task_group import DbtTaskGroup
from cosmos.constants import PRODUCER_WATCHER_TASK_ID, DbtResourceType
from cosmos.operators._watcher.state import (
    PRODUCER_TERMINAL_STATES,
    is_dbt_node_status_skipped,
    is_dbt_node_status_success,
)
from cosmos.operators._watcher.triggerer import WatcherTrigger

POLL_SECONDS = 5.0

#: Where Airflow finds the trigger of a model; `qinglian.services.triggerer` knows it by this.
MODEL_TRIGGER = f"{__name__}.ModelTrigger"

#: Events of dbt that say of a node what `NodeFinished` says too, or nothing that anybody waits for.
_BETWEEN = frozenset(
    {
        "NodeStart",
        "NodeCompiling",
        "NodeExecuting",
        "LogModelResult",
        "LogSeedResult",
        "LogSnapshotResult",
        "LogTestResult",
    }
)

#: What the names of models begin with that are a step of others: of indicators, of identities.
_STEPS = ("int_", "dq_")

#: Flags of the producer: Cosmos leaves tests out of a build whose tests have no tasks.
WITH_TESTS = ["--resource-type", "test"]


class ModelTrigger(WatcherTrigger):  # type: ignore[misc]
    """Ends its task as the model ends in the producer's `dbt build`."""

    def __init__(self, model_unique_id: str, producer_task_id: str) -> None:
        BaseTrigger.__init__(self)  # type: ignore[no-untyped-call]
        # Which run it is becomes known with the task instance, when the trigger starts.
        super().__init__(
            model_unique_id=model_unique_id,
            producer_task_id=producer_task_id,
            dag_id="",
            run_id="",
            map_index=None,
            poke_interval=POLL_SECONDS,
        )

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            MODEL_TRIGGER,
            {
                "model_unique_id": self.model_unique_id,
                "producer_task_id": self.producer_task_id,
            },
        )

    #: When the producer of a DAG run was last asked about, and its state: one answer serves all
    #: models of the run. Dozens of triggers that each asked would keep the API server busy, and
    #: with it the producer, which reports each node there.
    _producers: ClassVar[dict[tuple[str, str], tuple[float, str | None]]] = {}

    async def _producer_status(self) -> str | None:
        run = (self.dag_id, self.run_id)
        asked_at, status = self._producers.get(run, (0.0, None))
        now = time.monotonic()
        if now - asked_at >= POLL_SECONDS:
            self._producers[run] = (now, status)
            status = await self._get_producer_task_status()
            self._producers[run] = (now, status)
        return status

    async def run(self) -> AsyncIterator[TriggerEvent]:
        task = self.task_instance
        if task is None:
            raise RuntimeError(f"{self.model_unique_id} is watched outside of a task")
        self.dag_id, self.run_id, self.map_index = task.dag_id, task.run_id, task.map_index
        while True:
            status = await self._get_node_status()
            if status is None:
                producer = await self._producer_status()
                if producer not in PRODUCER_TERMINAL_STATES:
                    await asyncio.sleep(POLL_SECONDS)
                    continue
                # What it reported between the two questions still counts.
                # A producer that Cosmos skipped has built nothing: that must not look green.
                silent = "success" if producer == "success" else "failed"
                status = await self._get_node_status() or silent
            yield self._outcome(str(status))
            return

    def _outcome(self, status: str) -> BaseTaskEndEvent:
        if is_dbt_node_status_success(status):
            return TaskSuccessEvent()
        if is_dbt_node_status_skipped(status):
            return TaskSkippedEvent()
        self.log.error(
            "%s ended as %s; the reason stands in the log of the task %s",
            self.model_unique_id,
            status,
            self.producer_task_id,
        )
        return TaskFailedEvent()


class WatchedModel(BaseOperator):
    """The task of one dbt model."""

    start_from_trigger = True

    def __init__(self, *, model_unique_id: str, producer_task_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # The DAG's parameters came along; the triggerer would read them anew for each task of the
        # DAG with each trigger, which is half of what it does.
        self.params = ParamsDict()
        self.model_unique_id = model_unique_id
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls=MODEL_TRIGGER,
            trigger_kwargs={
                "model_unique_id": model_unique_id,
                "producer_task_id": producer_task_id,
            },
            next_method="execute_complete",
        )

    def execute(self, context: Any) -> None:
        raise RuntimeError(f"{self.model_unique_id} runs in the task {PRODUCER_WATCHER_TASK_ID}")


def watched_model(**node: Any) -> WatchedModel | None:
    """Converter for ``RenderConfig.node_converters``: the task of a model, seed or snapshot.

    A view has none: it computes nothing, what stands in it is computed by the models that read it.
    Neither has a step (`int_*`, `dq_*`): it is a part of the models that read it, and fails with
    them.
    """
    dbt_node = node["node"]
    if not _is_watched(dbt_node.name, dbt_node.config.get("materialized")):
        return None
    group = node["task_group"]
    return WatchedModel(
        task_id=node["task_id"],
        dag=node["dag"],
        task_group=group,
        model_unique_id=node["node"].unique_id,
        producer_task_id=group.child_id(PRODUCER_WATCHER_TASK_ID),
        retries=0,
    )


#: What becomes a task, and how.
NODE_CONVERTERS = dict.fromkeys(
    (DbtResourceType.MODEL, DbtResourceType.SEED, DbtResourceType.SNAPSHOT), watched_model
)


def link_across_steps(models: DbtTaskGroup) -> None:
    """Let a model's task follow those of the models that its steps read.

    Cosmos links a model to what it reads itself; a model that reads steps only would be watched
    from the beginning of the run.
    """
    nodes, tasks = models.dbt_graph.filtered_nodes, models.tasks_map

    def tasks_before(node_id: str) -> set[str]:
        found: set[str] = set()
        for parent in nodes[node_id].depends_on:
            if parent in nodes:
                found |= {parent} if tasks.get(parent) else tasks_before(parent)
        return found

    for node_id in nodes:
        task = tasks.get(node_id)
        for before in tasks_before(node_id) if task else ():
            if tasks[before].task_id not in task.upstream_task_ids:
                tasks[before] >> task


def report_ends_only(models: TaskGroup) -> None:
    """Let the producer of a Cosmos group tell the API server of a node once, when it has ended, and
    only of those that have a task.

    Cosmos reports each step of a node, tests included, up to eight times a model and one at a time,
    so that a build of 171 nodes took 90 s of which dbt needed 40. What these events say still goes
    to the task's log.
    """
    producer: Any = models.children[f"{models.group_id}.{PRODUCER_WATCHER_TASK_ID}"]
    make_parser = producer._make_parse_callable

    def parser_of_ends() -> Callable[[str, dict[str, Any]], None]:
        parse = make_parser()

        def ends(line: str, context: dict[str, Any]) -> None:
            # Without the project's folder Cosmos does not push the SQL of every model either.
            told = {name: value for name, value in context.items() if name != "project_dir"}
            parse(told_once(line), told)

        return ends

    producer._make_parse_callable = parser_of_ends


def told_once(line: str) -> str:
    """A line of dbt's JSON log as Cosmos shall read it: without its node, unless it says how one
    ended that has a task; and then under a name of which Cosmos keeps no second record.
    """
    try:
        event = json.loads(line)
    except json.JSONDecodeError:
        return line
    data, info = event.get("data", {}), event.get("info", {})
    node = data.get("node_info", {})
    if info.get("name") in _BETWEEN or not _has_task(node):
        data.pop("node_info", None)
    if info.get("name") == "NodeFinished":
        info["name"] = "NodeEnded"
    return json.dumps(event)


def _has_task(node: dict[str, Any]) -> bool:
    return node.get("resource_type") != "test" and _is_watched(
        str(node.get("node_name")), node.get("materialized")
    )


def _is_watched(name: str, materialized: str | None) -> bool:
    return materialized != "view" and not name.startswith(_STEPS)
