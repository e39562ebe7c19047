"""Airflow DAG: each morning, mails on what the night brought, also where it came to no publication.

There is no such DAG in an installation that sends no mails.
"""

from airflow.sdk import dag, task

from qinglian import scheduling
from qinglian.settings import get_settings


@task(task_display_name="通知收件人")
def tell() -> None:
    """Send what was not sent after the publication; nothing is sent twice."""
    from qinglian import pipeline

    print(pipeline.notify_recipients(scheduling.business_date()))


@dag(
    dag_id="notify",
    dag_display_name="通知",
    description="Each morning: new red leads and failed gates that were not told yet, by mail",
    schedule=scheduling.MORNING,
    start_date=scheduling.START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=scheduling.DEFAULT_ARGS,
    params={"as_of": scheduling.AS_OF},
    tags=[scheduling.NOTIFY],
)
def notify() -> None:
    """One step."""
    tell()


if get_settings().smtp_host:
    notify()
