"""Airflow DAG: show what was found: dashboards in Superset, quality reports for auditors."""

from airflow.sdk import dag, task

from qinglian import scheduling
from qinglian.settings import get_settings


@task
def dashboards() -> None:
    """Bring Superset's assets, roles and row filters in line with the repository."""
    from qinglian import pipeline

    pipeline.publish(scheduling.business_date())


@task(task_display_name="预热答案")
def warm_cache() -> None:
    """Make the answers of the pages before anybody opens them; never fails a publication."""
    from qinglian import pipeline

    print(pipeline.warm_cache())


@task
def data_docs() -> None:
    """Render the results of the quality checks."""
    from qinglian import pipeline

    pipeline.publish_data_docs(scheduling.business_date())


@task(task_display_name="通知收件人")
def notify() -> None:
    """Send new red leads and failed gates by mail; nothing is sent twice."""
    from qinglian import pipeline

    print(pipeline.notify_recipients(scheduling.business_date()))


@dag(
    dag_id="publish",
    dag_display_name="发布",
    description="Dashboards and quality reports",
    schedule=[scheduling.MARTS],
    start_date=scheduling.START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=scheduling.DEFAULT_ARGS,
    params={"as_of": scheduling.AS_OF},
    tags=[scheduling.PUBLISH],
)
def publish() -> None:
    """Both read the marts and the results only, so they run side by side.

    Mails follow, where a server for them is configured: their links lead to what was published.
    """
    shown = dashboards()
    shown >> warm_cache()
    published = [shown, data_docs()]
    if get_settings().smtp_host:
        published >> notify()


publish()
