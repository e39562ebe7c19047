"""A hospital that puts files into a drop folder, from `incoming/` to `land` and the ledger."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from drop_hospital import AS_OF, DEPARTMENTS, HEADER, DropHospital

from qinglian.contracts import load_contracts
from qinglian.extract.errors import SourceConfigurationError
from qinglian.pipeline import IngestError, RejectedFileError, ingest
from qinglian.settings import repository_root
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import Server


@pytest.fixture(scope="module")
def warehouse(server: Server) -> Server:
    """An empty warehouse, which the hospitals of this file share."""
    with server.connect("superuser") as connection:
        connection.execute("drop schema if exists land cascade; drop schema if exists ops cascade")
    prepare_warehouse(server, load_contracts(repository_root() / "expectations").values())
    return server


@pytest.fixture
def build(tmp_path: Path, warehouse: Server) -> Callable[..., DropHospital]:
    """Makes a hospital with the drop folder's settings that are given."""
    return lambda **drop: DropHospital(tmp_path, warehouse, **drop)


@pytest.fixture
def hospital(build: Callable[..., DropHospital]) -> DropHospital:
    return build()


def test_a_row_can_be_proved_to_come_from_the_delivered_file(hospital: DropHospital) -> None:
    path = hospital.deliver("dept.csv", DEPARTMENTS)
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    (delivery,) = hospital.collect().deliveries
    assert delivery.verdict == "taken"
    assert hospital.names() == ["内科", "外科"]
    proof = {"name": "dept.csv", "sha256": sha256, "bytes": len(content)}
    ((payload,),) = hospital.ask(
        "select payload from ops.ledger_entry where event = 'landed' and batch_id in"
        " (select _batch_id from land.his_dept where _src_system = %s)"
    )
    assert json.loads(payload)["source_files"] == [proof]
    kept = hospital.root / delivery.kept_at
    assert kept.read_bytes() == content
    assert kept.parent.name == sha256
    assert list((hospital.root / "incoming").iterdir()) == []


def test_a_repeated_file_is_recorded_and_loads_nothing(hospital: DropHospital) -> None:
    hospital.deliver("dept.csv", DEPARTMENTS)
    hospital.collect()
    batches = hospital.batches()
    hospital.deliver("dept_again.csv", DEPARTMENTS)
    hospital.deliver("dept.csv", DEPARTMENTS)
    hospital.collect()
    assert hospital.deliveries() == [
        ("dept.csv", "taken"),
        ("dept.csv", "repeated"),
        ("dept_again.csv", "repeated"),
    ]
    assert hospital.batches() == batches
    assert list((hospital.root / "incoming").iterdir()) == []


def test_the_same_name_replaces_and_a_return_to_old_content_is_no_repetition(
    hospital: DropHospital,
) -> None:
    for text, names in (
        (DEPARTMENTS, ["内科", "外科"]),
        (DEPARTMENTS.replace("外科", "骨科"), ["内科", "骨科"]),
        (DEPARTMENTS, ["内科", "外科"]),
    ):
        hospital.deliver("dept.csv", text)
        hospital.collect()
        assert hospital.names() == names
    assert {verdict for _, verdict in hospital.deliveries()} == {"taken"}


def test_of_whole_copies_only_the_last_by_name_counts(hospital: DropHospital) -> None:
    hospital.deliver("dept_202502.csv", HEADER + "01,内科,clinical\n")
    hospital.deliver("dept_202501.csv", DEPARTMENTS)
    hospital.collect()
    assert hospital.names() == ["内科"]


def test_a_late_file_of_an_old_month_is_read_and_earlier_files_stay(hospital: DropHospital) -> None:
    hospital.deliver_nursing("nursing_03.xlsx", "2025-03-30", "2025-03-31")
    hospital.collect()
    hospital.deliver_nursing("nursing_01.xlsx", "2025-01-05")
    hospital.collect()
    assert hospital.ask(
        "select care_date::text, src_is_deleted from land.his_nursing_day"
        " where _src_system = %s order by 1"
    ) == [("2025-01-05", False), ("2025-03-30", False), ("2025-03-31", False)]
    # Departments were never delivered: a table waits for its files, and the night says so.
    with pytest.raises(IngestError, match="departments"):
        ingest(hospital.settings, hospital.server, hospital.source_id, AS_OF)


BROKEN = {
    "dept_1.csv": ((HEADER + "01,好,clinical\n").encode(), "gb18030"),
    "dept_2.csv": ((DEPARTMENTS + "03,儿").encode("gb18030"), "Expected Number"),
    "dept_3.csv": (b"", "empty"),
    "dept_4.csv": (DEPARTMENTS.replace("性质", "类别").encode("gb18030"), "性质"),
    "nursing_1.xlsx": (b"PK no workbook", "workbook"),
    "fees.csv": (DEPARTMENTS.encode("gb18030"), "no file of this name"),
}


