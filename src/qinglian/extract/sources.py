"""Sources: one YAML a hospital or platform, one folder of mapping SQL a vendor."""

import codecs
import os
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from qinglian.extract.errors import MissingFolderError, SourceConfigurationError
from qinglian.extract.limits import Limits
from qinglian.secrets_file import SecretsFile
from qinglian.settings import Settings, repository_root
from qinglian.systems import System

_Model = TypeVar("_Model", bound=BaseModel)

#: Folder of a drop folder in which the files lie that count.
CURRENT = "current"

_PLACEHOLDER = re.compile(r"\{(?:(secret|env):)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}")


class FileSet(BaseModel):
    """Files of one layout below a source's folder, which a mapping SQL reads as one table.

    All columns are text; `_file` is the name of the file that a row came from. `columns` names them
    where a CSV file has no header, `skip_lines` leaves out what stands above it, `null_texts` are
    texts that stand for no value beside the empty one. `last_only` says that each file holds the
    whole set, so that only the last one by name counts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: str
    format: Literal["csv", "excel", "json", "ocds", "parquet"]
    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    skip_lines: int = Field(default=0, ge=0)
    columns: tuple[str, ...] = ()
    null_texts: tuple[str, ...] = ()
    sheet: str | None = None
    last_only: bool = False

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            codecs.lookup(name)
        except LookupError:
            raise ValueError(f"there is no encoding {name!r}; write utf-8 or gb18030") from None
        return name

    @field_validator("pattern")
    @classmethod
    def _inside_the_folder(cls, pattern: str) -> str:
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            raise ValueError("a pattern names files below the source's folder")
        return pattern


class DropFolder(BaseModel):
    """How files come to a folder: when one is whole, and whether a checksum must come with it.

    A file is whole when `<name>.sha256` lies beside it and fits, or when nothing was written to it
    for `quiet_seconds`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    quiet_seconds: int = Field(default=120, ge=0)
    checksum_required: bool = False


class Connection(BaseModel):
    """How a source is reached: a database URL with placeholders for secrets, or a folder.

    `files` gives names to the files of a folder, by which the mapping SQL reads them. `drop` makes
    it a drop folder: what is delivered to `incoming/` is taken, archived and then read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["postgresql", "mysql", "mssql", "oracle", "files"]
    url: str | None = None
    path: Path | None = None
    files: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], FileSet] = Field(
        default_factory=dict
    )
    drop: DropFolder | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "files":
            if self.path is None or self.url is not None:
                raise ValueError("a connection of kind files has a path and no url")
        elif self.path is not None or self.files or self.drop:
            raise ValueError(f"a connection of kind {self.kind} has a url and no files")
        if self.drop and not self.files:
            raise ValueError("a drop folder names under `files` what may be delivered")
        if self.drop and any("/" in file_set.pattern for file_set in self.files.values()):
            raise ValueError("a drop folder has no folders below it: write patterns without a `/`")
        return self


class Source(BaseModel):
    """One hospital, platform or bureau."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source_id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    system: System
    vendor: str = Field(pattern=r"^[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?$")
    org_code: str | None = Field(default=None, pattern=r"^[A-Z0-9]{1,12}$")
    name: str
    connection: Connection
    history_start: date
    tables_in_parallel: int = Field(default=1, ge=1)
    limits: Limits = Limits()


