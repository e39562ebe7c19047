"""Reads OCDS files piece by piece: JSON lines, release packages, record packages, gzip or plain.

Memory holds one process at a time. What cannot be read is counted and told, with its place and a
remedy; all else is read on.
"""

import gzip
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from qinglian.ocds.merging import MergeError, ReleaseStore, merge

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_LINE_LIMIT = 1 << 20
"""Longer first lines are looked at as a stream, since they may be a whole package."""
_SHOWN_FAULTS = 20
_OPENING = ("start_map", "start_array")
_CLOSING = ("end_map", "end_array")


class _Kind(StrEnum):
    LINES = "lines"
    VALUES = "values"
    ARRAY = "array"
    RELEASES = "releases"
    RECORDS = "records"


class OcdsFileError(Exception):
    """A file that cannot be opened."""


@dataclass
class Faults:
    """What could not be read: the first ones in words, all of them counted."""

    count: int = 0
    shown: list[str] = field(default_factory=list)
    cut_off: bool = False
    """The file broke off or went wrong inside a package: nobody knows how much is missing."""

    def add(self, message: str) -> None:
        """Count one and keep its words while they are few."""
        self.count += 1
        if len(self.shown) < _SHOWN_FAULTS:
            self.shown.append(message)


class Reader:
    """The compiled releases of one file; `-` is standard input.

    A JSON line may hold a compiled release, a record or a package. Releases of a release package
    that are not tagged compiled are merged by `ocid` over the whole file; with `merge_lines` so are
    plain lines, which otherwise each are a process, as Cardinal takes them. A record counts by its
    compiled release, or else by its embedded releases merged.
    """

    def __init__(self, path: Path, *, merge_lines: bool = False) -> None:
        self.path = path
        self.faults = Faults()
        self._merge_lines = merge_lines
        self._store: ReleaseStore | None = None
        self._cleanup = ExitStack()

    def releases(self) -> Iterator[dict[str, Any]]:
        """Yield each process once; raises `OcdsFileError` when there is no such file."""
        with self._cleanup:
            try:
                file = self._spooled() if str(self.path) == "-" else self.path
                kind = _kind(file)
                with _open(file) as stream:
                    yield from self._read(stream, kind)
            except (OSError, EOFError) as error:
                raise OcdsFileError(f"{self.path} cannot be read: {error}") from None
            yield from self._merged()

    def _spooled(self) -> Path:
        """Standard input as a file, since its kind is looked up before it is read."""
        copy = self._cleanup.enter_context(tempfile.NamedTemporaryFile())  # noqa: SIM115
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        return Path(copy.name)

    def _read(self, stream: IO[bytes], kind: _Kind) -> Iterator[dict[str, Any]]:
        if kind is _Kind.LINES:
            yield from self._lines(stream)
        else:
            yield from self._streamed(stream, kind)

    def _lines(self, stream: IO[bytes]) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            place = f"line {number}"
            try:
                value = json.loads(_text(line, number), parse_constant=_refuse)
            except (ValueError, RecursionError) as error:
                self._fault(place, f"no valid JSON ({error})", "correct the line or remove it")
                continue
            yield from self._expanded(value, place)

    def _streamed(self, stream: IO[bytes], kind: _Kind) -> Iterator[dict[str, Any]]:
        import ijson

        prefix = {_Kind.VALUES: "", _Kind.ARRAY: "item"}.get(kind, f"{kind}.item")
        found = ijson.items(stream, prefix, use_float=True, multiple_values=kind is _Kind.VALUES)
        take = self._package_part if kind is _Kind.RELEASES else self._expanded
        number = 0
        try:
            for number, value in enumerate(found, 1):
                yield from take(value, f"{kind}[{number - 1}]")
        except ijson.JSONError as error:
            self.faults.cut_off = True
            self._fault(
                f"after entry {number} of {kind}",
                f"the JSON breaks off or is not valid ({error})",
                "fetch the file again; results are of the entries before it",
            )

    def _expanded(self, value: object, place: str) -> Iterator[dict[str, Any]]:
        """The releases of a line: itself, its record's, or its package's."""
        if not isinstance(value, dict):
            self._fault(place, "not a JSON object", "give one release, record or package")
        elif isinstance(value.get("releases"), list) and "ocid" not in value:
            for i, release in enumerate(value["releases"]):
                yield from self._package_part(release, f"{place}, releases[{i}]")
        elif isinstance(value.get("records"), list) and "ocid" not in value:
            for i, record in enumerate(value["records"]):
                yield from self._expanded(record, f"{place}, records[{i}]")
        elif isinstance(value.get("compiledRelease"), dict):
            yield value["compiledRelease"]
        elif isinstance(value.get("releases"), list):
            yield from self._record(value, place)
        elif not isinstance(value.get("ocid"), str):
            self._fault(place, "no ocid that is text", "give each process its ocid")
        elif self._merge_lines:
            yield from self._package_part(value, place)
        else:
            yield value

    def _record(self, record: dict[str, Any], place: str) -> Iterator[dict[str, Any]]:
        embedded = [
            release
            for release in record["releases"]
            if isinstance(release, dict) and isinstance(release.get("ocid"), str)
        ]
        if not embedded or len(embedded) < len(record["releases"]):
            self._fault(
                f"{place}, ocid {record.get('ocid')!r}",
                "the record has no compiled release and only links to releases",
                "give a record package with compiled releases or with the releases embedded",
            )
            return
        yield from self._merge(str(record.get("ocid")), embedded)

    def _package_part(self, release: object, place: str) -> Iterator[dict[str, Any]]:
        """A release of a package: whole when it is tagged compiled, else it waits for others."""
        if not isinstance(release, dict) or not isinstance(release.get("ocid"), str):
            self._fault(place, "no release with an ocid that is text", "give each its ocid")
            return
        tag = release.get("tag")
        if isinstance(tag, list) and "compiled" in tag:
            yield release
            return
        if self._store is None:
            self._store = ReleaseStore()
            self._cleanup.callback(self._store.close)
        self._store.add(release["ocid"], release)

    def _merged(self) -> Iterator[dict[str, Any]]:
        for ocid, releases in self._store.processes() if self._store is not None else ():
            yield from self._merge(ocid, releases)

    def _merge(self, ocid: str, releases: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        try:
            yield merge(releases)
        except MergeError as error:
            self._fault(
                f"ocid {ocid!r}",
                f"its {len(releases)} releases cannot be merged ({error})",
                "give each release its date and one type a field, or give compiled releases",
            )

    def _fault(self, place: str, fault: str, remedy: str) -> None:
        self.faults.add(f"{self.path}, {place}: {fault}. Remedy: {remedy}.")


def _text(line: bytes, number: int) -> str:
    return (line.removeprefix(_BOM) if number == 1 else line).decode("utf-8")


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as stream:
        packed = stream.read(len(_GZIP)) == _GZIP
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]


