"""Become Superset, or prepare its database: `python start.py serve | initialise`.

Does for a container what `qinglian.dashboards.process` does for an installation on one machine:
reads the secrets from files and hands them over in the environment of this one process.
"""

import os
import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
#: As in qinglian.dashboards.process.
LOG_IN_SECRETS = {"oidc": "OIDC_CLIENT_SECRET", "ldap": "LDAP_BIND_PASSWORD"}


def secret(name: str) -> str:
    """The secret `name`, one file each. Raises OSError naming the file when it is not there."""
    return (Path(os.environ.get("QINGLIAN_SECRETS_DIR", "/run/secrets")) / name).read_text().strip()


def environment() -> dict[str, str]:
    """Variables that Superset's configuration asks for."""
    state = os.environ.get("HOME", "/var/lib/superset")
    server = os.environ["QINGLIAN_DATABASE_ADDRESS"]
    password = quote(secret("SUPERSET_PASSWORD"), safe="")
    log_in = LOG_IN_SECRETS.get(os.environ.get("QINGLIAN_AUTH", ""))
    chosen_elsewhere = {f"QINGLIAN_{log_in}": secret(log_in)} if log_in else {}
    return chosen_elsewhere | {
        "SUPERSET_CONFIG_PATH": str(ROOT / "superset" / "superset_config.py"),
        "SUPERSET_SECRET_KEY": secret("SUPERSET_SECRET_KEY"),
        "SUPERSET_GUEST_TOKEN_SECRET": secret("SUPERSET_GUEST_TOKEN_SECRET"),
        "SUPERSET_METADATA_URI": f"postgresql+psycopg2://superset:{password}@{server}/superset",
        "QINGLIAN_SUPERSET_STATE": state,
        "SUPERSET_HOME": state,
        "FLASK_APP": "superset.app:create_app()",
        "TZ": os.environ.get("TZ", "Asia/Shanghai"),
    }


def main(action: str) -> None:
    """Replace this process by the server or by the preparation of its database."""
    python = Path(sys.executable)
    variables = {**os.environ, **environment()}
    if action == "initialise":
        variables["SUPERSET_ADMIN_USER"] = "admin"
        variables["SUPERSET_ADMIN_PASSWORD"] = secret("SUPERSET_ADMIN_PASSWORD")
        command = [str(python), str(ROOT / "superset" / "initialise.py")]
    else:
        config = str(ROOT / "superset" / "gunicorn.conf.py")
        gunicorn = str(python.parent / "gunicorn")
        command = [gunicorn, "--config", config, "superset.app:create_app()"]
    os.execve(command[0], command, variables)  # noqa: S606 - the container's process is Superset


if __name__ == "__main__":
    main(sys.argv[1])
