"""The DAG of one system: a mapped task a source, then the event that detection waits for."""

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, TriggerRule, dag, task

from qinglian import scheduling
from qinglian.settings import get_settings


def extract_dag(system: str, name_zh: str) -> DAG:
    """The DAG `extract_<system>`.

    A hospital that is down tonight must not keep the others from being looked at: the event goes
    out when at least one source arrived, while the run fails for the one that did not.
    """
    asset = scheduling.SYSTEM_ASSETS[system]

    @task(retries=0)
    def list_sources() -> list[str]:
        from qinglian.pipeline import list_sources as sources_of

        return sources_of(system)

    @task(
        map_index_template="{{ source_id }}",
        max_active_tis_per_dag=get_settings().sources_in_parallel,
        execution_timeout=timedelta(hours=2),
    )
    def ingest(source_id: str) -> str:
        from airflow.sdk import get_current_context

        from qinglian.pipeline import ingest_source

        context: Any = get_current_context()
        context["source_id"] = source_id  # the label of the mapped task
        report = ingest_source(source_id, scheduling.business_date())
        print(f"{source_id}: {report.loaded} rows loaded")
        return source_id

    @task(trigger_rule=TriggerRule.ALL_DONE, outlets=[asset], retries=0)
    def announce(expected: Any, arrived: Any) -> list[str]:
        missing = scheduling.require_arrivals(system, expected, arrived)
        scheduling.announce(asset, scheduling.business_date())
        return sorted(missing)

    @dag(
        dag_id=f"extract_{system}",
        dag_display_name=f"抽取·{name_zh}",
        description=f"Extract, check and load every source of {system}",
        # No start date: with one, the first unpausing would run last night's extract at once.
        schedule=scheduling.NIGHTLY,
        catchup=False,
        max_active_runs=1,
        default_args=scheduling.DEFAULT_ARGS,
        params={"as_of": scheduling.AS_OF},
        tags=[scheduling.EXTRACT],
    )
    def wire() -> None:
        sources = list_sources()
        arrived = ingest.expand(source_id=sources)
        announce(sources, arrived)
        arrived >> EmptyOperator(
            task_id="every_source_arrived", trigger_rule=TriggerRule.NONE_FAILED
        )

    return wire()
