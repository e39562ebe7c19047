"""Many releases of one contracting process become one, as the standard's merge has it."""

import json
import sqlite3
from collections.abc import Iterator
from itertools import groupby
from typing import Any

_PARTS = """
    select part.ocid, part.body
    from part
    inner join (select ocid, min(place) as place from part group by ocid) as first using (ocid)
    order by first.place, part.place
"""


class MergeError(Exception):
    """Releases of a process that cannot be put in order or into one."""


def merge(releases: list[dict[str, Any]]) -> dict[str, Any]:
    """The compiled release of these releases of one process.

    By date; later values replace earlier ones, null removes, arrays of objects are joined by their
    `id` and other arrays replaced: the reference implementation's identifier merge. Its exceptions
    for single arrays of the schema (whole-list merge of objects with ids) are not applied; none of
    them is a field that an indicator reads. A single release is returned as it is. Raises
    `MergeError` where a date is missing or a field changes its JSON type.
    """
    if len(releases) == 1:
        return releases[0]
    import warnings

    from ocdsmerge import Merger
    from ocdsmerge.exceptions import DuplicateIdValueWarning, OCDSMergeError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DuplicateIdValueWarning)
            merged: dict[str, Any] = Merger(merge_rules={}).create_compiled_release(releases)
    except (OCDSMergeError, TypeError) as error:
        raise MergeError(str(error)) from None
    return merged


class ReleaseStore:
    """Releases that wait for the others of their process, on disk: memory does not grow."""

    def __init__(self) -> None:
        # SQLite removes a database without a name when it is closed.
        self._database = sqlite3.connect("")
        self._database.execute("create table part (ocid text, place integer, body text)")
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, ocid: str, release: dict[str, Any]) -> None:
        """Keep one release."""
        self._count += 1
        row = (ocid, self._count, json.dumps(release))
        self._database.execute("insert into part values (?, ?, ?)", row)

    def processes(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Each process with its releases, in the order of first appearance."""
        self._database.execute("create index part_ocid on part (ocid)")
        rows = self._database.execute(_PARTS)
        for ocid, parts in groupby(rows, key=lambda row: row[0]):
            yield ocid, [json.loads(body) for _, body in parts]

    def close(self) -> None:
        """Remove what was kept."""
        self._database.close()
