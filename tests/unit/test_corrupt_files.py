"""Damaged files of every format: rows as they were sent, or an error that names file and remedy."""

import contextlib
import csv
import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corruptions import ACTIVE_TEXTS
from hypothesis import Phase, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from qinglian.extract.errors import SourceError
from qinglian.extract.reader import read_batches
from qinglian.extract.sources import Source
from qinglian.secrets_file import SecretsFile
from qinglian.settings import get_settings

ROWS = [(f"F{n}", f"项目{n}", ACTIVE_TEXTS[n % len(ACTIVE_TEXTS)]) for n in range(40)]
NAMES = ("code", "name", "note")
Rows = list[tuple[str | None, ...]]


def as_csv(encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([NAMES, *ROWS])
    return text.getvalue().encode(encoding)


def as_excel() -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in [NAMES, *ROWS]:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def as_parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(
        pa.table(dict(zip(NAMES, map(list, zip(*ROWS, strict=True)), strict=True))), file
    )
    return file.getvalue()


def as_json() -> bytes:
    lines = [json.dumps(dict(zip(NAMES, row, strict=True)), ensure_ascii=False) for row in ROWS]
    return "\n".join(lines).encode()


#: Name of a file -> its content when it is whole, and how its source describes it.
FORMATS: dict[str, tuple[bytes, dict[str, str]]] = {
    "fees.csv": (as_csv(), {"format": "csv"}),
    "fees_gb.csv": (as_csv("gb18030"), {"format": "csv", "encoding": "gb18030"}),
    "fees.csv.gz": (gzip.compress(as_csv()), {"format": "csv"}),
    "fees.xlsx": (as_excel(), {"format": "excel"}),
    "fees.parquet": (as_parquet(), {"format": "parquet"}),
    "fees.json": (as_json(), {"format": "json"}),
}
NO_DEADLINE = hypothesis_settings(max_examples=50, deadline=None, phases=[Phase.generate])


def read(name: str, content: bytes) -> Rows:
    """The rows of a file as the extract sees them; nothing but SourceError may be raised."""
    layout = FORMATS[name][1]
    columns = ", ".join(
        f"record ->> '$.{n}' as {n}" if layout["format"] == "json" else n for n in NAMES
    )
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(content)
        source = Source.model_validate(
            {
                "source_id": "his_files",
                "system": "his",
                "vendor": "files",
                "name": "测试",
                "history_start": "2025-01-01",
                "connection": {
                    "kind": "files",
                    "path": folder,
                    "files": {"fees": {"pattern": name, **layout}},
                },
            }
        )
        secrets = SecretsFile(Path(folder) / "secrets.env")
        sql = f"select {columns} from fees"
        try:
            batches = list(read_batches(source, "his_fee", sql, secrets, ""))
        except SourceError as error:
            for word in ("his_files", "his_fee", "remedy"):
                assert word in str(error)
            # A header without the column's name is told by the column, not by the file.
            assert name in str(error) or "Referenced column" in str(error), error
            assert "run the mapping SQL by hand" not in error.remedy, error
            raise
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


@pytest.mark.parametrize("name", FORMATS)
def test_a_whole_file_gives_its_texts(name: str) -> None:
    assert read(name, FORMATS[name][0]) == ROWS


@given(name=st.sampled_from(sorted(FORMATS)), data=st.data())
@NO_DEADLINE
def test_a_file_cut_off_anywhere_is_refused_or_gives_its_first_rows(
    name: str, data: st.DataObject
) -> None:
    whole = FORMATS[name][0]
    cut = data.draw(st.integers(0, len(whole) - 3))
    try:
        rows = read(name, whole[:cut])
    except SourceError:
        return
    assert name in ("fees.csv", "fees_gb.csv", "fees.json"), "the format knows its own end"
    assert rows[:-1] == ROWS[: max(len(rows) - 1, 0)]  # where the last text was cut cannot be seen


@given(name=st.sampled_from(sorted(FORMATS)), data=st.data())
@NO_DEADLINE
def test_a_file_with_altered_bytes_is_refused_or_gives_no_more_rows_than_bytes(
    name: str, data: st.DataObject
) -> None:
    content = bytearray(FORMATS[name][0])
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(SourceError):
        assert len(read(name, bytes(content))) <= len(content)


@given(text=st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1))
@NO_DEADLINE
def test_a_line_in_gbk_within_a_file_in_utf_8_is_refused(text: str) -> None:
    line = f"F99,{text},x\r\n".encode("gbk")
    try:
        line.decode()
    except UnicodeDecodeError:
        with pytest.raises(SourceError):
            read("fees.csv", as_csv() + line)
    else:
        assume(False)


@given(text=st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1))
@NO_DEADLINE
def test_a_line_in_utf_8_within_a_file_in_gbk_harms_no_other_line(text: str) -> None:
    try:
        rows = read("fees_gb.csv", as_csv("gb18030") + f"F99,{text},x\r\n".encode())
    except SourceError:
        return
    assert rows[: len(ROWS)] == ROWS


@given(
    name=st.sampled_from(sorted(FORMATS)),
    other=st.sampled_from(["fees.xlsx", "fees.parquet", "fees.csv.gz"]),
)
@hypothesis_settings(max_examples=15, deadline=None)
def test_a_file_of_another_format_is_refused(name: str, other: str) -> None:
    assume(name != other)
    with pytest.raises(SourceError):
        read(name, FORMATS[other][0])


