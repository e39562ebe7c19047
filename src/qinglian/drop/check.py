"""What is wrong with a delivered file: its checksum, its name, its content, its columns."""

import fnmatch
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from qinglian.drop.record import sets_read
from qinglian.extract.errors import NoSuchFileError, UnreadableFileError
from qinglian.extract.files import files_of, read_files
from qinglian.extract.reader import bind
from qinglian.extract.sources import Source
from qinglian.extract.window import Window
from qinglian.file_hash import sha256_of
from qinglian.scratch import scratch_folder

CHECKSUM = ".sha256"
_ROWS = 10_000
#: To see whether a query fits the columns of a file, any window will do.
_ANY_WINDOW = Window(datetime(2000, 1, 1), datetime(2100, 1, 1))


@dataclass(frozen=True)
class FileCheck:
    """Checks files of `source` beside those in `current`; `mapping` is its SQL by table."""

    source: Source
    current: Path
    mapping: Mapping[str, str]

    def require_sound(self, copy: Path) -> None:
        """Read a file whole and let every query that will read it see its columns.

        Raises UnreadableFileError saying what is wrong and what to do.
        """
        for name in self.sets_of(copy.name):
            self._try(copy, name)

    def sets_of(self, file_name: str) -> list[str]:
        """Sets that a file belongs to by its name. Raises UnreadableFileError when it has none."""
        file_sets = self.source.connection.files
        names = [n for n, s in file_sets.items() if fnmatch.fnmatchcase(file_name, s.pattern)]
        if not names:
            known = ", ".join(sorted(s.pattern for s in file_sets.values()))
            raise UnreadableFileError(
                shown(file_name),
                f"no file of this name is expected here, only {known}",
                "correct the file's name, or name it under `files` in the source's YAML",
            )
        return names

    def _try(self, copy: Path, name: str) -> None:
        """A query whose other sets were never delivered is left out: it cannot run yet."""
        with scratch_folder() as scratch:
            folder = scratch / "laid_out"
            folder.mkdir()
            self._lay_out(folder, copy, name)
            self._drain(folder, copy, name, f'select * from "{name}"', "")
            for table, sql in self.mapping.items():
                if name in sets_read(self.source, sql):
                    bound = bind(sql, self.source, _ANY_WINDOW)
                    with suppress(NoSuchFileError):
                        nothing = f"select * from (\n{bound}\n) limit 0"
                        self._drain(folder, copy, name, nothing, f"{table}: ")

    def _lay_out(self, folder: Path, copy: Path, name: str) -> None:
        """The file as the only one of its set, and what counts now of the other sets."""
        others = (s for n, s in self.source.connection.files.items() if n != name)
        paths = {p.name: p.resolve() for s in others for p in files_of(s, self.current)}
        for file_name, path in (paths | {copy.name: copy}).items():
            (folder / file_name).symlink_to(path)

    def _drain(self, folder: Path, copy: Path, name: str, sql: str, reader: str) -> None:
        file_sets = self.source.connection.files
        alone = file_sets[name].model_copy(update={"pattern": _literally(copy.name)})
        try:
            sets = {**file_sets, name: alone}
            for _ in read_files(sets, folder, sql, _ROWS, self.current.parent):
                pass
        except duckdb.Error as error:
            raise UnreadableFileError(
                shown(copy.name),
                reader + str(error).partition("\n")[0],
                "deliver the file with the columns and in the format of the earlier ones, or"
                " correct `files` in the source's YAML and the mapping SQL to the new layout",
            ) from error


def checksum_of(path: Path) -> Path:
    """Where the checksum of a delivered file lies."""
    return path.with_name(path.name + CHECKSUM)


def fits_checksum(path: Path) -> bool:
    """Whether a file is what the checksum beside it announces."""
    return sha256_of(path) == _announced(path)


def require_checksum(path: Path, sha256: str) -> None:
    """Raise UnreadableFileError when a checksum lies beside a file and announces another one."""
    if checksum_of(path).is_file() and (announced := _announced(path)) != sha256:
        raise UnreadableFileError(
            shown(path.name),
            f"its SHA-256 is {sha256} and {path.name}{CHECKSUM} says {announced or 'nothing'}",
            "the transfer was damaged or the file was changed afterwards: transfer both again",
        )


def shown(name: str) -> str:
    """A file's name as text; bytes that are no UTF-8, as old FTP programs write, are spelt out."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _announced(path: Path) -> str:
    """The digest in `<name>.sha256`, which is what `sha256sum` writes."""
    words = checksum_of(path).read_text("utf-8", errors="replace").split()
    return words[0].lower() if words else ""


def _literally(file_name: str) -> str:
    """A pattern that only this name fits."""
    return re.sub(r"([*?[])", r"[\1]", file_name)
