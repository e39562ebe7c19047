"""Airflow's triggerer, which does for the task of a model no more than that task needs.

Airflow sends the whole DAG along with each task that starts in the triggerer, to render its fields,
and asks the DAG processor to parse the DAG's file when it ends, to look for callbacks. The tasks of
models (`qinglian.dbt_watch`) have neither: with one for each of some 230 tables this took as much
processor time as dbt itself, and grew with the square of their number.
"""

import functools
import runpy
import sys
from typing import Any
from uuid import UUID

from airflow.callbacks.callback_requests import CallbackRequest, TaskCallbackRequest
from airflow.callbacks.database_callback_sink import DatabaseCallbackSink
from airflow.executors.workloads.trigger import RunTrigger
from airflow.jobs.triggerer_job_runner import TriggerRunnerSupervisor

from qinglian.dbt_watch import MODEL_TRIGGER


def lighten() -> None:
    """Change this process's triggerer: tasks of models start without their DAG and end silently."""
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

    TriggerRunnerSupervisor._create_workload = without_dag  # type: ignore[method-assign]
    DatabaseCallbackSink.send = but_of_models  # type: ignore[method-assign, assignment]


def main() -> None:
    """`airflow triggerer` with the arguments of this process."""
    lighten()
    sys.argv[:] = ["airflow", "triggerer", *sys.argv[1:]]
    runpy.run_module("airflow", run_name="__main__")


if __name__ == "__main__":
    main()
