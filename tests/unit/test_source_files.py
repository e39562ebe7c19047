"""Files of a source, read as they are or refused with file, place and remedy."""

import gzip
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from qinglian.extract.errors import UnreadableFileError
from qinglian.extract.files import files_read, read_files
from qinglian.extract.sources import Connection, FileSet

ROWS = [("01", "张三", "1,200.50"), ("02", "李四", ""), ("03", '引号"内', "0.1")]


def read(folder: Path, sql: str = "select * from fees", **layout: Any) -> list[dict[str, Any]]:
    sets = {"fees": FileSet(**layout)}
    return pa.Table.from_batches(list(read_files(sets, folder, sql, 1000))).to_pylist()


def csv_text(delimiter: str = ",") -> str:
    quoted = [delimiter.join('"' + v.replace('"', '""') + '"' for v in row) for row in ROWS]
    return "\n".join([delimiter.join(("code", "name", "amount")), *quoted]) + "\n"


def expected(file: str) -> list[dict[str, Any]]:
    return [
        {"code": c, "name": n, "amount": a or None, "_file": file} for c, n, a in ROWS
    ]  # leading zeros and thousands stay as the file has them


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "|"])
def test_csv_keeps_its_texts_in_any_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    (tmp_path / "fees.csv").write_bytes(csv_text(delimiter).encode(encoding))
    found = read(tmp_path, pattern="*.csv", format="csv", encoding=encoding, delimiter=delimiter)
    assert found == expected("fees.csv")


def test_csv_of_several_files_compressed_with_a_title_above(tmp_path: Path) -> None:
    for day in ("1", "2"):
        with gzip.open(tmp_path / f"fees_{day}.csv.gz", "wb") as file:
            file.write(("费用导出\n" + csv_text()).encode("gb18030"))
    found = read(tmp_path, pattern="fees_*.csv.gz", format="csv", encoding="gb18030", skip_lines=1)
    assert found == expected("fees_1.csv.gz") + expected("fees_2.csv.gz")


def workbook(path: Path, rows: list[list[Any]]) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "费用"
    for row in rows:
        book.active.append(row)
    book.save(path)


def test_excel_gives_texts_and_never_evaluates_a_formula(tmp_path: Path) -> None:
    workbook(
        tmp_path / "fees.xlsx",
        [["code", "name", "amount"], ["01", "张三", 0.1], [None] * 3, ["02", "=1+1", 1200]],
    )
    assert read(tmp_path, pattern="*.xlsx", format="excel", sheet="费用") == [
        {"code": "01", "name": "张三", "amount": "0.1", "_file": "fees.xlsx"},
        {"code": "02", "name": "=1+1", "amount": "1200", "_file": "fees.xlsx"},
    ]


def test_parquet_and_json_are_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"code": ["01"], "qty": [2]}), tmp_path / "fees.parquet")
    assert read(tmp_path, pattern="*.parquet", format="parquet") == [
        {"code": "01", "qty": 2, "_file": "fees.parquet"}
    ]
    (tmp_path / "fees.jsonl").write_text('{"code": "01"}\n{"code": "02"}\n', "utf-8")
    sql = "select record ->> '$.code' as code from fees"
    assert read(tmp_path, sql, pattern="*.jsonl", format="json") == [
        {"code": "01"}, {"code": "02"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        {"releases": [{"ocid": "o-1", "id": "r1", "buyer": {"id": "B"}}]},
        {"records": [{"ocid": "o-1", "compiledRelease": {"ocid": "o-1", "id": "r1",
                                                         "buyer": {"id": "B"}}}]},
        {"ocid": "o-1", "id": "r1", "buyer": {"id": "B"}},
    ],
    ids=["release package", "record package", "release"],
)  # fmt: skip
def test_ocds_packages_give_a_row_a_release(tmp_path: Path, document: dict[str, Any]) -> None:
    (tmp_path / "fees.json").write_text(json.dumps(document), "utf-8")
    sql = "select ocid, id, buyer ->> '$.id' as buyer from fees"
    assert read(tmp_path, sql, pattern="*.json", format="ocds") == [
        {"ocid": "o-1", "id": "r1", "buyer": "B"}
    ]


