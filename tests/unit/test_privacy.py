"""The scanner finds each kind of identifier, whole and once, and takes no other number for one."""

import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from qinglian.city.people import identity_numbers, phones
from qinglian.privacy import Finding, KnownValues, PrivacyScanner, has_luhn_digit

PERSON = st.integers(1, 4_000_000)
#: The number that card issuers give for tests, and one digit off.
ACCOUNT, NO_ACCOUNT = "4111111111111111", "4111111111111112"


def identity(person: int) -> str:
    return str(identity_numbers(np.array([person]))[0])


def mobile(person: int) -> str:
    return str(phones(np.array([person]))[0])


def found(text: str, known: KnownValues | None = None) -> dict[str, int]:
    scanner = PrivacyScanner(known)
    scanner.scan_text("here", [text])
    return {finding.kind: finding.count for finding in scanner.findings}


@given(PERSON, st.sampled_from(["{}", "证件号{}。", '{{"certno": "{}"}}', "a\t{}\tb", "x={},"]))
def test_identifiers_are_found_in_any_company(person: int, frame: str) -> None:
    assert found(frame.format(identity(person))) == {"id_number": 1}
    assert found(frame.format(mobile(person))) == {"phone": 1}


def test_an_account_is_told_by_its_check_digit() -> None:
    assert has_luhn_digit(ACCOUNT)
    assert found(ACCOUNT) == {"account": 1}
    assert found(NO_ACCOUNT) == {}


@given(PERSON)
def test_a_digit_more_or_less_is_no_identifier(person: int) -> None:
    number = identity(person)
    assert "id_number" not in found(f"1{number} {number}1 {number[:-1]}")
    assert found(f"12{mobile(person)}") == {}
    assert found("f" * 46 + number) == {}, "digits within a keyed hash"


def test_known_values_are_found_and_no_others() -> None:
    known = KnownValues(
        id_numbers=frozenset({identity(7)}),
        accounts=frozenset({ACCOUNT}),
        names=frozenset({"王小明"}),
    )
    assert found(f"{identity(7)} {identity(8)} 王小明 王小", known) == {"id_number": 1, "name": 1}


def test_files_are_read_as_what_they_are(tmp_path: Path) -> None:
    number = identity(99)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "run.log").write_text(f"line\nrow {number} failed\n")
    pq.write_table(pa.table({"a": ["x", number], "b": [1, 2]}), tmp_path / "rows.parquet")
    with zipfile.ZipFile(tmp_path / "report.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{number}</t>")
    (tmp_path / "secrets.env").write_text(number)
    scanner = PrivacyScanner()
    scanner.scan_folder(tmp_path, skip=lambda path: path.name == "secrets.env")
    assert scanner.findings == [
        Finding(str(tmp_path / name), "id_number", 1)
        for name in ("logs/run.log", "report.xlsx", "rows.parquet")
    ]


def test_a_value_in_a_pdf_is_found_though_its_font_is_cut_down_and_its_line_ends(
    tmp_path: Path,
) -> None:
    number, phone = identity(99), mobile(98)
    # As in the audit pack: long values may be broken anywhere, here after a few digits.
    document = f"""#set page(width: 60pt, margin: 5pt)
    #"{number}".clusters().join("\\u{{200B}}")
    #pagebreak()
    #set page(width: 300pt)
    #table(columns: 2, [id], ["{phone}"], [{phone}], "{number}".clusters().join("\\u{{200B}}"))
    """
    (tmp_path / "pack.pdf").write_bytes(typst.compile(document.encode(), pdf_standards=["a-2b"]))
    assert number.encode() not in (tmp_path / "pack.pdf").read_bytes()
    scanner = PrivacyScanner()
    scanner.scan_folder(tmp_path)
    assert scanner.findings == [
        Finding(str(tmp_path / "pack.pdf"), "id_number", 2),
        Finding(str(tmp_path / "pack.pdf"), "phone", 2),
    ]


def test_a_pdf_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "pack.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    scanner = PrivacyScanner()
    scanner.scan_folder(tmp_path)
    assert [f.kind for f in scanner.findings] == ["unreadable"]


@pytest.mark.parametrize("size", [1, 3])
def test_a_long_file_cuts_no_value(tmp_path: Path, size: int, monkeypatch: object) -> None:
    monkeypatch.setattr("qinglian.privacy._READ_CHARACTERS", 7 * size)  # type: ignore[attr-defined]
    (tmp_path / "a.log").write_text("\n".join(identity(n) for n in range(1, 50)))
    scanner = PrivacyScanner()
    scanner.scan_folder(tmp_path)
    assert [f.count for f in scanner.findings] == [49]
