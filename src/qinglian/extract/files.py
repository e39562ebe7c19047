"""Reads a mapping SQL over files: DuckDB runs it, each set of files is a table of texts.

Nothing is guessed and nothing is evaluated: encoding, delimiter and sheet stand in the source's
YAML, numbers and dates stay the text that the file holds until the contract's types are applied,
and a file that is damaged, packed beyond reason or not what it says stops its table by name.
"""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, cast

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from qinglian.extract.errors import NoSuchFileError, UnreadableFileError
from qinglian.extract.excel import excel_to_parquet
from qinglian.extract.file_checks import checked_names, refuse_size
from qinglian.extract.mapping import tables_read
from qinglian.extract.sources import FileSet
from qinglian.scratch import scratch_folder

#: One JSON document, such as an OCDS package, is held in memory whole.
LARGEST_JSON_BYTES = 256 << 20
#: The longest line of a CSV file; a quote that is never closed makes one of all that follows it.
LONGEST_LINE_BYTES = 2 << 20
_CHUNK = 1 << 20
#: DuckDB's errors about the mapping SQL; all others are about the files.
_QUERY_ERRORS = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConversionException,
    duckdb.ParserException,
    duckdb.PermissionException,
)
_NAMED_IN_THE_SQL = re.compile(r"'\{path\}/([^']+)'")


def read_files(
    file_sets: Mapping[str, FileSet],
    folder: Path,
    sql: str,
    batch_rows: int,
    links_into: Path | None = None,
) -> Iterator[pa.RecordBatch]:
    """Record batches of a query over the files of `folder`, or links in it into `links_into`.

    Raises UnreadableFileError naming the file, the line or cell, and what to do; a query that does
    not fit the files raises DuckDB's error.
    """
    with scratch_folder() as scratch, duckdb.connect(config={"threads": 1}) as db:
        try:
            for name in sorted(tables_read(sql, "duckdb") & set(file_sets)):
                rows = _select(name, file_sets[name], folder, scratch)
                db.execute(f'create view "{name}" as {rows}')
            _close_off(db, folder, scratch, *([links_into] if links_into else []))
            yield from db.execute(sql).to_arrow_reader(batch_rows)
        except _QUERY_ERRORS:
            raise
        except duckdb.Error as error:
            if names_no_file(error):
                raise
            if "CSV Error" in str(error):
                raise _csv_error(error, file_sets, folder) from None
            raise _damage(error, file_sets, folder) from None


def names_no_file(error: BaseException) -> bool:
    """Whether DuckDB found no file of a name in the SQL; it has no exception of its own for it."""
    return isinstance(error, duckdb.IOException) and "No files found" in str(error)


def files_of(file_set: FileSet, folder: Path) -> list[Path]:
    """The files of a set by name, or the last of them where each holds the whole set."""
    found = sorted(path for path in folder.glob(file_set.pattern) if path.is_file())
    return found[-1:] if file_set.last_only else found


def files_read(file_sets: Mapping[str, FileSet], folder: Path, sql: str) -> list[Path]:
    """The files that a query reads, as sets or as `'{path}/name'` in its text.

    Raises MappingSyntaxError for text that is not SQL.
    """
    named = [file_sets[name] for name in tables_read(sql, "duckdb") & set(file_sets)]
    found = {path for file_set in named for path in files_of(file_set, folder)}
    for pattern in _NAMED_IN_THE_SQL.findall(sql):
        found |= {path for path in folder.glob(pattern) if path.is_file()}
    return sorted(found)


def _select(name: str, file_set: FileSet, folder: Path, scratch: Path) -> str:
    """SQL of the rows of all files of a set; the columns of the first file hold for all."""
    paths = files_of(file_set, folder)
    if not paths:
        raise NoSuchFileError(
            f"{name} ({file_set.pattern})",
            "there is no such file in the source's folder",
            "deliver the file, or correct `pattern` in the source's YAML",
        )
    part = {
        "csv": _csv,
        "excel": _excel,
        "parquet": _parquet,
        "json": _json,
        "ocds": _ocds,
    }[file_set.format]
    selects = []
    for number, path in enumerate(paths):
        _refuse_bomb(path)
        here = scratch / f"{name}_{number}"
        selects.append(f"select *, {_text(path.name)} as _file from ({part(file_set, path, here)})")
    return "\nunion all by name\n".join(selects)