def truncated_gzip(folder: Path) -> None:
    whole = gzip.compress(csv_text().encode() * 50)
    (folder / "fees.csv.gz").write_bytes(whole[: len(whole) // 2])


def gzip_bomb(folder: Path) -> None:
    with gzip.open(folder / "fees.csv.gz", "wb") as file:
        file.write(b"code\n" + b"0" * (80 << 20))


def zip_bomb(folder: Path) -> None:
    with zipfile.ZipFile(folder / "fees.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (80 << 20))


def half_a_workbook(folder: Path) -> None:
    workbook(folder / "fees.xlsx", [["code"], ["01"]])
    whole = (folder / "fees.xlsx").read_bytes()
    (folder / "fees.xlsx").write_bytes(whole[: len(whole) // 2])


def write(name: str, content: bytes) -> Any:
    return lambda folder: (folder / name).write_bytes(content)


CSV = {"pattern": "fees.csv*", "format": "csv"}
EXCEL = {"pattern": "*.xlsx", "format": "excel"}


@pytest.mark.parametrize(
    ("spoil", "layout", "words"),
    [
        (lambda folder: None, CSV, "no such file"),
        (write("fees.csv", b""), CSV, "empty"),
        (write("fees.csv", b"code,,name\n"), CSV, "column 2 of the header"),
        (write("fees.csv", "code\n好\n".encode("gb18030") + "好\n".encode()),
         CSV | {"encoding": "gb18030"}, "line 3 is not gb18030"),
        (write("fees.csv", b'code,name\n1,2\n3\n'), CSV, "Line: 3"),
        (write("fees.csv", b'code,name\n1,"2\n3,4\n'), CSV, "unterminated quote"),
        (truncated_gzip, CSV, "no whole gzip"),
        (gzip_bomb, CSV, "unpack"),
        (zip_bomb, EXCEL, "unpack"),
        (half_a_workbook, EXCEL, "no whole .xlsx"),
        (lambda f: workbook(f / "fees.xlsx", [["id"], [1234567890123456789.0]]), EXCEL,
         "id in row 2 is a number of more than 15 digits"),
        (lambda f: workbook(f / "fees.xlsx", [["id"], ["1", "2"]]), EXCEL, "row 2 has 2 cells"),
        (lambda f: workbook(f / "fees.xlsx", [["id"], ["1"]]), EXCEL | {"sheet": "二"},
         "no sheet 二"),
        (write("fees.parquet", b"PAR1"), {"pattern": "*.parquet", "format": "parquet"},
         "no whole Parquet"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_by_name_with_a_remedy(
    tmp_path: Path, spoil: Any, layout: dict[str, Any], words: str
) -> None:
    spoil(tmp_path)
    with pytest.raises(UnreadableFileError, match=words) as failure:
        read(tmp_path, **layout)
    assert failure.value.remedy


def test_a_query_reads_its_own_folder_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "outside.csv").write_text("code\n1\n")
    (tmp_path / "inside" / "fees.csv").write_text("code\n1\n")
    for sql in (
        f"select * from read_csv('{tmp_path}/outside.csv')",
        f"copy (select 1) to '{tmp_path}/written.csv'",
    ):
        with pytest.raises(Exception, match=r"disabled|select"):
            list(read_files({}, tmp_path / "inside", sql, 10))
    assert not (tmp_path / "written.csv").exists()


def test_a_link_leads_into_the_archive_and_nowhere_else(tmp_path: Path) -> None:
    for name in ("archive", "current", "elsewhere"):
        (tmp_path / name).mkdir()
    link = tmp_path / "current/fees.csv"
    sets, sql = {"fees": FileSet(pattern="*.csv", format="csv")}, "select code from fees"
    for name in ("archive", "elsewhere"):
        target = tmp_path / name / "fees.csv"
        target.write_text("code\n1\n")
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        rows = read_files(sets, link.parent, sql, 10, tmp_path / "archive")
        if name == "archive":
            assert pa.Table.from_batches(list(rows)).to_pylist() == [{"code": "1"}]
        else:
            with pytest.raises(duckdb.PermissionException):
                list(rows)


@pytest.mark.parametrize(
    "layout",
    [{"pattern": "../*.csv"}, {"pattern": "/etc/*"}, {"pattern": "*", "encoding": "gbk9"}],
)
def test_a_layout_that_leaves_its_folder_or_names_no_encoding_is_refused(
    layout: dict[str, str],
) -> None:
    with pytest.raises(ValidationError):
        FileSet.model_validate({"format": "csv", **layout})


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        ({"kind": "files", "path": "/d", "drop": {}}, "what may be delivered"),
        (
            {
                "kind": "files",
                "path": "/d",
                "drop": {},
                "files": {"fees": {"pattern": "2025/*.csv", "format": "csv"}},
            },
            "without a `/`",
        ),
        ({"kind": "postgresql", "url": "postgresql://h/d", "drop": {}}, "no files"),
    ],
)
def test_a_drop_folder_that_could_take_nothing_is_refused(
    connection: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=re.escape(words)):
        Connection.model_validate(connection)


def test_of_whole_copies_only_the_last_by_name_is_read(tmp_path: Path) -> None:
    for month in ("202501", "202502"):
        (tmp_path / f"drug_{month}.csv").write_text(f"code\n{month}\n", "utf-8")
    whole = FileSet(pattern="drug_*.csv", format="csv", last_only=True)
    parts = whole.model_copy(update={"last_only": False})
    assert [p.name for p in files_read({"drug": whole}, tmp_path, "select * from drug")] == [
        "drug_202502.csv"
    ]
    assert len(files_read({"drug": parts}, tmp_path, "select * from drug")) == 2
    named = "select * from read_csv('{path}/drug_*01.csv')"
    assert [p.name for p in files_read({}, tmp_path, named)] == ["drug_202501.csv"]
