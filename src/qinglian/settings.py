"""Settings of one installation: environment variables, then qinglian.toml, then defaults.

Secrets have no default: :mod:`qinglian.secrets_file` generates them on first start.
"""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_serializer, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


def repository_root() -> Path:
    """The folder that holds `dbt_project/`, `expectations/` and `sources/`."""
    return Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """Where this installation keeps its state and how much of the machine it may use."""

    model_config = SettingsConfigDict(
        env_prefix="QINGLIAN_", toml_file="qinglian.toml", extra="ignore"
    )

    home: Path = Field(
        default=Path(".qinglian"), description="State folder: database, landing zone, logs, secrets"
    )
    root: Path = Field(default_factory=repository_root, description="Checkout that holds the code")
    database_url: str | None = Field(
        default=None,
        description="Superuser URL of a PostgreSQL server to use instead of the embedded one",
    )
    listen_host: str = Field(
        default="127.0.0.1", description="Address on which Airflow's API server listens"
    )
    airflow_url: str | None = Field(
        default=None, description="Address at which people open Airflow, where it is not local"
    )
    airflow_api_url: str | None = Field(
        default=None,
        description="Address at which Airflow's other parts and tasks reach its API server",
    )
    superset_url: str | None = Field(
        default=None, description="Address to which dashboards are published, where not local"
    )
    dashboard_languages: Annotated[tuple[Literal["zh", "en"], ...], NoDecode] = Field(
        default=("zh",),
        description="Languages that dashboards are published in: zh, or zh,en for a second set",
    )
    warm_up: bool = Field(
        default=True, description="Whether the pages' answers are made ahead after a publication"
    )
    source_dirs: list[Path] = Field(
        default=[],
        description="Folders with one YAML a source; the city's and sources/ are always read",
    )
    timezone: str = "Asia/Shanghai"
    history_start: str = Field(
        default="2025-01-01", description="First business date that an initial extract asks for"
    )
    batch_rows: int = Field(
        default=100_000, gt=0, description="Largest number of rows in one landed file"
    )
    duckdb_memory_mb: int = Field(
        default=64, gt=0, description="Memory that one table's comparison may use before it spills"
    )
    sources_in_parallel: int = Field(
        default=3, gt=0, description="Sources of one system read side by side"
    )
    largest_unpacked_mb: int = Field(
        default=8192, gt=0, description="Largest size to which one delivered file may unpack"
    )
    largest_workbook_mb: int = Field(
        default=1024,
        gt=0,
        description="The same of an Excel workbook, which is unpacked in memory in part",
    )
    largest_unpacking_ratio: int = Field(
        default=200,
        gt=0,
        description="How many times its own size a delivered file may unpack to",
    )
    small_unpacked_mb: int = Field(
        default=64, ge=0, description="Unpacked size up to which no ratio is asked"
    )
    personal_data_viewers: list[str] = Field(
        default=[],
        description="Logins that may see quasi-identifying and sensitive values in quarantine",
    )
    pages_url: str | None = Field(
        default=None, description="Address at which people open Superset, for links in mails"
    )
    smtp_host: str | None = Field(
        default=None, description="Server that takes mails; without it none is sent"
    )
    smtp_port: int = Field(default=587, gt=0, lt=65536, description="Its port")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the connection to it is encrypted; tls is port 465"
    )
    smtp_ca_file: Path | None = Field(
        default=None, description="Certificates to trust it by, where it has one of the house's own"
    )
    smtp_sender: str | None = Field(default=None, description="Address that mails come from")
    smtp_user: str | None = Field(
        default=None, description="Login at the server; its password is the secret SMTP_PASSWORD"
    )
    chromium: Path | None = Field(
        default=None, description="Program that prints briefs, where it is not on PATH"
    )

    @field_validator("dashboard_languages", mode="before")
    @classmethod
    def _separated(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value

    @field_serializer("dashboard_languages")
    def _joined(self, value: tuple[str, ...]) -> str:
        """As it stands in the environment of another process."""
        return ",".join(value)

    @field_validator("dashboard_languages")
    @classmethod
    def _with_chinese(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "zh" not in value:
            raise ValueError("zh is missing: the English set is made from the Chinese one")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before qinglian.toml, so that one run can be changed without an edit."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def state_dir(self) -> Path:
        """The state folder as an absolute path, relative ones being below the checkout."""
        return self.home if self.home.is_absolute() else self.root / self.home

    def now(self) -> datetime:
        """The present local time of the installation, without a zone, as all times here are."""
        return datetime.now(ZoneInfo(self.timezone)).replace(tzinfo=None, microsecond=0)

    @property
    def secrets_path(self) -> Path:
        return self.state_dir / "secrets.env"

    @property
    def landing_dir(self) -> Path:
        return self.state_dir / "landing"

    @property
    def spool_dir(self) -> Path:
        return self.state_dir / "spool"

    @property
    def logs_dir(self) -> Path:
        return self.state_dir / "logs"

    @property
    def city_dir(self) -> Path:
        return self.state_dir / "city"

    @property
    def contracts_dir(self) -> Path:
        return self.root / "expectations"

    @property
    def dbt_dir(self) -> Path:
        return self.root / "dbt_project"


@cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