def _csv(file_set: FileSet, path: Path, scratch: Path) -> str:
    plain = path
    if file_set.encoding.lower().replace("-", "").replace("_", "") not in ("utf8", "utf8sig"):
        plain = scratch.with_suffix(".csv")
        _decode(path, file_set.encoding, plain)
    names, lines = _header(file_set, path)
    _refuse_endless_line(path, plain)
    columns = ", ".join(f"{_text(name)}: 'varchar'" for name in names)
    nulls = ", ".join(_text(text) for text in ("", *file_set.null_texts))
    return (
        f"select * from read_csv({_text(str(plain))}, auto_detect = false, header = false,"
        f" skip = {lines}, columns = {{{columns}}}, delim = {_text(file_set.delimiter)},"
        f" quote = {_text(file_set.quote)}, escape = {_text(file_set.quote)},"
        f" nullstr = [{nulls}], strict_mode = true, max_line_size = {LONGEST_LINE_BYTES})"
    )


def _refuse_endless_line(path: Path, plain: Path) -> None:
    """Raise UnreadableFileError for a line that DuckDB would leave out at the end of a file."""
    length = 0
    with _open(plain) as file:
        while chunk := file.read(_CHUNK):
            ends = chunk.rfind(b"\n")
            length = len(chunk) - ends - 1 if ends >= 0 else length + len(chunk)
            if length > LONGEST_LINE_BYTES:
                raise UnreadableFileError(
                    path.name,
                    f"a line of it has more than {LONGEST_LINE_BYTES} bytes",
                    "have the file written again, with one row a line",
                )


def _header(file_set: FileSet, path: Path) -> tuple[list[str], int]:
    """Names of the columns, and how many lines of the file stand before its first row."""
    if file_set.columns:
        return checked_names(list(file_set.columns), path.name), file_set.skip_lines
    with _open(path) as raw:
        text = io.TextIOWrapper(raw, file_set.encoding, newline="")
        try:
            for _ in range(file_set.skip_lines):
                text.readline(_CHUNK)
            reader = csv.reader(
                text, delimiter=file_set.delimiter, quotechar=file_set.quote, strict=True
            )
            names = next(reader, [])
        except (UnicodeDecodeError, csv.Error) as error:
            raise _not_the_encoding(path, file_set.encoding, 1) from error
    return checked_names(names, path.name), file_set.skip_lines + reader.line_num


def _decode(path: Path, encoding: str, target: Path) -> None:
    """Write the text of a file as UTF-8. Raises UnreadableFileError naming the line at fault."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line = 1
    with _open(path) as source, target.open("wb") as plain:
        while True:
            chunk = source.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at_fault = line + error.object[: error.start].count(b"\n")
                raise _not_the_encoding(path, encoding, at_fault) from error
            line += text.count("\n")
            plain.write(text.encode("utf-8"))
            if not chunk:
                break


def _not_the_encoding(path: Path, encoding: str, line: int) -> UnreadableFileError:
    return UnreadableFileError(
        path.name,
        f"line {line} is not {encoding}",
        "correct `encoding` in the source's YAML (exports of Chinese products are mostly gb18030 or"
        " utf-8), or have the file written in one encoding",
    )


def _csv_error(
    error: duckdb.Error, file_sets: Mapping[str, FileSet], folder: Path
) -> UnreadableFileError:
    """DuckDB's message without the line itself, which may hold personal data."""
    said = [line.strip() for line in str(error).splitlines() if line.strip()]
    read = next((line for line in said if line.startswith("file = ")), "").removeprefix("file = ")
    place = next((line for line in said if "CSV Error on Line" in line), "CSV Error")
    reason = next(
        (line for line in said if line.startswith(("Expected Number", "Value with unterminated",
                                                   "Invalid unicode", "Maximum line size"))),
        "the line does not fit the header",
    )  # fmt: skip
    return UnreadableFileError(
        _delivered_name(Path(read), file_sets, folder),
        f"{place.partition('CSV Error on ')[2] or place}: {reason}",
        "have the file written again; a broken line mostly means that the transfer ended early or"
        " that a text holds the delimiter or a quote without being quoted",
    )


