"""What `make lint` has parsed of the dbt project, for the installations that tests make.

Each of them would parse the project anew, for a quarter of a minute, only because it has another
port. dbt itself still compares every file with what was parsed, and reads what has changed.
"""

import pprint
from pathlib import Path

from dbt.adapters.postgres.connections import PostgresCredentials
from dbt.artifacts.resources import FileHash
from dbt.contracts.graph.manifest import Manifest

from qinglian.settings import repository_root
from qinglian.warehouse.server import WAREHOUSE, Server

_PARSED = "partial_parse.msgpack"
OF_LINT = repository_root() / ".qinglian" / "dbt" / _PARSED


def begin_with_parsed_project(target_dir: Path, server: Server | None) -> None:
    """Let dbt find in `target_dir` what was parsed already, if anything was.

    Without `server` for those who parse without one, as `make lint` does.
    """
    if not OF_LINT.exists():
        return
    manifest = Manifest.from_msgpack(OF_LINT.read_bytes())  # type: ignore[attr-defined]
    if server is not None:
        manifest.state_check.profile_hash = _profile_hash(server)
    target_dir.mkdir(parents=True, exist_ok=True)
    (target_dir / _PARSED).write_bytes(manifest.to_msgpack())


def _profile_hash(server: Server) -> FileHash:
    """By what dbt knows the connection of `dbt_project/profiles.yml` to `server`."""
    credentials = PostgresCredentials(
        host=server.host,
        port=server.port,
        user=server.user("transformer"),
        password="",
        database=WAREHOUSE,
        schema="staging",
        connect_timeout=10,
        application_name="qinglian-dbt",
    )
    return FileHash.from_contents(pprint.pformat(sorted(credentials.connection_info())))
