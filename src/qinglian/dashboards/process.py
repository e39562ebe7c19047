"""The environment of Superset's processes, and the preparation of its own database."""

import os
import subprocess
from pathlib import Path
from urllib.parse import quote

from qinglian.file_hash import sha256_of
from qinglian.secrets_file import SecretsFile
from qinglian.services.set_up_record import SetUp, is_set_up, remember, set_up_of
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

ADMIN_USER = "admin"
ADMIN_SECRET = "SUPERSET_ADMIN_PASSWORD"  # name of a secret, not its value  # noqa: S105


#: Secret that a way to log in needs (QINGLIAN_AUTH), which the provider or directory chose.
LOG_IN_SECRETS = {"oidc": "OIDC_CLIENT_SECRET", "ldap": "LDAP_BIND_PASSWORD"}


class SupersetProcessError(RuntimeError):
    """Superset is not installed, or the preparation of its database failed."""


def superset_python(settings: Settings) -> Path:
    """The interpreter of Superset's own environment.

    Raises SupersetProcessError when that environment is missing.
    """
    python = _programs(settings) / "python"
    if not python.exists():
        raise SupersetProcessError(f"{python} is missing: run `make install`")
    return python


def superset_environment(settings: Settings, server: Server) -> dict[str, str]:
    """Environment variables of every Superset process, secrets included.

    The rest of this process's environment is passed on, except other parts' secrets.
    Raises MissingSecretError when people log in at a provider or a directory (QINGLIAN_AUTH) and
    nobody gave the secret that is needed there.
    """
    secrets = SecretsFile(settings.secrets_path)
    password = quote(server.password("superset"), safe="")
    state = settings.state_dir / "superset"
    state.mkdir(parents=True, exist_ok=True)
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("QINGLIAN_SECRET_", "AIRFLOW__", "PYTHONPATH"))
    }
    if name := LOG_IN_SECRETS.get(os.environ.get("QINGLIAN_AUTH", "")):
        inherited[f"QINGLIAN_{name}"] = secrets.handed_in(name)
    return inherited | {
        "SUPERSET_CONFIG_PATH": str(settings.root / "superset" / "superset_config.py"),
        "SUPERSET_SECRET_KEY": secrets.get("SUPERSET_SECRET_KEY"),
        "SUPERSET_GUEST_TOKEN_SECRET": secrets.get("SUPERSET_GUEST_TOKEN_SECRET"),
        "SUPERSET_METADATA_URI": (
            f"postgresql+psycopg2://{server.user('superset')}:{password}"
            f"@{server.host}:{server.port}/superset"
        ),
        "QINGLIAN_SUPERSET_STATE": str(state),
        "QINGLIAN_GROUPS": str(settings.state_dir / "groups.yaml"),
        "QINGLIAN_DATA_DOCS": str(settings.state_dir / "data_docs"),
        "SUPERSET_HOME": str(state),
        "FLASK_APP": "superset.app:create_app()",
        "TZ": settings.timezone,
    }


def serve_command(settings: Settings) -> list[str]:
    """The command that serves Superset; SUPERSET_HOST and SUPERSET_PORT choose where.

    Superset need not be installed to name it: in a container of Airflow it is not.
    """
    return [
        str(_programs(settings) / "gunicorn"),
        "--config",
        str(settings.root / "superset" / "gunicorn.conf.py"),
        "superset.app:create_app()",
    ]


def initialise_superset(settings: Settings, server: Server) -> bool:
    """Migrate Superset's database, create its administrator and its permissions. Idempotent.

    Returns whether anything had to be done, which is told without importing Superset.
    Raises SupersetProcessError with the end of the log when the preparation fails.
    """
    password = SecretsFile(settings.secrets_path).get(ADMIN_SECRET)
    record = settings.state_dir / "superset" / "set_up.json"
    if is_set_up(record, lambda: _current(settings, server, password)):
        return False
    environment = superset_environment(settings, server) | {
        "SUPERSET_ADMIN_USER": ADMIN_USER,
        "SUPERSET_ADMIN_PASSWORD": password,
    }
    settings.logs_dir.mkdir(parents=True, exist_ok=True)
    log = settings.logs_dir / "superset_initialise.log"
    with log.open("w", encoding="utf-8") as stream:
        done = subprocess.run(
            [str(superset_python(settings)), str(settings.root / "superset" / "initialise.py")],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        tail = log.read_text("utf-8", errors="replace")[-1500:]
        raise SupersetProcessError(f"Superset's database could not be prepared, see {log}:\n{tail}")
    remember(record, _current(settings, server, password))
    return True


def _current(settings: Settings, server: Server, password: str) -> SetUp:
    """What is there, with what permissions depend on: the installed version and our settings."""
    root = settings.root
    depends_on = (
        root / "requirements" / "superset.txt",
        root / "superset" / "superset_config.py",
        root / "superset" / "qinglian_reports.py",
        root / "superset" / "initialise.py",
    )
    versions = {path.name: sha256_of(path) for path in depends_on}
    versions["log-in"] = os.environ.get("QINGLIAN_AUTH", "database")  # has views of its own
    return set_up_of(server, "superset", ("alembic_version",), (ADMIN_USER, password), versions)


def _programs(settings: Settings) -> Path:
    return settings.root / ".venv-superset" / "bin"