def _damage(
    error: duckdb.Error, file_sets: Mapping[str, FileSet], folder: Path
) -> UnreadableFileError:
    """A file that turns out to be damaged while it is read."""
    first, _, _ = str(error).partition("\n")
    named = re.search(r'"(/[^"]*)"', first)
    patterns = ", ".join(file_set.pattern for file_set in file_sets.values())
    return UnreadableFileError(
        _delivered_name(Path(named[1]), file_sets, folder) if named else patterns,
        f"it cannot be read to its end: {first}",
        "transfer the file again; if the same happens, have it written anew",
    )


def _delivered_name(read: Path, file_sets: Mapping[str, FileSet], folder: Path) -> str:
    """Name of the file as it was delivered; a decoded copy is named by its set and number."""
    if read.is_relative_to(folder):
        return read.name
    name, _, number = read.stem.rpartition("_")
    files = files_of(file_sets[name], folder) if name in file_sets and number.isdigit() else []
    return files[int(number)].name if files else "a CSV file"


def _excel(file_set: FileSet, path: Path, scratch: Path) -> str:
    target = scratch.with_suffix(".parquet")
    excel_to_parquet(path, file_set.sheet, target)
    return f"select * from read_parquet({_text(str(target))})"


def _parquet(file_set: FileSet, path: Path, scratch: Path) -> str:
    try:
        metadata = pq.ParquetFile(path).metadata
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableFileError(
            path.name, "it is no whole Parquet file", "transfer the file again"
        ) from error
    groups = (metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    # One value repeated a hundred million times takes a few bytes, unpacked by this count too.
    _refuse_size(path, max(sum(groups), metadata.num_rows * metadata.num_columns))
    return f"select * from read_parquet({_text(str(path))})"


def _json(file_set: FileSet, path: Path, scratch: Path) -> str:
    if path.stat().st_size == 0:
        raise UnreadableFileError(path.name, "it is empty", "transfer the file again")
    return (
        f"select json as record from read_json_objects({_text(str(path))}, format = 'auto',"
        f" maximum_object_size = {LARGEST_JSON_BYTES})"
    )


def _ocds(file_set: FileSet, path: Path, scratch: Path) -> str:
    """One row a release, out of release packages, record packages or bare releases."""
    parts = ", ".join(
        f"release -> '$.{name}' as {name}"
        for name in ("tag", "parties", "buyer", "planning", "tender", "bids", "awards", "contracts")
    )
    return f"""
        with package as ({_json(file_set, path, scratch)}),
        released as (
            select unnest(case
                when json_exists(record, '$.releases')
                    then from_json(record -> '$.releases', '["json"]')
                when json_exists(record, '$.records')
                    then list_transform(
                        from_json(record -> '$.records', '["json"]'),
                        lambda r: coalesce(r -> '$.compiledRelease', r -> '$.releases[#-1]'))
                else [record]
            end) as release
            from package
        )
        select release ->> '$.ocid' as ocid, release ->> '$.id' as id,
            release ->> '$.date' as date, {parts}
        from released
        where case when release ->> '$.ocid' is not null then true
            else error({_text(path.name + ": a release has no ocid, the file is no OCDS data")}) end
        """


def _open(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def _refuse_bomb(path: Path) -> None:
    """Raise UnreadableFileError for a file that unpacks beyond reason or is cut off."""
    if path.suffix != ".gz":
        _refuse_size(path, path.stat().st_size)
        return
    unpacked = 0
    try:
        with gzip.open(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                unpacked += len(chunk)
                _refuse_size(path, unpacked)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFileError(
            path.name, f"it is no whole gzip file ({error})", "transfer the file again"
        ) from error


def _refuse_size(path: Path, unpacked: int) -> None:
    refuse_size(path.name, path.stat().st_size, unpacked)


def _close_off(db: duckdb.DuckDBPyConnection, *folders: Path) -> None:
    """Let the query read these folders and nothing else of the machine."""
    allowed = ", ".join(_text(f"{folder}/") for folder in folders)
    db.execute(f"set allowed_directories = [{allowed}]")
    db.execute("set enable_external_access = false")
    db.execute("set lock_configuration = true")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
