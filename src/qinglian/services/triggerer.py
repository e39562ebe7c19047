"""Airflow's triggerer, which does for the task of a model no more than that task needs.

Airflow sends the whole DAG along with each task that starts in the triggerer, to render its fields,
and asks the DAG processor to parse the DAG's file when it ends, to look for callbacks. The tasks of
models (`qinglian.dbt_watch`) have neither, and there is one for each of some 230 tables. Between
two looks for new triggers Airflow waits for a second, or until any trigger asks for anything: where
a hundred wait for their models and ask every few seconds, it would look without a pause. And for
each task it makes the objects of the whole DAG from their description, which are the same ones.
"""

import functools
import runpy
import sys
from collections.abc import Callable
from time import monotonic
from typing import Any
from uuid import UUID

from airflow.callbacks.callback_requests import CallbackRequest, TaskCallbackRequest
from airflow.callbacks.database_callback_sink import DatabaseCallbackSink
from airflow.executors.workloads.trigger import RunTrigger
from airflow.jobs.triggerer_job_runner import TriggerRunnerSupervisor
from airflow.models.serialized_dag import SerializedDagModel

from qinglian.dbt_watch import MODEL_TRIGGER

SECONDS_BETWEEN_LOOKS = 1.0


def lighten() -> None:
    """Change this process's triggerer: tasks of models start without their DAG and end silently,
    new and forgotten triggers are looked for once a second, and a DAG is made once a version.
    """
    watched: set[UUID] = set()
    create_workload = TriggerRunnerSupervisor._create_workload
    send = DatabaseCallbackSink.send

    @functools.wraps(create_workload)
    def without_dag(*args: Any, **kwargs: Any) -> RunTrigger | None:
        workload: RunTrigger | None = create_workload(*args, **kwargs)
        if workload is None or workload.ti is None or workload.classpath != MODEL_TRIGGER:
            return workload
        watched.add(workload.ti.id)
        return workload.model_copy(update={"dag_data": None, "dag_run_data": None})

    @functools.wraps(send)
    def but_of_models(
        sink: DatabaseCallbackSink, callback: CallbackRequest, *args: Any, **kwargs: Any
    ) -> None:
        if isinstance(callback, TaskCallbackRequest) and callback.ti.id in watched:
            watched.discard(callback.ti.id)
        else:
            send(sink, callback, *args, **kwargs)

    for look in ("load_triggers", "clean_unused"):
        seldom = _at_intervals(getattr(TriggerRunnerSupervisor, look))
        setattr(TriggerRunnerSupervisor, look, seldom)
    make_dag: Any = SerializedDagModel.dag.fget  # type: ignore[attr-defined]
    SerializedDagModel.dag = property(_once_a_version(make_dag))  # type: ignore[method-assign, assignment]
    TriggerRunnerSupervisor._create_workload = without_dag  # type: ignore[method-assign]
    DatabaseCallbackSink.send = but_of_models  # type: ignore[method-assign, assignment]


def _at_intervals(look: Callable[[Any], None]) -> Callable[[Any], None]:
    """`look`, but not again before a second has passed since it last ended."""
    not_before = 0.0

    @functools.wraps(look)
    def seldom(supervisor: Any) -> None:
        nonlocal not_before
        if monotonic() >= not_before:
            look(supervisor)
            not_before = monotonic() + SECONDS_BETWEEN_LOOKS

    return seldom


def _once_a_version(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`make` the DAG of a model of Airflow's, unless it was made of the same description before."""
    made: dict[str, tuple[str, Any]] = {}

    @functools.wraps(make)
    def dag(model: Any) -> Any:
        description, known = made.get(model.dag_id, ("", None))
        if description != model.dag_hash:
            known = make(model)
            made[model.dag_id] = (model.dag_hash, known)
        return known

    return dag


def main() -> None:
    """`airflow triggerer` with the arguments of this process."""
    lighten()
    sys.argv[:] = ["airflow", "triggerer", *sys.argv[1:]]
    runpy.run_module("airflow", run_name="__main__")


if __name__ == "__main__":
    main()
