"""That a delivered file is unaltered can be proved from the drop folder to the warehouse."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from drop_hospital import DEPARTMENTS, HEADER, DropHospital

from qinglian.contracts import load_contracts
from qinglian.landing.journal import Journal
from qinglian.landing.replay import digests
from qinglian.landing.verify import VerifyReport
from qinglian.pipeline import IngestError, RejectedFileError, ingest, verify_ledger
from qinglian.rebuild import rebuild
from qinglian.settings import repository_root
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import Server


def _empty(server: Server) -> None:
    with server.connect("superuser") as connection:
        connection.execute("drop schema if exists land cascade; drop schema if exists ops cascade")
    prepare_warehouse(server, load_contracts(repository_root() / "expectations").values())


@pytest.fixture(scope="module")
def warehouse(server: Server) -> Server:
    _empty(server)
    return server


@pytest.fixture
def hospital(tmp_path: Path, warehouse: Server) -> DropHospital:
    """A hospital that has delivered a file of each fate, alone in its warehouse."""
    with warehouse.connect("superuser") as connection:
        connection.execute(
            "truncate land.his_dept, land.his_nursing_day, ops.run, ops.ledger_entry, ops.delivery,"
            " ops.source_column, ops.quality_result, ops.verification cascade"
        )
    made = DropHospital(tmp_path, warehouse)
    made.deliver("dept.csv", DEPARTMENTS)
    made.collect()
    made.deliver("dept.csv", DEPARTMENTS)  # again
    made.deliver("dept_9.csv", "no header of ours\n1\n")
    made.deliver("fees.csv", DEPARTMENTS)
    (made.root / "incoming/dept_link.csv").symlink_to(tmp_path)
    with pytest.raises(RejectedFileError):
        made.collect()
    return made


def _verify(hospital: DropHospital, *, incremental: bool = False) -> VerifyReport:
    return verify_ledger(hospital.settings, hospital.server, incremental=incremental)


def _kept(hospital: DropHospital, verdict: str) -> Path:
    ((kept_at,), *_) = hospital.ask(
        f"select kept_at from ops.delivery where source_id = %s and verdict = '{verdict}'"
        " and file_name not like '%%link%%'"
    )
    return hospital.root / str(kept_at)


def test_every_delivery_is_in_the_chain_and_whole(hospital: DropHospital) -> None:
    report = _verify(hospital)
    assert (report.faults, report.deliveries) == ((), 5)


def _change_a_byte(path: Path) -> None:
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])


def _put_a_link(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copyfile(path, copy)
    path.unlink()
    path.symlink_to(copy)


def test_an_altered_file_is_named(hospital: DropHospital) -> None:
    for verdict in ("taken", "rejected"):
        path = _kept(hospital, verdict)
        content = path.read_bytes()
        for alter in (_change_a_byte, Path.unlink, _put_a_link):
            alter(path)
            (fault,) = _verify(hospital).faults
            assert str(path) in fault
            path.unlink(missing_ok=True)
            path.write_bytes(content)
    assert _verify(hospital).ok


def test_an_incremental_verification_reads_new_deliveries(hospital: DropHospital) -> None:
    assert _verify(hospital).ok
    hospital.deliver("dept.csv", HEADER + "01,内科,clinical\n")
    hospital.collect()
    report = _verify(hospital, incremental=True)
    assert (report.faults, report.deliveries) == ((), 1)
    hospital.deliver("dept.csv", HEADER + "07,儿科,clinical\n")
    hospital.collect()
    path = (hospital.root / "current/dept.csv").resolve()
    _change_a_byte(path)
    (fault,) = _verify(hospital, incremental=True).faults
    assert str(path) in fault


ALTERED = {
    "aaaa": "update ops.delivery set file_sha256 = repeat('a', 64) where verdict = 'taken'",
    "problem is None": "update ops.delivery set problem = null where file_name = 'fees.csv'",
    "removed from ops.delivery": "delete from ops.delivery where verdict = 'repeated'",
    "no entry in the ledger": (
        "insert into ops.delivery (source_id, file_name, file_sha256, file_bytes, taken_at,"
        " verdict, kept_at) values ('x', 'f', '0', 1, localtimestamp, 'taken', 'archive/f')"
    ),
}


def test_an_altered_record_is_found(hospital: DropHospital) -> None:
    with hospital.server.connect("superuser") as connection:
        for statement in ALTERED.values():
            connection.execute(statement)
    faults = _verify(hospital).faults
    assert len(faults) == len(ALTERED)
    for said in ALTERED:
        assert any(said in fault for fault in faults), faults


def test_rows_of_a_file_that_nobody_delivered_are_found(hospital: DropHospital) -> None:
    link = hospital.root / "current/dept.csv"
    link.unlink()
    link.write_bytes(DEPARTMENTS.replace("内科", "眼科").encode("gb18030"))
    hospital.collect()
    assert "眼科" in hospital.names()
    (fault,) = _verify(hospital).faults
    assert "dept.csv" in fault
    assert "never delivered" in fault


def test_a_drop_folder_that_is_gone_is_a_fault(hospital: DropHospital) -> None:
    hospital.yaml.unlink()
    (fault,) = _verify(hospital).faults
    assert hospital.source_id in fault
    assert "bring back" in fault


def test_a_rebuild_brings_deliveries_back_row_for_row(hospital: DropHospital) -> None:
    query = "select * from ops.delivery where source_id = %s order by delivery_id"
    before = hospital.ask(query)
    assert len(before) == 5
    contracts = load_contracts(hospital.settings.contracts_dir).values()

    def content() -> dict[str, str]:
        with hospital.server.connect("owner", autocommit=True) as connection:
            return digests(connection, contracts)

    whole = content()
    _empty(hospital.server)
    hospital.deliver("dept.csv", HEADER + "01,内科,clinical\n")
    with pytest.raises(IngestError, match="qinglian rebuild"):
        hospital.collect()
    assert (hospital.root / "incoming/dept.csv").is_file(), "nothing is taken into a wrong database"
    rebuild(hospital.settings, hospital.server, replace=False, tell=lambda _: None)
    assert hospital.ask(query) == before
    assert content() == whole
    assert _verify(hospital).ok
    (delivery,) = hospital.collect().deliveries
    assert delivery.verdict == "taken"
    assert len(hospital.ask(query)) == 6, "numbers go on after the restored ones"
    assert _verify(hospital).ok
    rebuild(hospital.settings, hospital.server, replace=True, tell=lambda _: None)
    assert len(hospital.ask(query)) == 6


def test_a_delivery_that_a_crash_left_out_of_the_ledgers_copy_is_written(
    hospital: DropHospital,
) -> None:
    path = Journal(hospital.settings.landing_dir).path
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rstrip(b"\n").rfind(b"\n") + 1])
    assert not _verify(hospital).ok
    hospital.collect()
    assert path.read_bytes() == whole
    assert _verify(hospital).ok
    with pytest.raises(IngestError, match="nursing"):  # never delivered
        ingest(hospital.settings, hospital.server, hospital.source_id, date(2025, 3, 31))
    assert _verify(hospital).ok
