"""The PostgreSQL server of an installation, embedded or given, and who may log in to what."""

from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

import psycopg
from psycopg import sql

from qinglian.secrets_file import SecretsFile
from qinglian.settings import Settings
from qinglian.warehouse.embedded import EmbeddedPostgres

WAREHOUSE = "qinglian"

#: Short name of a role -> name of the database user. Each has a generated password of its own.
ROLES = {
    "owner": "qinglian_owner",
    "loader": "qinglian_loader",
    "transformer": "qinglian_transformer",
    "steward": "qinglian_steward",
    "reader": "qinglian_reader",
    "names": "qinglian_names",
    "auditor": "qinglian_auditor",
    "airflow": "airflow",
    "superset": "superset",
    "city_reader": "city_reader",
}

#: Database -> the role that owns it.
DATABASES = {WAREHOUSE: "owner", "airflow": "airflow", "superset": "superset"}


@dataclass(frozen=True)
class Server:
    """One PostgreSQL server and the passwords of this installation's roles on it."""

    host: str
    port: int
    superuser: str
    superuser_password: str | None  # None: the secret POSTGRES_PASSWORD, for those who have it
    secrets: SecretsFile
    embedded: EmbeddedPostgres | None

    @classmethod
    def open(cls, settings: Settings) -> "Server":
        """The server of `settings`; the embedded one is created and started if need be."""
        secrets = SecretsFile(settings.secrets_path)
        if settings.database_url:
            return cls._from_url(settings.database_url, secrets, None)
        embedded = EmbeddedPostgres(
            settings.state_dir / "postgres", secrets.get("POSTGRES_PASSWORD")
        )
        embedded.start()
        return cls._from_url(embedded.url, secrets, embedded)

    @classmethod
    def _from_url(
        cls, url: str, secrets: SecretsFile, embedded: EmbeddedPostgres | None
    ) -> "Server":
        parts = urlsplit(url)
        if not parts.hostname or not parts.username:
            raise ValueError(
                "QINGLIAN_DATABASE_URL must read postgresql://superuser:password@host:port;"
                " without a password, the secret POSTGRES_PASSWORD is used"
            )
        return cls(
            host=parts.hostname,
            port=parts.port or 5432,
            superuser=parts.username,
            superuser_password=unquote(parts.password) if parts.password else None,
            secrets=secrets,
            embedded=embedded,
        )

    def user(self, role: str) -> str:
        """Database user of a role's short name, e.g. ``loader``."""
        return self.superuser if role == "superuser" else ROLES[role]

    def password(self, role: str) -> str:
        """Password of a role, generated on first use."""
        if role == "superuser":
            return self.superuser_password or self.secrets.get("POSTGRES_PASSWORD")
        return self.secrets.get(f"{role.upper()}_PASSWORD")

    def url(self, role: str, database: str = WAREHOUSE) -> str:
        """libpq URL of `database` for `role`."""
        password = quote(self.password(role), safe="")
        return f"postgresql://{self.user(role)}:{password}@{self.host}:{self.port}/{database}"

    def connect(
        self, role: str, database: str = WAREHOUSE, *, autocommit: bool = False
    ) -> psycopg.Connection:
        """A psycopg connection as `role`."""
        return psycopg.connect(self.url(role, database), autocommit=autocommit)


class NotPreparedError(RuntimeError):
    """The server has no warehouse yet."""


def require_warehouse(server: Server) -> None:
    """Raise NotPreparedError, with the remedy, unless the loader is let into the warehouse."""
    try:
        server.connect("loader").close()
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise NotPreparedError(
            f"PostgreSQL at {server.host}:{server.port} holds no warehouse that can be used"
            f" ({reason}); run `qinglian init`, or `qinglian up` to start the services too"
        ) from error


def prepare_server(server: Server) -> None:
    """Create roles and databases that are missing and set the roles' passwords. Idempotent."""
    with server.connect("superuser", "postgres", autocommit=True) as connection:
        for role in ROLES:
            _ensure_role(connection, server.user(role), server.password(role))
        for database, owner in DATABASES.items():
            ensure_database(connection, database, server.user(owner))


def ensure_database(connection: psycopg.Connection, database: str, owner: str) -> None:
    """Create `database` for `owner`, closed to everybody else, unless it is there."""
    exists = connection.execute(
        "select 1 from pg_database where datname = %s", (database,)
    ).fetchone()
    if exists:
        return
    name = sql.Identifier(database)
    connection.execute(
        sql.SQL("create database {} owner {} template template0").format(
            name, sql.Identifier(owner)
        )
    )
    connection.execute(sql.SQL("revoke all on database {} from public").format(name))


def _ensure_role(connection: psycopg.Connection, user: str, password: str) -> None:
    exists = connection.execute("select 1 from pg_roles where rolname = %s", (user,)).fetchone()
    action = "alter" if exists else "create"
    connection.execute(
        sql.SQL("{} role {} login password {}").format(
            sql.SQL(action), sql.Identifier(user), sql.Literal(password)
        )
    )
