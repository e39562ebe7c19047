"""Looks for clear personal identifiers where none may be: landing files, databases, logs, reports.

Identity numbers are recognised by date and check character (GB 11643), mobile numbers by their
form, bank accounts by their check digit. Where clear values are known, as a synthetic city knows
its own, only these are looked for, and names too: then every finding is certain.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from psycopg import Connection, sql
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from qinglian.identity_number import is_identity_number
from qinglian.settings import Settings
from qinglian.warehouse.server import DATABASES, Server

_DIGITS = re.compile(r"(?<![0-9A-Za-z_.])\d{10,18}[0-9Xx](?![0-9A-Za-z_])")
_WORDS = re.compile(r"[\u4e00-\u9fff]{2,4}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_READ_CHARACTERS = 4_000_000
#: What a value must have to be looked at: most of the hundreds of millions have neither. PostgreSQL
#: and RE2 both understand it.
_LONG_NUMBER = "[0-9]{10}[0-9Xx]"
_CHINESE = "[\u4e00-\u9fff]{2}"
_ACCOUNT_LENGTHS = range(16, 20)
#: Kind of a finding about a file that is not what its name says, so that nothing is known of it.
UNREADABLE = "unreadable"
#: Where a long value may be broken; fonts of a PDF give it back after letters at random.
_BREAK = "\u200b"


@dataclass(frozen=True)
class KnownValues:
    """Clear values that must not be found anywhere; each set may be empty."""

    id_numbers: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Finding:
    """Clear identifiers of one kind in one place; the values themselves are not repeated."""

    place: str
    kind: str
    count: int


@dataclass
class PrivacyScanner:
    """Reads places as text and counts the identifiers in them.

    `known` makes every finding certain; without it, values are judged by their form.
    """

    known: KnownValues | None = None
    findings: list[Finding] = field(default_factory=list)
    places: int = 0

    def scan_text(self, place: str, chunks: Iterable[str]) -> None:
        """Scan one place that is given as chunks of text, none of which cuts a value."""
        found: Counter[str] = Counter()
        for chunk in chunks:
            found.update(self._kinds(chunk))
        self.places += 1
        self.findings += [Finding(place, kind, count) for kind, count in sorted(found.items())]

    def scan_values(self, place: str, values: Iterable[tuple[str, int]]) -> None:
        """Scan one place that is given as distinct values and how often each is there."""
        found: Counter[str] = Counter()
        for value, times in values:
            found.update({kind: n * times for kind, n in Counter(self._kinds(value)).items()})
        self.places += 1
        self.findings += [Finding(place, kind, count) for kind, count in sorted(found.items())]

    def scan_folder(self, folder: Path, skip: Callable[[Path], bool] = lambda _: False) -> None:
        """Scan every file below `folder`: Parquet by its values, Excel by its parts, PDF by the
        text of its pages, else as text.

        `skip` names files and folders that lie elsewhere in scope, such as a database's own files.
        """
        for path in sorted(folder.iterdir()):
            if skip(path) or path.is_symlink():
                continue
            if path.is_dir():
                self.scan_folder(path, skip)
            elif path.suffix == ".parquet":
                self.scan_values(str(path), _parquet_values(path, self._worth_a_look))
            elif path.suffix == ".pdf":
                self.scan_pdf(path)
            elif path.is_file():
                self.scan_text(str(path), _file_text(path))

    def scan_pdf(self, path: Path) -> None:
        """Scan the text of a PDF's pages and its properties; an unreadable one is a finding.

        The scan holds for text, not for pictures of it.
        """
        found: Counter[str] = Counter()
        try:
            for text in _pdf_texts(path):
                # A value may go on in the next line, and two values may stand below each other.
                lines, joined = (Counter(self._kinds(t)) for t in _unbroken(text))
                found.update(lines | joined)
        except PyPdfError:
            found[UNREADABLE] += 1
        self.places += 1
        self.findings += [Finding(str(path), kind, count) for kind, count in sorted(found.items())]

    def scan_database(self, connection: Connection, database: str) -> None:
        """Scan the columns that can hold an identifier in all tables that the user may read."""
        for schema, table, column in connection.execute(_COLUMNS).fetchall():
            place = f"{database}.{schema}.{table}.{column}"
            values = sql.SQL(_VALUES).format(
                column=sql.Identifier(column), table=sql.Identifier(schema, table)
            )
            with connection.cursor(name="privacy_scan") as rows:
                rows.execute(values, [self._worth_a_look])
                self.scan_values(place, rows)

    @property
    def _worth_a_look(self) -> str:
        """The pattern of values that may hold what is looked for."""
        names = self.known is not None and bool(self.known.names)
        return f"{_LONG_NUMBER}|{_CHINESE}" if names else _LONG_NUMBER

    def _kinds(self, text: str) -> Iterator[str]:
        for match in _DIGITS.finditer(text):
            kind = self._kind(match.group().upper())
            if kind:
                yield kind
        if self.known and self.known.names:
            names = self.known.names
            yield from ("name" for match in _WORDS.finditer(text) if match.group() in names)

    def _kind(self, value: str) -> str | None:
        if self.known:
            sets = {
                "id_number": self.known.id_numbers,
                "phone": self.known.phones,
                "account": self.known.accounts,
            }
            return next((kind for kind, values in sets.items() if value in values), None)
        if is_identity_number(value):
            return "id_number"
        if _MOBILE.fullmatch(value):
            return "phone"
        if len(value) in _ACCOUNT_LENGTHS and value.isdigit() and has_luhn_digit(value):
            return "account"
        return None


def scan_installation(
    settings: Settings, server: Server, known: KnownValues | None = None
) -> PrivacyScanner:
    """Scan all that this installation keeps: its state folder and its own databases.

    Source databases are not its own. The names of staff, which inspectors need, are known values
    only where the caller says so.
    """
    scanner = PrivacyScanner(known)
    elsewhere = {settings.state_dir / "postgres", settings.secrets_path, settings.city_dir}
    scanner.scan_folder(settings.state_dir, skip=lambda path: path in elsewhere)
    for database in DATABASES:
        with server.connect("superuser", database) as connection:
            scanner.scan_database(connection, database)
    return scanner


def has_luhn_digit(value: str) -> bool:
    """Whether the last digit of a card number checks the others (ISO/IEC 7812)."""
    digits = [int(d) for d in reversed(value)]
    doubled = [sum(divmod(2 * d, 10)) for d in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _file_text(path: Path) -> Iterator[str]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as part:
                    yield from _stream_text(io.TextIOWrapper(part, "utf-8", "replace"))
    else:
        with path.open(encoding="utf-8", errors="replace") as stream:
            yield from _stream_text(stream)


def _pdf_texts(path: Path) -> Iterator[str]:
    """The text of each page, and the properties of the document. Raises PyPdfError."""
    with path.open("rb") as stream:
        reader = PdfReader(stream)
        yield "\n".join(str(value) for value in (reader.metadata or {}).values())
        for page in reader.pages:
            yield page.extract_text()


def _unbroken(text: str) -> tuple[str, str]:
    """A page's text with its lines as they are, and with lines joined that a value may cross."""
    return text.replace(_BREAK, ""), text.replace(f"{_BREAK}\n", "").replace(_BREAK, "")