def test_broken_files_are_put_aside_with_a_text_and_good_ones_are_loaded(
    hospital: DropHospital,
) -> None:
    hospital.deliver("dept_0.csv", DEPARTMENTS)
    for name, (content, _) in BROKEN.items():
        (hospital.root / "incoming" / name).write_bytes(content)
    with pytest.raises(RejectedFileError, match=hospital.source_id):
        hospital.collect()
    assert hospital.names() == ["内科", "外科"]
    for name, (content, words) in BROKEN.items():
        digest = hashlib.sha256(content).hexdigest()
        (kept,) = (hospital.root / "rejected").glob(f"*/{digest}/{name}")
        assert kept.read_bytes() == content
        note = kept.with_name(f"{name}.txt").read_text("utf-8")
        for said in (name, words, "处理办法 Remedy", digest):
            assert said in note
        assert (name, "rejected") in hospital.deliveries()
    assert hospital.collect().deliveries == [], "what was put aside is not looked at again"


def test_files_that_are_read_as_they_are(hospital: DropHospital) -> None:
    """UTF-8 and Parquet are not converted first: the database reads them through their links."""
    source = yaml.safe_load(hospital.yaml.read_text("utf-8"))
    source["connection"]["files"] = {
        "departments": {"pattern": "dept*.csv", "format": "csv"},
        "nursing": {"pattern": "nursing*.parquet", "format": "parquet"},
    }
    hospital.yaml.write_text(yaml.safe_dump(source), "utf-8")
    hospital.deliver("dept.csv", DEPARTMENTS, "utf-8")
    stay = {"stay": ["A1"], "day": ["2025-03-30"], "vitals": ["4"], "records": ["2"]}
    pq.write_table(pa.table(stay), hospital.root / "incoming/nursing.parquet")
    assert {d.verdict for d in hospital.collect().deliveries} == {"taken"}
    assert hospital.names() == ["内科", "外科"]
    assert hospital.ask("select count(*) from land.his_nursing_day where _src_system = %s") == [
        (1,)
    ]


def test_a_link_is_not_followed(hospital: DropHospital, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_bytes(DEPARTMENTS.encode("gb18030"))
    (hospital.root / "incoming/dept.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(RejectedFileError, match="link"):
        hospital.collect()
    assert hospital.names() == []


def test_files_that_are_not_whole_wait(build: Callable[..., DropHospital]) -> None:
    hospital = build(quiet_seconds=3600)
    path = hospital.deliver("dept.csv", DEPARTMENTS)
    os.utime(path, (0, 0))  # a program that copies sets the time of the original
    hospital.deliver("dept_2.csv.part", DEPARTMENTS)
    report = hospital.collect()
    assert set(report.waiting) == {"dept.csv", "dept_2.csv.part"}
    assert report.deliveries == []
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    hospital.deliver("dept.csv.sha256", f"{digest}  dept.csv\n")
    (delivery,) = hospital.collect().deliveries
    assert (delivery.file_name, delivery.verdict) == ("dept.csv", "taken")
    assert hospital.names() == ["内科", "外科"]


def test_a_checksum_that_does_not_fit_or_is_missing(build: Callable[..., DropHospital]) -> None:
    hospital = build(checksum_required=True)
    hospital.deliver("dept.csv", DEPARTMENTS)
    assert "sha256" in hospital.collect().waiting["dept.csv"]
    hospital.deliver("dept.csv.sha256", "0" * 64)
    with pytest.raises(RejectedFileError, match="SHA-256"):
        hospital.collect()
    assert list((hospital.root / "incoming").iterdir()) == []


def test_a_crash_before_a_file_left_incoming_loses_and_doubles_nothing(
    hospital: DropHospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    hospital.deliver("dept.csv", DEPARTMENTS)
    with monkeypatch.context() as patch:
        patch.setattr("qinglian.drop.folder.enter_delivery", _crash)
        with pytest.raises(KeyboardInterrupt):
            hospital.collect()
    assert (hospital.root / "incoming/dept.csv").is_file()
    hospital.collect()
    assert hospital.deliveries() == [("dept.csv", "taken")], "the first look entered nothing"
    assert hospital.names() == ["内科", "外科"]
    assert hospital.ask("select count(*) from land.his_dept where _src_system = %s") == [(2,)]


def test_a_source_without_a_drop_folder_says_how_to_get_one(hospital: DropHospital) -> None:
    source = yaml.safe_load(hospital.yaml.read_text("utf-8"))
    del source["connection"]["drop"]
    hospital.yaml.write_text(yaml.safe_dump(source), "utf-8")
    with pytest.raises(SourceConfigurationError, match=r"drop: \{\}"):
        hospital.collect()


def _crash(*_: object) -> None:
    raise KeyboardInterrupt
