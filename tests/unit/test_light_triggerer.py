"""What the triggerer leaves out for the tasks of models, and for no other task."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from airflow.callbacks.callback_requests import TaskCallbackRequest
from airflow.callbacks.database_callback_sink import DatabaseCallbackSink
from airflow.executors.workloads import TaskInstanceDTO
from airflow.executors.workloads.trigger import RunTrigger
from airflow.jobs.triggerer_job_runner import TriggerRunnerSupervisor
from airflow.models.serialized_dag import SerializedDagModel

from qinglian.dbt_watch import MODEL_TRIGGER, ModelTrigger
from qinglian.services.triggerer import lighten

OTHER_TRIGGER = "airflow.providers.standard.triggers.temporal.DateTimeTrigger"


class Triggerer:
    """Airflow's triggerer as far as it is changed: it starts a trigger and asks for callbacks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[UUID] = []
        self.looks = 0
        monkeypatch.setattr(TriggerRunnerSupervisor, "_create_workload", self._workload)
        monkeypatch.setattr(TriggerRunnerSupervisor, "load_triggers", self._look)
        monkeypatch.setattr(TriggerRunnerSupervisor, "clean_unused", lambda _: None)
        monkeypatch.setattr(SerializedDagModel, "dag", SerializedDagModel.dag)
        monkeypatch.setattr(
            DatabaseCallbackSink, "send", lambda _, callback: self.asked.append(callback.ti.id)
        )
        lighten()

    def _look(self, _: object) -> None:
        self.looks += 1

    def _workload(self, trigger: SimpleNamespace) -> RunTrigger:
        return RunTrigger(
            id=1,
            classpath=trigger.classpath,
            encrypted_kwargs="",
            ti=trigger.task_instance,
            dag_data={"dag": "of hundreds of tasks"},
            dag_run_data={"run_id": "r"},
        )

    def start(self, classpath: str) -> RunTrigger:
        task = TaskInstanceDTO(
            id=uuid4(),
            dag_version_id=uuid4(),
            task_id="t",
            dag_id="detect",
            run_id="r",
            try_number=1,
            map_index=-1,
            pool_slots=1,
            queue="default",
            priority_weight=1,
        )
        create: Any = TriggerRunnerSupervisor._create_workload
        workload = create(SimpleNamespace(classpath=classpath, task_instance=task))
        assert isinstance(workload, RunTrigger)
        return workload

    def end(self, workload: RunTrigger) -> None:
        callback = TaskCallbackRequest.model_construct(
            ti=workload.ti, filepath="detect.py", bundle_name="dags", ended=datetime.now(UTC)
        )
        DatabaseCallbackSink().send(callback)


def test_the_task_of_a_model_starts_without_its_dag_and_asks_for_no_callback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    triggerer = Triggerer(monkeypatch)
    workload = triggerer.start(MODEL_TRIGGER)
    assert (workload.dag_data, workload.dag_run_data) == (None, None)
    triggerer.end(workload)
    assert triggerer.asked == []


def test_any_other_task_keeps_both(monkeypatch: pytest.MonkeyPatch) -> None:
    triggerer = Triggerer(monkeypatch)
    workload = triggerer.start(OTHER_TRIGGER)
    assert workload.dag_data == {"dag": "of hundreds of tasks"}
    triggerer.end(workload)
    assert workload.ti is not None
    assert triggerer.asked == [workload.ti.id]


def test_new_triggers_are_looked_for_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((1.0, 1.0, 1.9, 2.0, 2.5, 2.9))
    monkeypatch.setattr("qinglian.services.triggerer.monotonic", lambda: next(clock))
    triggerer = Triggerer(monkeypatch)
    looks = []
    for _ in range(4):
        TriggerRunnerSupervisor.load_triggers(object())  # type: ignore[arg-type]
        looks.append(triggerer.looks)
    assert looks == [1, 1, 2, 2]


def test_a_dag_is_made_once_a_version(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def make(model: Any) -> object:
        made.append(model.dag_hash)
        return object()

    monkeypatch.setattr(SerializedDagModel, "dag", property(make))
    Triggerer(monkeypatch)
    dag_of: Any = SerializedDagModel.dag.fget  # type: ignore[attr-defined]
    first, again, other, changed = (
        dag_of(SimpleNamespace(dag_id=dag_id, dag_hash=dag_hash))
        for dag_id, dag_hash in (
            ("detect", "a"),
            ("detect", "a"),
            ("publish", "b"),
            ("detect", "c"),
        )
    )
    assert first is again
    assert len({id(first), id(other), id(changed)}) == 3
    assert made == ["a", "b", "c"]


def test_a_model_is_known_by_what_its_trigger_says_of_itself() -> None:
    assert ModelTrigger("model.qinglian.lead", "dbt.producer").serialize()[0] == MODEL_TRIGGER
