"""The files behind an extract, by name, size and hash: what proves where its rows came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qinglian.extract.errors import MissingFolderError, SourceError
from qinglian.extract.files import files_read
from qinglian.extract.mapping import MappingSyntaxError
from qinglian.extract.sources import Source, folder_of
from qinglian.file_hash import sha256_of
from qinglian.secrets_file import SecretsFile


@dataclass(frozen=True)
class DeliveredFile:
    """One file as it was delivered; `state` tells whether it was written to since."""

    name: str
    sha256: str
    bytes: int
    path: Path
    state: tuple[int, ...]

    @property
    def fact(self) -> dict[str, str | int]:
        """What the ledger says of it."""
        return {"name": self.name, "sha256": self.sha256, "bytes": self.bytes}


def file_state(path: Path, *, follow_symlinks: bool = True) -> tuple[int, ...]:
    """What changes with every write and every replacement of a file; empty when it is gone."""
    try:
        found = path.stat(follow_symlinks=follow_symlinks)
    except FileNotFoundError:
        return ()
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def delivered_files(
    source: Source, sql: str, secrets: SecretsFile
) -> tuple[DeliveredFile, ...] | None:
    """The files that a mapping SQL reads, by name; None for a source that is no folder of files.

    A folder that is missing and SQL that cannot be read give none: reading them says what is wrong.
    """
    if source.connection.kind != "files":
        return None
    try:
        folder = Path(folder_of(source, secrets))
        paths = files_read(source.connection.files, folder, sql)
    except (MissingFolderError, MappingSyntaxError):
        return ()
    return tuple(_delivered(path, folder) for path in paths)


def refuse_changed(source: Source, table: str, files: tuple[DeliveredFile, ...] | None) -> None:
    """Raise SourceError when a file was written to after it was hashed: its rows prove nothing."""
    changed = [file.name for file in files or () if file_state(file.path) != file.state]
    if changed:
        raise SourceError(
            source.source_id,
            table,
            f"{', '.join(changed)} changed while it was read",
            "write a file under another name and rename it when it is whole, or deliver it through"
            " a drop folder; then run the task again",
        )


def facts_of(files: tuple[DeliveredFile, ...] | None) -> list[Mapping[str, str | int]] | None:
    """The files as facts of a batch."""
    return None if files is None else [file.fact for file in files]


def _delivered(path: Path, folder: Path) -> DeliveredFile:
    state = file_state(path)
    return DeliveredFile(
        str(path.relative_to(folder)), sha256_of(path), path.stat().st_size, path, state
    )
