"""The audit pack of a month: it says what the ledger says, and hashes prove that it is whole."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hospital import ORG, Hospital
from mart_tables import create_marts, create_threshold
from openpyxl import load_workbook

from qinglian.audit.pack import AuditPack, AuditPackError, build_audit_pack
from qinglian.city.people import identity_numbers
from qinglian.contracts import load_contracts
from qinglian.privacy import PrivacyScanner
from qinglian.warehouse.schema import prepare_warehouse

MONTH = date(2025, 1, 1)
FORMULA = '=HYPERLINK("http://example.org")'
MARTS = (
    *("quality_identity", "quality_identity_month", "quality_scorecard", "control_total_month"),
    "landed_row_fate",
    *("indicator", "indicator_coverage", "lead", "lead_evidence"),
)


@pytest.fixture
def audited(hospital: Hospital) -> Iterator[Hospital]:
    """A month with quarantined and repeated rows, and marts with one identity that fails."""
    _drop_marts(hospital)
    with hospital.server.connect("transformer") as connection:
        create_marts(connection, MARTS)
        create_threshold(connection)
        connection.execute(
            "insert into marts.quality_identity_month"
            " (identity_id, name_zh, aspect, org_code, org_name, table_name, period_month,"
            " numerator, denominator, not_evaluable, score, min_share, holds, example_key)"
            " values ('DQ1', '结算总额等于明细之和', 'rows', %s, %s, 'yb_setl_d', %s,"
            " 9, 10, 0, 0.9, 1, false, %s)",
            (ORG, "+cmd", MONTH, FORMULA),
        )
    hospital.sql("update settle set kind = null where id = 's11'")
    hospital.sql("insert into settle select * from settle where id = 's12'")
    hospital.ingest()
    yield hospital
    _drop_marts(hospital)


def _drop_marts(hospital: Hospital) -> None:
    with hospital.server.connect("superuser") as connection:
        connection.execute("drop schema marts cascade")
    prepare_warehouse(hospital.server, [])


def _build(hospital: Hospital, folder: Path) -> AuditPack:
    return build_audit_pack(hospital.settings, hospital.server, MONTH, (), folder)


def _table(pack: AuditPack, title_zh: str) -> dict[str, Any]:
    content = json.loads(_file(pack, ".json").read_text("utf-8"))
    (found,) = [
        t for section in content["sections"] for t in section["tables"] if t["title_zh"] == title_zh
    ]
    return found


def _file(pack: AuditPack, suffix: str) -> Path:
    (found,) = [p for p in pack.files if p.suffix == suffix and p.name != "manifest.json"]
    return found


def test_pack_says_what_the_ledger_says_and_hashes_its_files(
    audited: Hospital, tmp_path: Path
) -> None:
    pack = _build(audited, tmp_path / "pack")
    table = _table(pack, "各来源各表")
    titles = [column["title_en"] for column in table["columns"]]
    (row,) = [dict(zip(titles, row, strict=True)) for row in table["rows"]]
    assert (row["extracted"], row["loaded"]) == (1001, 999)
    assert (row["quarantined"], row["duplicates"], row["equation"]) == (1, 1, "成立")
    assert [r[3] for r in _table(pack, "按规则")["rows"]] == [1]
    manifest = json.loads((pack.folder / "manifest.json").read_text("utf-8"))
    assert manifest["content_sha256"] == pack.content_sha256
    assert {part["file"] for part in manifest["parts"]} == {p.name for p in pack.files[:-1]}
    for part in manifest["parts"]:
        content = (pack.folder / part["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == part["sha256"]
    assert _file(pack, ".pdf").read_bytes().startswith(b"%PDF-")
    with pytest.raises(AuditPackError, match=r"no batch of 2024-01 of any source"):
        build_audit_pack(audited.settings, audited.server, date(2024, 1, 1), (), tmp_path)


def test_same_ledger_gives_the_same_pack_in_which_text_stays_text(
    audited: Hospital, tmp_path: Path
) -> None:
    first, second = (_build(audited, tmp_path / name) for name in ("one", "two"))
    assert first.content_sha256 == second.content_sha256
    for one, two in zip(first.files, second.files, strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name
    book = load_workbook(_file(first, ".xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [c.value for c in cells if c.data_type == "f"] == []
    assert {FORMULA, "+cmd"} <= {c.value for c in cells if c.data_type == "s"}


def test_the_privacy_scan_reads_every_file_of_a_pack(audited: Hospital, tmp_path: Path) -> None:
    def found(pack: AuditPack) -> set[tuple[str, str]]:
        scanner = PrivacyScanner()
        scanner.scan_folder(pack.folder)
        return {(Path(finding.place).suffix, finding.kind) for finding in scanner.findings}

    assert found(_build(audited, tmp_path / "clean")) == set()
    number = str(identity_numbers(np.array([4711]))[0])
    with audited.server.connect("transformer") as connection:
        connection.execute("update marts.quality_identity_month set example_key = %s", (number,))
    leaking = _build(audited, tmp_path / "leaking")
    assert found(leaking) == {(s, "id_number") for s in (".pdf", ".xlsx", ".json")}


def test_money_that_leaves_the_warehouse_shows_as_a_difference(
    audited: Hospital, tmp_path: Path
) -> None:
    def difference(name: str) -> tuple[str, int]:
        pack = _build(audited, tmp_path / name)
        (row,) = _table(pack, "从落地到入库")["rows"]
        return row[-1], len(_table(pack, "核验发现的问题")["rows"])

    rows_and_money = 2  # the ledger holds both against what is there
    assert difference("before") == ("0.00", 0)
    with audited.server.connect("superuser") as connection:
        connection.execute("delete from land.his_settle where settle_id = 's500'")
    assert difference("after") == ("750.00", rows_and_money)


def test_every_landed_table_says_what_became_of_its_rows(audited: Hospital, tmp_path: Path) -> None:
    fates = [
        *[("his_fee", "landed", 9, None, None), ("his_fee", "superseded", 2, None, None)],
        *[("his_fee", "reversal", 1, 4, None), ("his_fee", "due_in_core", 6, 8, None)],
        *[("his_fee", "in_core", 6, 7, None), ("his_rx", "landed", 3, None, None)],
        *[("his_rx", "due_in_core", 3, 5, None), ("his_rx", "in_core", 3, 5, None)],
        *[("sv_gift", "landed", 2, None, None), ("sv_gift", "not_in_core", 2, 0, "无人读取。")],
    ]
    with audited.server.connect("transformer") as connection:
        for table, fate, rows, key, reason in fates:
            connection.execute(
                "insert into marts.landed_row_fate (org_code, table_name, fate, fate_zh,"
                " row_count, key_number, reason_zh) values (%s, %s, %s, %s, %s, %s, %s)",
                (ORG, table, fate, fate, rows, key, reason),
            )
    table = _table(_build(audited, tmp_path / "pack"), "从落地到核心层（逐行）")
    told = {row[0]: row[1:] for row in table["rows"]}
    contracts = load_contracts(audited.settings.contracts_dir)
    assert len(told) == len(contracts)
    assert next(iter(told)) == contracts["his_fee"].name_zh, "a difference stands first"
    assert told[contracts["his_fee"].name_zh] == [9, 2, 0, 1, 6, 6, 0, "不一致", "reversal 1"]
    assert told[contracts["his_rx"].name_zh] == [3, 0, 0, 0, 3, 3, 0, "一致", ""]
    assert told[contracts["sv_gift"].name_zh] == [2, 0, 0, 2, 0, 0, 0, "", "无人读取。"]
    assert told[contracts["his_dept"].name_zh] == [0, 0, 0, 0, 0, 0, 0, "", "没有落地的行"]
