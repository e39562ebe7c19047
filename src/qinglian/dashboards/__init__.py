"""Superset as files: assets, roles and accounts are reviewed YAML, applied idempotently by REST."""

from qinglian.dashboards.process import (
    SupersetProcessError,
    initialise_superset,
    serve_command,
    superset_environment,
)
from qinglian.dashboards.publish import PublishReport, publish_dashboards

__all__ = [
    "PublishReport",
    "SupersetProcessError",
    "initialise_superset",
    "publish_dashboards",
    "serve_command",
    "superset_environment",
]
