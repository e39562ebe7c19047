"""Takes files out of a drop folder.

    incoming/   where the hospital writes
    archive/    <date>/<sha256>/<name>: every file that was taken, as it came
    current/    a link a name to the file that counts; this is what the mapping SQL reads
    rejected/   <date>/<sha256>/<name> and <name>.txt, which says what is wrong

A file under a name that was delivered before replaces the former; another name adds to its set.
Every step can be repeated: a file leaves `incoming/` last, so that after a crash it is taken again.
"""

import fcntl
import fnmatch
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from qinglian.drop.check import (
    CHECKSUM,
    FileCheck,
    checksum_of,
    fits_checksum,
    require_checksum,
    shown,
)
from qinglian.drop.record import (
    NO_CONTENT,
    Delivery,
    Verdict,
    counted_sha256,
    enter_delivery,
    taken_sha256,
)
from qinglian.extract.delivered import file_state
from qinglian.extract.errors import SourceConfigurationError, UnreadableFileError
from qinglian.extract.files import files_of
from qinglian.extract.sources import CURRENT, DropFolder, Source, root_of
from qinglian.file_hash import sha256_of
from qinglian.landing.journal import Journal, flush
from qinglian.scratch import scratch_folder
from qinglian.warehouse.server import Server

INCOMING, ARCHIVE, REJECTED = "incoming", "archive", "rejected"
#: Names under which transfer programs write a file that is not whole yet.
_GROWING = (".*", "*.tmp", "*.part", "*.partial", "*.filepart", "*.crdownload", "~$*")
#: Below the archive, since a file gets its name there by a rename.
_TAKING = ".taking"


@dataclass
class DropReport:
    """What one look into a drop folder found; `waiting` says of each other file why it waits."""

    deliveries: list[Delivery] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)

    @property
    def rejected(self) -> list[Delivery]:
        return [d for d in self.deliveries if d.verdict is Verdict.REJECTED]


def take_deliveries(
    source: Source,
    mapping: Mapping[str, str],
    server: Server,
    journal: Journal,
    now: datetime,
) -> DropReport:
    """Take every whole file out of `incoming/` and enter it in `ops.delivery` and the ledger.

    `mapping` is the SQL by table; a file that it cannot read is rejected. Raises
    SourceConfigurationError when the folder is missing or cannot be written to, JournalError when
    the database is not that of the landing zone: then no file is touched.
    """
    assert source.connection.drop is not None  # noqa: S101 - the caller looked
    with server.connect("loader", autocommit=True) as connection:
        journal.catch_up(connection)
    root = root_of(source, server.secrets)
    check = FileCheck(source, root / CURRENT, mapping)
    folder = _Folder(root, source.connection.drop, check, now)
    report = DropReport()
    with folder.locked():
        with server.connect("loader", autocommit=True) as connection:
            folder.entered.update(taken_sha256(connection, source.source_id))
        for path in sorted((root / INCOMING).iterdir()):
            if path.suffix == CHECKSUM and path.with_suffix("").exists():
                continue
            try:
                state = file_state(path, follow_symlinks=False)
                if not state:
                    continue  # whoever delivered it took it back
                if reason := folder.why_waiting(path):
                    report.waiting[shown(path.name)] = reason
                    continue
                delivery = folder.keep(path)
            except FileNotFoundError:
                if path.is_symlink() or path.exists():
                    raise
                continue  # whoever delivered it took it back
            enter_delivery(server, journal, source.source_id, delivery, now)
            report.deliveries.append(delivery)
            if delivery.verdict is Verdict.TAKEN:
                folder.entered.add(delivery.sha256)
            # Else it was delivered anew meanwhile, which is the next look's.
            if file_state(path, follow_symlinks=False) == state:
                path.unlink()
                checksum_of(path).unlink(missing_ok=True)
    return report


