"""Airflow DAG: look into the drop folders every few minutes, one mapped task a source.

A schedule and no file sensor: a sensor waits for one path, and one for each hospital would hold a
run open for ever. Leads follow with the night's detection, as for every other source.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, get_current_context, task

from qinglian import scheduling


@task(retries=0)
def list_drop_folders() -> list[str]:
    """Sources whose files come through a drop folder; mostly few, maybe none."""
    from qinglian import pipeline

    return pipeline.list_drop_folders()


# No retry: the next look is five minutes away, and a second attempt would not see a rejected file.
@task(map_index_template="{{ source_id }}", retries=0, execution_timeout=timedelta(hours=2))
def collect(source_id: str) -> dict[str, int]:
    """Take and load what was delivered; fails when a file was rejected, after loading the rest."""
    from qinglian import pipeline

    context: Any = get_current_context()
    context["source_id"] = source_id  # the label of the mapped task
    report = pipeline.collect_source(source_id, scheduling.business_date())
    return {"delivered": len(report.deliveries), "waiting": len(report.waiting)}


@dag(
    dag_id="extract_deliveries",
    dag_display_name="抽取·投递文件",
    description="Take what hospitals put into their drop folders",
    schedule=scheduling.EVERY_FEW_MINUTES,
    catchup=False,
    max_active_runs=1,
    default_args=scheduling.DEFAULT_ARGS,
    params={"as_of": scheduling.AS_OF},
    tags=[scheduling.EXTRACT],
)
def extract_deliveries() -> None:
    """One task a folder, so that one hospital's broken file shows as that hospital's."""
    collect.expand(source_id=list_drop_folders())


extract_deliveries()
