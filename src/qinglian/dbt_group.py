"""The group of tasks in which Airflow shows a `dbt build` of the whole project."""

from datetime import timedelta

from cosmos.airflow.task_group import DbtTaskGroup
from cosmos.config import ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import ExecutionMode, InvocationMode, LoadMode, TestBehavior

from qinglian import dbt_watch, scheduling
from qinglian.settings import get_settings
from qinglian.transform import WEEKLY


def dbt_group(group_id: str) -> DbtTaskGroup:
    """The tasks of all models but the weekly ones, within the DAG that is being defined.

    dbt runs once, as the producer; a model's own task only reports how it ended.
    """
    settings = get_settings()
    models = DbtTaskGroup(
        group_id=group_id,
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
    return models
