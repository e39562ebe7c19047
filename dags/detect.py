"""Airflow DAG: dbt builds staging to marts as soon as all systems have new data."""

from datetime import timedelta

from airflow.sdk import dag, task
from cosmos.airflow.task_group import DbtTaskGroup
from cosmos.config import ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import ExecutionMode, InvocationMode, LoadMode, TestBehavior

from qinglian import dbt_watch, scheduling
from qinglian.settings import get_settings
from qinglian.transform import WEEKLY

settings = get_settings()


@task(outlets=[scheduling.MARTS])
def check_marts() -> None:
    """Hold the marts against their contracts; a mart that fails is not published."""
    from qinglian import pipeline

    as_of = scheduling.business_date()
    pipeline.check_marts(as_of)
    scheduling.announce(scheduling.MARTS, as_of)


@dag(
    dag_id="detect",
    dag_display_name="疑点检测",
    description="dbt: staging, core, peers, indicators, marts; then the check of the marts",
    schedule=list(scheduling.SYSTEM_ASSETS.values()),
    start_date=scheduling.START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=scheduling.DEFAULT_ARGS,
    params={"as_of": scheduling.AS_OF},
    tags=[scheduling.DETECT],
    user_defined_macros={"business_date_text": scheduling.business_date_text},
)
def detect() -> None:
    """dbt runs once, as the producer; a model's own task only reports how it ended."""
    models = DbtTaskGroup(
        group_id="dbt",
        project_config=ProjectConfig(
            dbt_project_path=settings.dbt_dir,
            manifest_path=settings.state_dir / "dbt" / "manifest.json",
            install_dbt_deps=False,
        ),
        profile_config=ProfileConfig(
            profile_name="qinglian",
            target_name="warehouse",
            profiles_yml_filepath=settings.dbt_dir / "profiles.yml",
        ),
        execution_config=ExecutionConfig(
            execution_mode=ExecutionMode.WATCHER,
            invocation_mode=InvocationMode.DBT_RUNNER,
            # NONE below draws no task per test; dbt still has to run them.
            setup_operator_args={"dbt_cmd_flags": dbt_watch.WITH_TESTS},
        ),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            exclude=[WEEKLY],
            test_behavior=TestBehavior.NONE,
            dbt_deps=False,
            emit_datasets=False,
            node_converters=dbt_watch.NODE_CONVERTERS,
        ),
        operator_args={
            **scheduling.detection_arguments(),
            "install_deps": False,
            "execution_timeout": timedelta(hours=6),
            "retries": 0,  # Cosmos skips a second attempt instead of running it
        },
    )
    dbt_watch.link_across_steps(models)
    dbt_watch.report_ends_only(models)
    models >> check_marts()


detect()
