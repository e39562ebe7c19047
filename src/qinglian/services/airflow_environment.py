"""Airflow's settings for one installation, as environment variables."""

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from qinglian.services.ports import HOST, choose_ports, load_ports
from qinglian.settings import Settings
from qinglian.transform import dbt_environment

if TYPE_CHECKING:
    from qinglian.warehouse.server import Server

ADMIN_USER = "admin"
ADMIN_PASSWORD_SECRET = "AIRFLOW_ADMIN_PASSWORD"  # noqa: S105

#: What a task needs loaded before it can start. The process that workers are forked from imports
#: these once; without it each of some hundred tasks a day would pay 3 s of processor time.
PRELOADED_MODULES = (
    "airflow",
    "airflow.dag_processing.dagbag",
    "airflow.executors.local_executor",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "cosmos.airflow.task_group",
    "cosmos.operators.watcher",
    "dbt.cli.main",
    "great_expectations",
    "dbt.adapters.postgres",
    "qinglian.pipeline",
)


def airflow_environment(settings: Settings, server: "Server") -> dict[str, str]:
    """Every variable that an Airflow process of this installation needs, dbt's included.

    Tasks inherit the environment of the scheduler, so connection and password of dbt travel this
    way and appear in no rendered field of a task.
    """
    state = settings.state_dir
    ports = load_ports(state) or choose_ports(state)
    local = f"http://{HOST}:{ports.airflow}"
    api_url = (settings.airflow_api_url or local).rstrip("/")
    secret = server.secrets.get
    logs = settings.logs_dir / "airflow"
    values: dict[str, dict[str, object]] = {
        "core": {
            "auth_manager": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
            "dags_folder": settings.root / "dags",
            "dagbag_import_timeout": 60,
            "default_task_retries": 2,
            "default_task_retry_delay": 30,
            "default_timezone": settings.timezone,
            "execution_api_server_url": f"{api_url}/execution/",
            "executor": "LocalExecutor",
            "fernet_key": _fernet_key(secret("AIRFLOW_FERNET_SECRET")),
            "load_examples": False,
            "max_active_runs_per_dag": 1,
            "mp_forkserver_preload": ",".join(PRELOADED_MODULES),
            "parallelism": settings.sources_in_parallel + 1,
        },
        "database": {
            "sql_alchemy_conn": server.url("airflow", "airflow"),
            "sql_alchemy_pool_size": 3,
        },
        "scheduler": {
            "mp_start_method": "forkserver",
            # Tasks of a killed scheduler start again after minutes, not after the default five.
            "orphaned_tasks_check_interval": 60,
            "task_instance_heartbeat_timeout": 120,
        },
        "dag_processor": {
            "parsing_processes": 1,
            "refresh_interval": 15,
            "min_file_process_interval": 300,
        },
        "api": {
            "base_url": settings.airflow_url or local,
            # Its page loads scripts from a public host.
            "enable_swagger_ui": False,
            "host": settings.listen_host,
            "instance_name": "清廉 Qinglian",
            "port": urlsplit(api_url).port or ports.airflow,
            "secret_key": secret("AIRFLOW_API_SECRET_KEY"),
            "workers": 1,
        },
        "api_auth": {"jwt_secret": secret("AIRFLOW_JWT_SECRET"), "jwt_issuer": "qinglian"},
        "logging": {
            "base_log_folder": logs,
            "colored_console_log": False,
            "dag_processor_child_process_log_directory": logs / "dag_processor",
        },
        "cosmos": {
            "cache_dir": state / "dbt" / "cosmos_cache",
            "enable_memory_optimised_imports": True,
            "enable_telemetry": False,
            # A retry would start dbt a second time, so the way back needs no record of each model.
            "enable_watcher_reliable_retry": False,
            "upload_sql_to_xcom": False,
        },
        "usage_data_collection": {"enabled": False},
        # A busy API server may take longer than the default five seconds; what it has taken in
        # meanwhile makes the second attempt fail on a duplicate key, and with it the task.
        "workers": {"execution_api_timeout": 60},
    }
    environment = {
        f"AIRFLOW__{section.upper()}__{option.upper()}": str(value)
        for section, options in values.items()
        for option, value in options.items()
    }
    return {
        **environment,
        **dbt_environment(server),
        "AIRFLOW_HOME": str(state / "airflow"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        "SCARF_NO_ANALYTICS": "true",
    }


def _fernet_key(secret: str) -> str:
    """A key of the form that Fernet asks for (32 bytes), from a secret of any length."""
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).decode()