@dataclass(frozen=True)
class _Folder:
    root: Path
    rules: DropFolder
    check: FileCheck
    now: datetime
    #: Digests of what was entered as taken.
    entered: set[str] = field(default_factory=set)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One look at a time; folders are made where they are missing."""
        for name in (INCOMING, ARCHIVE, CURRENT, REJECTED):
            self._require_folder(self.root / name)
        with (self.root / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _require_folder(self, path: Path) -> None:
        if not path.is_dir() and os.access(self.root, os.W_OK):
            path.mkdir(exist_ok=True)
        if not (path.is_dir() and os.access(path, os.W_OK)):
            raise SourceConfigurationError(
                f"source '{self.check.source.source_id}': {path} is missing or read-only; let the"
                " account that runs Qinglian write to the drop folder and the folders in it"
            )

    def why_waiting(self, path: Path) -> str | None:
        """Why a file is not taken yet; None when it is whole, or will never be."""
        if path.is_symlink():
            return None
        if not path.is_file():
            return "it is no file: deliver the files of a folder one by one"
        if not os.access(path, os.R_OK):
            return "the account that runs Qinglian may not read it"
        if path.suffix == CHECKSUM:
            return "the file that it is the checksum of is missing"
        if any(fnmatch.fnmatch(path.name, pattern) for pattern in _GROWING):
            return "its name says that it is still being written"
        return self._why_not_whole(path)

    def _why_not_whole(self, path: Path) -> str | None:
        if checksum_of(path).is_file():
            if fits_checksum(path):
                return None
        elif self.rules.checksum_required:
            return f"its {shown(path.name)}{CHECKSUM} is missing"
        # The change time: programs that copy set the modification time to that of the original.
        if time.time() - path.stat().st_ctime < self.rules.quiet_seconds:
            return f"it was written to less than {self.rules.quiet_seconds} seconds ago"
        return None

    def keep(self, path: Path) -> Delivery:
        """Copy a file to where it stays and, unless it is broken or a repetition, let it count."""
        if path.is_symlink():
            return self._keep_link(path)
        with scratch_folder(self.root / ARCHIVE / _TAKING) as scratch:
            copy = scratch / path.name
            shutil.copyfile(path, copy)
            sha256 = sha256_of(copy)
            try:
                require_checksum(path, sha256)
                self.check.require_sound(copy)
            except UnreadableFileError as fault:
                kept = self._settle(copy, REJECTED, sha256)
                return self._rejected(kept, sha256, fault)
            repeated = self._is_repeated(path.name, sha256)
            kept = self._settle(copy, ARCHIVE, sha256)
        if not repeated:
            self._let_count(kept)
        return self._delivery(kept, sha256, Verdict.REPEATED if repeated else Verdict.TAKEN)

    def _keep_link(self, path: Path) -> Delivery:
        """A link is never followed: it may name any file of this machine."""
        kept = self._place(REJECTED, path.name, NO_CONTENT)
        kept.unlink(missing_ok=True)
        shutil.copyfile(path, kept, follow_symlinks=False)
        fault = UnreadableFileError(
            shown(path.name), "it is a link and no file", "deliver the file itself"
        )
        return self._rejected(kept, NO_CONTENT, fault)

    def _is_repeated(self, file_name: str, sha256: str) -> bool:
        """Whether the same bytes count already in every set that the file belongs to.

        Bytes that count and were never entered are those of a look that was killed in between.
        """
        file_sets = self.check.source.connection.files
        return sha256 in self.entered and all(
            sha256 in {counted_sha256(p) for p in files_of(file_sets[n], self.root / CURRENT)}
            for n in self.check.sets_of(file_name)
        )

    def _place(self, folder: str, file_name: str, sha256: str) -> Path:
        place = self.root / folder / self.now.date().isoformat() / sha256
        place.mkdir(parents=True, exist_ok=True)
        return place / file_name

    def _settle(self, copy: Path, folder: str, sha256: str) -> Path:
        """Give a whole copy its name for good; what bears it already has the same bytes."""
        copy.chmod(0o440)
        kept = copy.replace(self._place(folder, copy.name, sha256))
        flush(kept)
        return kept

    def _let_count(self, kept: Path) -> None:
        link = self.root / CURRENT / kept.name
        growing = link.with_name(f".{link.name}.new")
        growing.unlink(missing_ok=True)
        growing.symlink_to(Path("..") / kept.relative_to(self.root))
        growing.replace(link)

    def _rejected(self, kept: Path, sha256: str, fault: UnreadableFileError) -> Delivery:
        """The delivery of a broken file, and the text beside it for whoever delivered it."""
        delivery = self._delivery(kept, sha256, Verdict.REJECTED, shown(str(fault)))
        kept.with_name(f"{kept.name}.txt").write_text(
            f"文件 File: {delivery.file_name}\n"
            f"大小 Size: {delivery.bytes} 字节 bytes\n"
            f"SHA-256: {sha256}\n"
            f"退回时间 Rejected at: {self.now}\n"
            f"问题 Problem: {delivery.problem}\n"
            f"处理办法 Remedy: {fault.remedy}\n"
            "本文件未入库。请更正后重新放入 incoming 文件夹。\n"
            "Nothing of this file was loaded. Correct it and put it into incoming/ again.\n",
            "utf-8",
        )
        return delivery

    def _delivery(
        self, kept: Path, sha256: str, verdict: Verdict, problem: str | None = None
    ) -> Delivery:
        kept_at = shown(str(kept.relative_to(self.root)))
        return Delivery(shown(kept.name), sha256, kept.lstat().st_size, verdict, kept_at, problem)
