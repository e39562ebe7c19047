"""Bring Airflow's database to the schema of the installed version: one process, one import.

`airflow db migrate`, `airflow sync-perm` and `airflow users create` are three processes that each
import Airflow and build the web application anew. Run as `python -m` in Airflow's environment;
the administrator's password comes on standard input.
"""

import sys

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils.db import upgradedb
from airflow.utils.providers_configuration_loader import providers_configuration_loaded

from qinglian.services.airflow_environment import ADMIN_USER

ADMIN_ROLE = "Admin"


@providers_configuration_loaded
def set_up(admin_password: str) -> None:
    """Migrate, create the roles, and give the administrator the password."""
    upgradedb()
    with get_application_builder() as builder:
        builder.add_permissions(update_perms=True)  # type: ignore[no-untyped-call]
        builder.sm.sync_roles()
        admin = builder.sm.find_user(ADMIN_USER)
        if admin:
            builder.sm.reset_password(admin.id, admin_password)
        elif not builder.sm.add_user(
            ADMIN_USER,
            "Qinglian",
            "Administrator",
            f"{ADMIN_USER}@qinglian.invalid",
            builder.sm.find_role(ADMIN_ROLE),
            admin_password,
        ):
            raise RuntimeError("Airflow refused to create its administrator; see the lines above")


if __name__ == "__main__":
    set_up(sys.stdin.readline().strip())
