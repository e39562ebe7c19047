"""Airflow DAG: show what was found: dashboards in Superset, quality reports for auditors."""

from airflow.sdk import dag, task

from qinglian import scheduling


@task
def dashboards() -> None:
    """Bring Superset's assets, roles and row filters in line with the repository."""
    from qinglian import pipeline

    pipeline.publish(scheduling.business_date())


@task
def data_docs() -> None:
    """Render the results of the quality checks."""
    from qinglian import pipeline

    pipeline.publish_data_docs(scheduling.business_date())


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
    """Both read the marts and the results only, so they run side by side."""
    dashboards()
    data_docs()


publish()
