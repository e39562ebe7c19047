"""Turns one sheet of an .xlsx workbook into a Parquet file of texts, row by row.

A formula is never evaluated: it stays its text, which no number or date column takes, so that the
row goes to quarantine. Excel keeps numbers to 15 digits; a longer one has lost its last digits
before the file came here and stops the table.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from qinglian.extract.errors import UnreadableFileError
from qinglian.extract.file_checks import checked_names, refuse_size

_ROWS = 10_000
_EXACT = 1e15


def excel_to_parquet(path: Path, sheet: str | None, target: Path) -> None:
    """Write the rows below the header of `sheet` (the first one where None) to `target`.

    The first row with a value is the header. Raises UnreadableFileError naming the cell.
    """
    import openpyxl  # 9 MiB, which a source without workbooks does not need

    _refuse_bomb(path)
    try:
        workbook = openpyxl.load_workbook(path, read_only=True, keep_links=False)
    except Exception as error:  # openpyxl passes on whatever its XML and ZIP parsers raise
        raise _no_workbook(path, error) from error
    try:
        rows = _rows(workbook, sheet, path.name)
        header = next(rows, None)
        cells = _trimmed(header[1]) if header else []
        names = checked_names(["" if cell is None else str(cell) for cell in cells], path.name)
        _write(rows, names, target, path.name)
    finally:
        workbook.close()


def _rows(workbook: Any, sheet: str | None, file: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Number and values of each row that has a value."""
    if sheet is not None and sheet not in workbook.sheetnames:
        raise UnreadableFileError(
            file,
            f"there is no sheet {sheet}, only {', '.join(workbook.sheetnames)}",
            "correct `sheet` in the source's YAML",
        )
    worksheet = workbook[sheet] if sheet else workbook.worksheets[0]
    worksheet.reset_dimensions()  # many exporters write a wrong size
    try:
        for number, values in enumerate(worksheet.iter_rows(values_only=True), start=1):
            if any(value is not None for value in values):
                yield number, values
    except UnreadableFileError:
        raise
    except Exception as error:
        raise _no_workbook(Path(file), error) from error


def _write(
    rows: Iterator[tuple[int, tuple[Any, ...]]], names: list[str], target: Path, file: str
) -> None:
    schema = pa.schema([(name, pa.string()) for name in names])
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        columns: list[list[str | None]] = [[] for _ in names]
        for number, values in rows:
            _refuse_long_row(number, _trimmed(values), names, file)
            for position, column in enumerate(columns):
                value = values[position] if position < len(values) else None
                column.append(_as_text(value, f"{names[position]} in row {number}", file))
            if len(columns[0]) == _ROWS:
                writer.write_batch(pa.record_batch(columns, schema=schema))
                columns = [[] for _ in names]
        writer.write_batch(pa.record_batch(columns, schema=schema))


def _refuse_long_row(number: int, values: list[Any], names: list[str], file: str) -> None:
    if len(values) > len(names):
        raise UnreadableFileError(
            file,
            f"row {number} has {len(values)} cells and the header {len(names)}",
            "export the table anew, without cells beside it",
        )


def _as_text(value: Any, place: str, file: str) -> str | None:
    """The value as a database would write it; Excel's own 15 digits of a number."""
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case float() if abs(value) >= _EXACT:
            raise UnreadableFileError(
                file,
                f"{place} is a number of more than 15 digits, of which Excel keeps 15",
                "set the column's format to text before it is filled, and export again",
            )
        case float():
            return format(value, ".15g")
        case str():
            return value if value.strip() else None
        case _:  # of a date or time, str() is its ISO form
            return _of_formula(value) or str(value)


def _of_formula(value: Any) -> str | None:
    """The text of a formula that fills more cells than its own; None for any other value."""
    match value:
        case ArrayFormula():
            return str(value.text)
        case DataTableFormula():
            return f"=TABLE({value.r1 or ''},{value.r2 or ''})"
        case _:
            return None


def _trimmed(values: tuple[Any, ...]) -> list[Any]:
    """The cells up to the last one with a value."""
    last = max((i for i, value in enumerate(values) if value is not None), default=-1)
    return list(values[: last + 1])


def _refuse_bomb(path: Path) -> None:
    """Raise UnreadableFileError for an archive that unpacks beyond reason or defines entities."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            refuse_size(path.name, path.stat().st_size, unpacked, workbook=True)
    except zipfile.BadZipFile as error:
        raise _no_workbook(path, error) from error


def _no_workbook(path: Path, error: Exception) -> UnreadableFileError:
    return UnreadableFileError(
        path.name,
        f"it is no whole .xlsx workbook ({type(error).__name__})",
        "transfer the file again; an old .xls is saved as .xlsx or CSV first",
    )
