"""What the set-up of a program's own database left behind; the next one is skipped while it holds.

One query recognises a database that is set up. The program itself need not be imported for that,
which takes Airflow and Superset many seconds.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psycopg
from psycopg import sql
from pydantic import BaseModel, ValidationError

from qinglian.warehouse.server import Server


class SetUp(BaseModel, frozen=True):
    """A database as its set-up left it."""

    versions: dict[str, str]
    revisions: list[str]
    admin_password_digest: str


def set_up_of(
    server: Server,
    database: str,
    revision_tables: Sequence[str],
    admin: tuple[str, str],
    versions: Mapping[str, str],
) -> SetUp:
    """What stands in `database` now, which its role of the same name reads.

    `admin` are name and wanted password of its administrator, `versions` what else the set-up
    depends on. Raises psycopg.Error where a table of revisions is not there yet.
    """
    user, password = admin
    selects = [
        sql.SQL("select version_num from {}").format(sql.Identifier(table))
        for table in revision_tables
    ]
    selects.append(
        sql.SQL("select username from ab_user where username = {} and active").format(user)
    )
    with server.connect(database, database) as connection:
        query = sql.SQL("{} order by 1").format(sql.SQL(" union all ").join(selects))
        revisions = connection.execute(query).fetchall()
    return SetUp(
        versions=dict(versions),
        revisions=[str(row[0]) for row in revisions],
        admin_password_digest=hashlib.sha256(password.encode()).hexdigest(),
    )


def is_set_up(record: Path, now: Callable[[], SetUp]) -> bool:
    """Whether the set-up that wrote `record` left what is there now."""
    try:
        return SetUp.model_validate_json(record.read_text("utf-8")) == now()
    except (FileNotFoundError, ValidationError, json.JSONDecodeError, psycopg.Error):
        return False


def remember(record: Path, now: SetUp) -> None:
    """Write down what a set-up has left."""
    record.write_text(now.model_dump_json(indent=2) + "\n", "utf-8")