def excel_parts(**changed: str) -> bytes:
    """A workbook with the text of some of its parts replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_excel())) as old, zipfile.ZipFile(file, "w") as new:
        for part in old.namelist():
            key = Path(part).stem
            new.writestr(part, changed.get(key, old.read(part)))
    return file.getvalue()


def excel_with_picture(size: int) -> bytes:
    file = io.BytesIO(as_excel())
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/media/logo.png", bytes(range(256)) * (size // 256))
    return file.getvalue()


def laughs(levels: int) -> str:
    entities = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(levels)
    )
    return (
        f'<?xml version="1.0"?><!DOCTYPE sst [{entities}]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f'<row r="1"><c r="A1" t="inlineStr"><is><t>&e{levels - 1};</t></is></c></row>'
        "</sheetData></worksheet>"
    )


def foreign_file(path: str) -> str:
    return laughs(1).replace('"ha"', f'SYSTEM "{path}"')


def zip_of_zeros(megabytes: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (megabytes << 20))
    return file.getvalue()


def parquet_of_one_value(rows: int) -> bytes:
    """Some kilobytes that are many millions of rows."""
    file = io.BytesIO()
    part = pa.table({"code": pa.repeat(True, rows // 8)})
    with pq.ParquetWriter(file, part.schema, compression="zstd") as writer:
        for _ in range(8):
            writer.write_table(part)
    return file.getvalue()


#: A file, what is wrong with it, and the words with which it is refused.
BOMBS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "gzip": ("fees.csv.gz", lambda: gzip.compress(as_csv() + b"0" * (80 << 20)), "unpack"),
    "zip": ("fees.xlsx", lambda: zip_of_zeros(80), "unpack"),
    "rows": ("fees.parquet", lambda: parquet_of_one_value(80_000_000), "unpack"),
    "entities": ("fees.xlsx", lambda: excel_parts(sheet1=laughs(9)), "no whole .xlsx"),
    "entity of a file": (
        "fees.xlsx",
        lambda: excel_parts(sheet1=foreign_file("/etc/passwd")),
        "no whole .xlsx",
    ),
    "one endless line": (
        "fees.csv",
        lambda: b"code,name,note\n" + b"x" * (40 << 20),
        "a line of it has more",
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_trap_is_refused_without_being_opened(bomb: str) -> None:
    name, make, words = BOMBS[bomb]
    with pytest.raises(SourceError, match=words):
        read(name, make())


LIMITS: dict[str, tuple[str, bytes, int]] = {
    "SMALL_UNPACKED_MB": ("fees.csv.gz", gzip.compress(as_csv() + b"9,x,\n" * 400_000), 0),
    "LARGEST_UNPACKED_MB": ("fees.csv", as_csv() + b"9,x,\n" * 400_000, 1),
    "LARGEST_WORKBOOK_MB": ("fees.xlsx", excel_with_picture(2 << 20), 1),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_to_how_much_a_file_may_unpack_is_a_setting(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, content, smaller = LIMITS[limit]
    assert read(name, content)
    with monkeypatch.context() as patch:
        patch.setenv(f"QINGLIAN_{limit}", str(smaller))
        get_settings.cache_clear()
        with pytest.raises(SourceError, match=r"unpack.*QINGLIAN_LARGEST"):
            read(name, content)
    get_settings.cache_clear()


@pytest.mark.parametrize("name", ["fees.csv", "fees.csv.gz", "fees.json"])
def test_a_byte_order_mark_is_no_part_of_the_first_name(name: str) -> None:
    content, _ = FORMATS[name]
    marked = b"\xef\xbb\xbf" + (gzip.decompress(content) if name.endswith("gz") else content)
    assert read(name, gzip.compress(marked) if name.endswith("gz") else marked) == ROWS


ODD_JSON = [
    r'{"code": "a\ud800", "name": "x"}',
    r'{"code": "a\u0000b", "name": "x"}',
    '{"code": NaN, "name": "x"}',
    '{"code": "1", "code": "2"}',
    '{"code": {"$ref": "file:///etc/passwd"}}',
    '{"code": 1e999}',
    "null",
    "[]",
    "[[1]]",
    '"text"',
    "[" * 20_000 + "]" * 20_000,
]


@pytest.mark.parametrize("line", ODD_JSON)
def test_odd_json_is_refused_or_read_as_text(line: str) -> None:
    try:
        rows = read("fees.json", as_json() + b"\n" + line.encode())
    except SourceError:
        return
    assert rows[: len(ROWS)] == ROWS


def test_cells_that_excel_counts_wrongly_are_texts() -> None:
    cells: list[Any] = ["#DIV/0!", True, '=HYPERLINK("x")']
    book, file = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(NAMES)
    book.active.append(cells)
    book.save(file)
    assert read("fees.xlsx", file.getvalue()) == [("#DIV/0!", "true", '=HYPERLINK("x")')]


#: What a cell holds as Excel itself writes it: a formula of each kind, and the value it had last.
FORMULAS = {
    "<f>A9+1</f><v>2</v>": "=A9+1",
    '<f t="shared" ref="A2:A3" si="0">A9*2</f><v>4</v>': "=A9*2",
    '<f t="array" ref="A2">SUM(A9:B9*2)</f><v>6</v>': "=SUM(A9:B9*2)",
    '<f t="dataTable" ref="A2" dt2D="1" dtr="1" r1="B1" r2="C1"/><v>8</v>': "=TABLE(B1,C1)",
}


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_of_any_kind_stays_its_text(cell: str) -> None:
    names = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in NAMES)
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f'<row r="1">{names}</row><row r="2"><c r="A2">{cell}</c></row></sheetData></worksheet>'
    )
    assert read("fees.xlsx", excel_parts(sheet1=sheet)) == [(FORMULAS[cell], None, None)]
