"""The ledger's copy in the landing zone: with it and the landed files, a lost database is no loss.

`ledger.jsonl` holds one entry of `ops.ledger_entry` a line, in order. It follows the database: an
entry is written here after its transaction committed and before its step counts as done. What a
crash leaves unwritten the next step writes, so the file is always the beginning of the chain. The
other way round it is never healed: a database that knows less than the file is not this landing
zone's, and nothing may be added to it before `qinglian rebuild`.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from psycopg import Connection
from psycopg.rows import dict_row

from qinglian.landing.ledger import GENESIS, Entry

_AT_ONCE = 2000
_BLOCK = 1 << 16


class JournalError(RuntimeError):
    """Landing zone and database do not belong together; the message says what to do."""


@dataclass(frozen=True)
class Journal:
    """The file `ledger.jsonl` of a landing zone."""

    landing_dir: Path

    @property
    def path(self) -> Path:
        return self.landing_dir / "ledger.jsonl"

    def catch_up(self, connection: Connection) -> int:
        """Write the entries that the file lacks and flush them to disk; returns how many.

        `connection` must not be within a transaction that has seen an older state. Raises
        JournalError when the database lacks or contradicts what the file says.
        """
        with self._opened() as file:
            last = _last_entry(file)
            self._must_continue(connection, last)
            number, written = (last.entry_no if last else 0), 0
            while entries := _entries_after(connection, number):
                file.write(b"".join(_line(entry) for entry in entries))
                number, written = entries[-1].entry_no, written + len(entries)
            if written:
                file.flush()
                os.fsync(file.fileno())
        return written

    def must_continue(self, connection: Connection) -> None:
        """Raise JournalError when the database lacks or contradicts what the file says."""
        with self._opened() as file:
            self._must_continue(connection, _last_entry(file))

    def read(self) -> list[Entry]:
        """All whole entries, checked to be one unbroken chain. Raises JournalError naming a break.

        A last line that a crash cut off is left out: the database has its entry.
        """
        if not self.path.is_file():
            raise JournalError(f"{self.path} is missing: without the ledger nothing can be proved")
        text = self.path.read_bytes()
        entries: list[Entry] = []
        previous = GENESIS
        for number, line in enumerate(text[: text.rfind(b"\n") + 1].splitlines(), start=1):
            entry = _parsed(self.path, number, line)
            if (entry.entry_no, entry.previous_hash) != (number, previous):
                raise JournalError(f"{self.path}, line {number}: it does not continue the chain")
            if entry.computed_hash() != entry.entry_hash:
                raise JournalError(f"{self.path}, line {number}: the entry was changed")
            previous = entry.entry_hash
            entries.append(entry)
        return entries

    def faults(self, chain: list[Entry]) -> Iterator[str]:
        """Sentences on what differs between the file and the database's `chain`."""
        if not chain and not self.path.exists():
            return
        try:
            entries = self.read()
        except JournalError as error:
            yield str(error)
            return
        for ours, theirs in zip(entries, chain, strict=False):
            if ours.entry_hash != theirs.entry_hash:
                yield f"{self.path}, line {ours.entry_no}: the database has another entry there"
                return
        if len(entries) != len(chain):
            yield f"{self.path} has {len(entries)} entries and the database {len(chain)}"

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        """The file for appending; other processes wait."""
        is_new = not self.path.exists()
        self.landing_dir.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if is_new:
                _flush_folder(self.landing_dir)
            yield file

    def _must_continue(self, connection: Connection, last: Entry | None) -> None:
        if last is None:
            return
        row = connection.execute(
            "select entry_hash from ops.ledger_entry where entry_no = %s", (last.entry_no,)
        ).fetchone()
        if row is None:
            raise JournalError(
                f"the database lacks entry {last.entry_no} of {self.path}: it is new or older than"
                " its landing zone. Remedy: `qinglian rebuild` loads what is missing"
            )
        if row[0] != last.entry_hash:
            raise JournalError(
                f"entry {last.entry_no} differs between the database and {self.path}: they are of"
                " two installations, or one was altered. Remedy: `qinglian verify` says which"
                " entry was changed; set QINGLIAN_HOME to the landing zone of this database"
            )


def flush(path: Path) -> None:
    """Bring a file and its folder's entry to disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _entries_after(connection: Connection, number: int) -> list[Entry]:
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "select entry_no, batch_id, event, payload, previous_hash, entry_hash, written_at"
            " from ops.ledger_entry where entry_no > %s order by entry_no limit %s",
            (number, _AT_ONCE),
        )
        return [Entry(**row) for row in cursor]


def _line(entry: Entry) -> bytes:
    values = asdict(entry) | {"written_at": entry.written_at.isoformat(sep=" ")}
    return json.dumps(values, ensure_ascii=False).encode() + b"\n"


def _parsed(path: Path, number: int, line: bytes) -> Entry:
    try:
        values = json.loads(line)
        return Entry(**values | {"written_at": datetime.fromisoformat(values["written_at"])})
    except (ValueError, TypeError, KeyError) as error:
        raise JournalError(f"{path}, line {number}: it is no ledger entry ({error})") from error


def _last_entry(file: IO[bytes]) -> Entry | None:
    """The last whole line; a line that a crash cut off is removed first."""
    end = file.seek(0, os.SEEK_END)
    tail = b""
    start = end
    while start > 0 and tail.count(b"\n") < 2:  # noqa: PLR2004 - the ends of the last two lines
        start = max(0, start - _BLOCK)
        file.seek(start)
        tail = file.read(end - start)
    whole = tail.rfind(b"\n") + 1
    file.truncate(start + whole)
    file.seek(0, os.SEEK_END)
    lines = tail[:whole].splitlines()
    return _parsed(Path(file.name), 0, lines[-1]) if lines else None
