"""Runs a mapping SQL at its source and yields Arrow record batches."""

import re
from collections.abc import Iterator
from datetime import datetime

import connectorx
import duckdb
import psycopg
import pyarrow as pa

from qinglian.extract.errors import (
    MissingFilesError,
    MissingFolderError,
    SourceError,
    remedy_for,
)
from qinglian.extract.sources import Source, folder_of, resolve
from qinglian.extract.window import Window
from qinglian.secrets_file import SecretsFile

READ_ROWS = 50_000
_PARAMETER = re.compile(r"(?<!:):(window_start|window_end|org_code)\b")


def bind(mapping_sql: str, source: Source, window: Window | None) -> str:
    """The mapping SQL with its parameters as quoted literals.

    Drivers read as streams here take no parameters. Only our own values are filled in: two
    timestamps and an organisation code that the source's YAML has validated.
    """
    values = {"org_code": source.org_code or ""}
    if window is not None:
        values |= {"window_start": _literal(window.start), "window_end": _literal(window.end)}
    without_comments = "\n".join(
        line for line in mapping_sql.splitlines() if not line.lstrip().startswith("--")
    )
    return _PARAMETER.sub(lambda m: "'" + values[m.group(1)] + "'", without_comments).rstrip("; \n")


def read_batches(
    source: Source, table: str, sql: str, secrets: SecretsFile, demo_server: str
) -> Iterator[pa.RecordBatch]:
    """Record batches of at most 50,000 rows, in the types that the source gives.

    Raises SourceError with a remedy when the source cannot be reached, refuses, or dies halfway;
    MissingFilesError when the table's files are not there.
    """
    try:
        if source.connection.kind == "files":
            folder = folder_of(source, secrets)
            quoted = folder.replace("'", "''")
            yield from _read_files(resolve(sql, secrets, {"path": quoted}))
        else:
            values = {"demo_server": demo_server}
            url = resolve(source.connection.url or "", secrets, values)
            yield from _read_database(source.connection.kind, url, sql)
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a driver written in Rust panics past Exception
        problem = _without_password(str(error))
        kind = MissingFilesError if _is_missing_file(error) else SourceError
        raise kind(source.source_id, table, problem, remedy_for(problem)) from None


def _read_database(kind: str, url: str, sql: str) -> Iterator[pa.RecordBatch]:
    if kind == "postgresql":
        # connectorx tries for half a minute before it says that a login is refused.
        psycopg.connect(url, connect_timeout=10).close()
    yield from connectorx.read_sql(url, sql, return_type="arrow_stream", batch_size=READ_ROWS)


def _read_files(sql: str) -> Iterator[pa.RecordBatch]:
    with duckdb.connect(config={"threads": 1}) as connection:
        yield from connection.execute(sql).to_arrow_reader(READ_ROWS)


def _is_missing_file(error: BaseException) -> bool:
    # DuckDB has no exception of its own for it.
    no_match = isinstance(error, duckdb.IOException) and "No files found" in str(error)
    return no_match or isinstance(error, MissingFolderError)


def _literal(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _without_password(message: str) -> str:
    return re.sub(r"://[^@\s]*@", "://***@", message).strip()
