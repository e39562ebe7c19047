"""Runs a mapping SQL at its source and yields Arrow record batches."""

import logging
import re
from collections.abc import Generator
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from qinglian.extract.databases import column_names, read_database
from qinglian.extract.drift import likeliest, missing_column
from qinglian.extract.errors import (
    MissingFilesError,
    MissingFolderError,
    NoSuchFileError,
    SourceError,
    remedy_for,
)
from qinglian.extract.files import names_no_file, read_files
from qinglian.extract.mapping import DIALECTS, tables_read
from qinglian.extract.parameters import fill
from qinglian.extract.sources import Source, folder_of, resolve, root_of
from qinglian.extract.totals import SourceControl
from qinglian.extract.window import Window
from qinglian.secrets_file import SecretsFile

log = logging.getLogger(__name__)

READ_ROWS = 50_000


def bind(mapping_sql: str, source: Source, window: Window | None) -> str:
    """The mapping SQL with its parameters as quoted literals.

    Drivers read as streams here take no parameters. Only our own values are filled in: two
    timestamps and an organisation code that the source's YAML has validated.
    """
    values = {"org_code": source.org_code or ""}
    if window is not None:
        values |= {"window_start": _literal(window.start), "window_end": _literal(window.end)}
    return fill(mapping_sql, values)


def read_batches(
    source: Source,
    table: str,
    sql: str,
    secrets: SecretsFile,
    demo_server: str,
    control: SourceControl | None = None,
) -> Generator[pa.RecordBatch, None, None]:
    """Record batches of at most 50,000 rows, in the types that the source gives.

    `control` is given the source's own count of the same rows, where its database takes one.
    Raises SourceError with a remedy when the source cannot be reached, refuses, or dies halfway;
    MissingFilesError when the table's files are not there.
    """
    try:
        if source.connection.kind == "files":
            folder = Path(folder_of(source, secrets))
            quoted = str(folder).replace("'", "''")
            text = sql.replace("{path}", quoted)
            archive = root_of(source, secrets) if source.connection.drop else None
            yield from read_files(source.connection.files, folder, text, READ_ROWS, archive)
        else:
            values = {"demo_server": demo_server}
            url = resolve(source.connection.url or "", secrets, values)
            yield from read_database(
                *(source.connection.kind, url, sql, READ_ROWS, control),
                # Where the source says how many connections it allows, one does all its work.
                counts_first=source.limits.connections is not None,
            )
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a driver written in Rust panics past Exception
        problem = _without_password(str(error))
        problem += _rename_hint(source, sql, secrets, demo_server, problem)
        remedy = getattr(error, "remedy", None) or remedy_for(problem)
        kind = MissingFilesError if _is_missing_file(error) else SourceError
        raise kind(source.source_id, table, problem, remedy) from None


def _rename_hint(
    source: Source, sql: str, secrets: SecretsFile, demo_server: str, problem: str
) -> str:
    """What a column that the database does not find is probably called now, as a clause or ''.

    Candidates are the columns of the mapping's tables that the mapping does not use.
    """
    kind, missing = source.connection.kind, missing_column(problem)
    if missing is None or kind not in ("postgresql", "mysql"):
        return ""
    try:
        url = resolve(source.connection.url or "", secrets, {"demo_server": demo_server})
        names = column_names(kind, url, tables_read(sql, DIALECTS[kind]))
        used = set(re.findall(r"\w+", sql.lower()))
        name = likeliest(missing, (n for n in names if n.lower() not in used))
    except Exception:
        log.warning("no look for the new name of %s", missing, exc_info=True)
        return ""  # a hint must never hide the error that it is about
    return f"; likeliest new name of '{missing}': '{name}'" if name else ""


def _is_missing_file(error: BaseException) -> bool:
    return names_no_file(error) or isinstance(error, MissingFolderError | NoSuchFileError)


def _literal(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _without_password(message: str) -> str:
    return re.sub(r"://[^@\s]*@", "://***@", message).strip()
