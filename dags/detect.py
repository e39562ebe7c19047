"""Airflow DAG: dbt builds staging to marts as soon as all systems have new data."""

from typing import Any

from airflow.sdk import TriggerRule, dag, get_current_context, task

from qinglian import scheduling
from qinglian.dbt_group import dbt_group


@task(task_display_name="供应商识别")
def identify_suppliers() -> None:
    """Find out which records of suppliers are one company's, where any of them changed."""
    from qinglian import pipeline

    pipeline.identify_suppliers(scheduling.business_date())


@task(task_display_name="查看有无新数据")
def look_for_news(group_id: str) -> None:
    """Skip the group of models when nothing that they read has changed since they were built."""
    from qinglian import pipeline

    context: Any = get_current_context()
    as_of, again = scheduling.business_date(), context["params"]["again"]
    ended = pipeline.look_for_news(as_of, context["run_id"], again=again)
    if ended is not None:
        print(f"没有新数据 nothing has changed since the detection that ended at {ended}")
        scheduling.skip_group(group_id)


# Models that were skipped for want of news are as good as built; a failed one stops here.
@task(
    task_display_name="集市检查", outlets=[scheduling.MARTS], trigger_rule=TriggerRule.NONE_FAILED
)
def check_marts() -> None:
    """Hold the marts against their contracts; a mart that fails is not published."""
    from qinglian import pipeline

    context: Any = get_current_context()
    as_of = scheduling.business_date()
    pipeline.check_marts(as_of, context["run_id"])
    scheduling.announce(scheduling.MARTS, as_of)


@dag(
    dag_id="detect",
    dag_display_name="疑点检测",
    description="Suppliers identified, dbt from staging to marts, then the check of the marts",
    schedule=list(scheduling.SYSTEM_ASSETS.values()),
    start_date=scheduling.START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=scheduling.DEFAULT_ARGS,
    params={"as_of": scheduling.AS_OF, "again": scheduling.AGAIN},
    tags=[scheduling.DETECT],
    user_defined_macros={"business_date_text": scheduling.business_date_text},
)
def detect() -> None:
    """Without news nothing is built; the marts are checked and announced all the same."""
    models = dbt_group("dbt")
    identify_suppliers() >> look_for_news(models.group_id) >> models >> check_marts()


detect()
