"""The history of verifications beside the ledger: `verifications.jsonl` of the landing zone.

A verification is no entry of the chain: one that finds the chain broken would be built upon the
break, and a chain that is mended from a backup would then not fit it. Row and line are held against
each other by the next verification instead, and a rebuild brings the rows back from the lines.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

#: The number is the database's own; the moment tells verifications apart.
_ROWS = "select to_jsonb(v) - 'verification_id' from ops.verification as v order by verified_at"


@dataclass(frozen=True)
class Verifications:
    """The file `verifications.jsonl` of a landing zone."""

    landing_dir: Path

    @property
    def path(self) -> Path:
        return self.landing_dir / "verifications.jsonl"

    def catch_up(self, connection: Connection) -> None:
        """Write the verifications that the file lacks; it is replaced whole or not at all."""
        self.landing_dir.mkdir(parents=True, exist_ok=True)
        folder = os.open(self.landing_dir, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            written = self.path.read_bytes() if self.path.is_file() else b""
            known = {row.get("verified_at") for row in self._parsed(written) if row}
            lines = [
                json.dumps(row, ensure_ascii=False).encode() + b"\n"
                for (row,) in connection.execute(_ROWS).fetchall()
                if row["verified_at"] not in known
            ]
            beside = self.path.with_suffix(".new")
            with beside.open("wb") as file:
                file.write(written + b"".join(lines))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
            os.fsync(folder)
        finally:
            os.close(folder)

    def restore(self, connection: Connection) -> None:
        """Add the rows that the file has and the database does not, as the owner."""
        rows = [row for row in self._lines() if row]
        connection.execute(
            "insert into ops.verification"
            " (verified_at, kind, entries, entry_hash, batches, faults)"
            " select verified_at, kind, entries, entry_hash, batches, faults"
            " from jsonb_populate_recordset(null::ops.verification, %s) as kept"
            " where not exists (select from ops.verification as held"
            " where held.verified_at = kept.verified_at) order by verified_at",
            (Jsonb(rows),),
        )

    def faults(self, connection: Connection) -> Iterator[str]:
        """Sentences on lines that are none, and on rows that are not what their line says."""
        rows = connection.execute(_ROWS).fetchall()
        held = {row["verified_at"]: row for (row,) in rows}
        for number, line in enumerate(self._lines(), start=1):
            if line is None:
                yield f"{self.path}, line {number}: it is no verification"
                continue
            at = line["verified_at"]
            if at not in held:
                yield f"ops.verification {at}: it is in {self.path} and was removed"
            elif line != held[at]:
                yield f"ops.verification {at}: it is not what {self.path} says"

    def _lines(self) -> list[Mapping[str, Any] | None]:
        return list(self._parsed(self.path.read_bytes())) if self.path.is_file() else []

    @staticmethod
    def _parsed(text: bytes) -> Iterator[Mapping[str, Any] | None]:
        """The row of each line, None for a line that is none."""
        for line in text.splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            yield row if isinstance(row, dict) and "verified_at" in row else None