def _kind(path: Path) -> _Kind:
    """What a file is, told from its first lines and the first names of its object."""
    with _open(path) as stream:
        first = _next_line(stream).removeprefix(_BOM).strip()
        if first.startswith(b"["):
            return _Kind.ARRAY
        if len(first) < _LINE_LIMIT and _is_json(first):
            return _Kind.LINES
        # A long first line is a line as any; a short one that is no JSON is one of an indented
        # object, unless the next one starts an object of its own.
        lines = len(first) >= _LINE_LIMIT or _next_line(stream).lstrip().startswith(b"{")
    with _open(path) as stream:
        return _kind_by_names(stream, otherwise=_Kind.LINES if lines else _Kind.VALUES)


def _next_line(stream: IO[bytes]) -> bytes:
    line = stream.readline(_LINE_LIMIT)
    while line and not line.strip():
        line = stream.readline(_LINE_LIMIT)
    return line


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return not line
    return True


def _kind_by_names(stream: IO[bytes], otherwise: _Kind) -> _Kind:
    import ijson

    kinds = {
        "releases": _Kind.RELEASES,
        "records": _Kind.RECORDS,
        "ocid": otherwise,
        "compiledRelease": otherwise,
    }
    depth = 0
    try:
        # Not `ijson.parse`: the path that it tells of each value is long where values lie deep.
        for event, value in ijson.basic_parse(stream):
            if depth == 1 and event == "map_key" and value in kinds:
                return kinds[value]
            depth += (event in _OPENING) - (event in _CLOSING)
    except ijson.JSONError:
        return _Kind.LINES
    return otherwise