class Vendor(BaseModel):
    """A product's mapping SQL: which tables it can give, in which dialect, with which cursors.

    `waived_rules` names contract rules that cannot hold for these data, each with its reason, e.g.
    the national form of a code in data of another country. The gate does not evaluate them and
    shows the reason in the quality report.

    `extra_columns` names columns beyond the contract, by table, whose values are kept in `_extra`,
    each with why it identifies nobody. Of other unknown columns only names and types are kept.

    `missing_files` says what it means that a table has no file, where that is no fault of the
    source: the table is then not read, and the run says so. Without it, a missing file is a fault.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    dialect: str
    description: str
    cursors: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    waived_rules: Mapping[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    extra_columns: Mapping[str, Mapping[str, Annotated[str, Field(min_length=1)]]] = Field(
        default_factory=dict
    )
    missing_files: Annotated[str, Field(min_length=1)] | None = None


class SourceCatalog:
    """All sources of an installation and the vendors' folders that they use."""

    def __init__(self, settings: Settings) -> None:
        self._vendors_dir = settings.root / "sources"
        folders = [self._vendors_dir, settings.city_dir / "sources", *settings.source_dirs]
        self._sources = read_sources(folders)

    def sources(self, system: str | None = None) -> list[Source]:
        """All sources, or those of one system, by id."""
        return [s for s in self._sources.values() if system in (None, s.system)]

    def source(self, source_id: str) -> Source:
        """One source. Raises SourceConfigurationError when there is no such id."""
        if source_id not in self._sources:
            known = ", ".join(self._sources) or "none"
            raise SourceConfigurationError(f"no source '{source_id}'; known sources: {known}")
        return self._sources[source_id]

    def vendor(self, source: Source) -> Vendor:
        """The vendor of a source. Raises SourceConfigurationError naming the file at fault."""
        path = self._vendors_dir / source.vendor / "vendor.yaml"
        if not path.is_file():
            raise SourceConfigurationError(
                f"source '{source.source_id}' names vendor '{source.vendor}', but {path} is missing"
            )
        return _parse(Vendor, path)

    def mapping_sql(self, source: Source) -> dict[str, str]:
        """Table name -> mapping SQL, for the tables that the vendor can give."""
        folder = self._vendors_dir / source.vendor
        return {p.stem: p.read_text("utf-8") for p in sorted(folder.glob("*.sql"))}


def resolve(text: str, secrets: SecretsFile, values: Mapping[str, str]) -> str:
    """Fill `{secret:NAME}`, `{env:NAME}`, `{env:NAME:-default}` and `{name}` placeholders.

    Raises SourceConfigurationError naming the placeholder that has no value.
    """

    def value(match: re.Match[str]) -> str:
        kind, name, default = match.groups()
        if kind == "secret":
            return secrets.get(name)
        known = os.environ if kind == "env" else values
        found = known.get(name) or default
        if found is None:
            where = "environment variable" if kind == "env" else "placeholder"
            raise SourceConfigurationError(
                f"{text.splitlines()[0]}: {where} '{name}' has no value; set it or correct the"
                " connection in the source's YAML"
            )
        return found

    return _PLACEHOLDER.sub(value, text)


def folder_of(source: Source, secrets: SecretsFile) -> str:
    """Folder with the files of a source of kind `files`; a relative one lies below the checkout.

    Of a drop folder it is `current/`. Raises MissingFolderError when it is not there.
    """
    root = root_of(source, secrets)
    return str(root / CURRENT if source.connection.drop else root)


def root_of(source: Source, secrets: SecretsFile) -> Path:
    """The folder that a source's `path` names. Raises MissingFolderError when it is not there."""
    folder = repository_root() / resolve(str(source.connection.path or ""), secrets, {})
    if not folder.is_dir():
        raise MissingFolderError(
            f"source '{source.source_id}': there is no folder {folder}; correct `path` in its YAML"
            " or the environment variable that it names"
        )
    return folder.resolve()


def read_sources(folders: Iterable[Path]) -> dict[str, Source]:
    """Sources of the `*.yaml` files in these folders by id, in the order of their names.

    A folder may also be the YAML file of one source; a file that is met twice counts once. Raises
    SourceConfigurationError naming the file that is wrong, or both that have one id.
    """
    paths = (
        path.resolve()
        for folder in folders
        for path in ([folder] if folder.is_file() else sorted(folder.glob("*.yaml")))
    )
    sources: dict[str, Source] = {}
    files: dict[str, Path] = {}
    for path in dict.fromkeys(paths):
        source = _parse(Source, path)
        if source.source_id in files:
            raise SourceConfigurationError(
                f"{path}: source_id '{source.source_id}' is that of {files[source.source_id]}"
                " already; give one of the two another id"
            )
        sources[source.source_id] = source
        files[source.source_id] = path
    return sources


def _parse(model: type[_Model], path: Path) -> _Model:
    try:
        return model.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise SourceConfigurationError(f"{path}: {error}") from error