def _stream_text(stream: io.TextIOBase) -> Iterator[str]:
    """Pieces that end at line ends, since a value cut in two would not be seen."""
    rest = ""
    while piece := stream.read(_READ_CHARACTERS):
        whole, newline, rest = (rest + piece).rpartition("\n")
        yield whole + newline
    yield rest


def _parquet_values(path: Path, pattern: str) -> Iterator[tuple[str, int]]:
    """Text values of a file that match `pattern`, and the texts of its metadata."""
    file = pq.ParquetFile(path)
    yield from ((f"{k!r} {v!r}", 1) for k, v in (file.metadata.metadata or {}).items())
    for batch in file.iter_batches():
        for column in batch.columns:
            if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                matching = column.filter(pc.match_substring_regex(column, pattern))
                for value in pc.value_counts(matching).to_pylist():
                    yield value["values"], value["counts"]


#: Rows stream, so that memory does not grow.
_VALUES = """
select value, count(*)
from (select cast({column} as text) as value from {table}) as texts
where value ~ %s
group by value
"""

_COLUMNS = """
select n.nspname, c.relname, a.attname
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type as t on t.oid = a.atttypid
where c.relkind in ('r', 'p', 'm', 'f')
    and n.nspname not in ('pg_catalog', 'information_schema')
    and (t.typcategory = 'S' or t.typname in ('json', 'jsonb', 'bytea', 'int8', 'numeric')
        or t.typcategory = 'A')
    and has_column_privilege(c.oid, a.attnum, 'select')
    and has_schema_privilege(n.oid, 'usage')
order by 1, 2, 3
"""
