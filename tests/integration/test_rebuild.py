"""A lost database is no loss: `land` and `ops` come back from the landing zone, row for row."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hospital import SETTLE_SQL, Hospital

from qinglian.contracts import load_contracts
from qinglian.detection import begin_detection, finish_detection
from qinglian.landing.journal import Journal, JournalError
from qinglian.landing.replay import ReplayError, digests
from qinglian.landing.verifications import Verifications
from qinglian.pipeline import IngestError, verify_ledger
from qinglian.quarantine.decisions import Author
from qinglian.quarantine.fix import discard_rows, fix_row
from qinglian.quarantine.release import release_rows
from qinglian.quarantine.rows import Filters, find_rows
from qinglian.rebuild import rebuild
from qinglian.run_record import recorded_run
from qinglian.suppliers.decisions import decide
from qinglian.warehouse.schema import prepare_warehouse

AUTHOR = Author("李敏", "与医院财务科核对单据")


def _digests(hospital: Hospital) -> dict[str, str]:
    contracts = load_contracts(hospital.settings.contracts_dir).values()
    with hospital.server.connect("owner", autocommit=True) as connection:
        return digests(connection, contracts)


def _rebuild(hospital: Hospital, *, replace: bool = False) -> None:
    rebuild(hospital.settings, hospital.server, replace=replace, tell=lambda _: None)


def _lose_database(hospital: Hospital) -> None:
    with hospital.server.connect("superuser") as connection:
        connection.execute("drop schema land cascade; drop schema ops cascade")
    contracts = load_contracts(hospital.settings.contracts_dir)
    prepare_warehouse(hospital.server, contracts.values())


def _two_nights(hospital: Hospital) -> None:
    """Changed, deleted, repeated and quarantined rows, and every kind of decision on these."""
    hospital.sql("update settle set total = 'abc' where id = 's10'")
    hospital.sql("update settle set kind = null where id = 's11'")
    hospital.sql("insert into settle select * from settle where id = 's12'")
    hospital.ingest()
    with hospital.server.connect("steward", autocommit=True) as connection:
        rows = find_rows(connection, Filters())
    (text,) = [row for row in rows if row.landed["settle_id"] == "s10"]
    contract = load_contracts(hospital.settings.contracts_dir)["his_settle"]
    values = {"total_amount": "15.00", "insur_amount": "15.00"}
    fix_row(hospital.settings, hospital.server, contract, text, values, AUTHOR)
    open_rows = Filters(table="his_settle")
    assert release_rows(hospital.settings, hospital.server, open_rows, AUTHOR).released == 1
    assert discard_rows(hospital.settings, hospital.server, open_rows, AUTHOR) == 1
    hospital.sql("update settle set total = '99.00' where id = 's500'")
    hospital.sql("delete from settle where id = 's501'")
    hospital.ingest()
    hospital.ingest()  # nothing changed: batches without a file


def _rows(hospital: Hospital, *tables: str) -> dict[str, list[str]]:
    """All rows of these tables as text."""
    with hospital.server.connect("auditor") as connection:
        return {
            table: sorted(
                row
                for (row,) in connection.execute(
                    f"select cast(to_jsonb(t) as text) from ops.{table} as t"
                )
            )
            for table in tables
        }


def _all(hospital: Hospital, query: str) -> list[str]:
    with hospital.server.connect("auditor") as connection:
        return sorted(row for (row,) in connection.execute(query.encode()))


def _decide_on_suppliers(hospital: Hospital) -> None:
    """Two words on the same pair of a resolution."""
    with hospital.server.connect("superuser") as connection:
        connection.execute(
            "insert into ops.supplier_resolution"
            " (resolved_at, model_version, input_digest, records, suppliers)"
            " values (localtimestamp, '1', repeat('0', 64), 2, 2)"
        )
        connection.execute(
            "insert into ops.supplier_member select resolution_id, code, null, null, 'supplier',"
            " code, code from ops.supplier_resolution, unnest(array['A', 'B']) as code"
        )
    for action in ("confirm", "split"):
        decide(hospital.settings, hospital.server, ("B", "A"), action, "王审", "两家不同的公司")


def test_runs_learnt_types_and_words_on_suppliers_come_back(hospital: Hospital) -> None:
    hospital.ingest()
    hospital.write_mapping("select 1 from nowhere")
    with pytest.raises(IngestError):
        hospital.ingest(date(2025, 2, 1))  # a run without a batch
    hospital.write_mapping(SETTLE_SQL)
    _decide_on_suppliers(hospital)
    tables = ("run", "source_column", "supplier_decision")
    before = _rows(hospital, *tables)
    assert [len(before[name]) > 1 for name in tables] == [True, True, True]
    assert hospital.verify().ok
    for replace in (False, True):
        if not replace:
            _lose_database(hospital)
        _rebuild(hospital, replace=replace)
        assert _rows(hospital, *tables) == before
    hospital.sql("alter table settle alter column total type numeric using cast(total as numeric)")
    with pytest.raises(IngestError, match="'total_amount' was text and is number"):
        hospital.ingest(date(2025, 2, 1))
    assert len(_rows(hospital, "run")["run"]) == len(before["run"]) + 1


def test_detections_and_verifications_come_back_without_their_models(hospital: Hospital) -> None:
    settings, server, day = hospital.settings, hospital.server, date(2025, 1, 31)
    hospital.ingest()
    for asked_by, night in (("first", day), ("second", date(2025, 2, 1))):
        assert begin_detection(server, settings, night, asked_by) is None
        finish_detection(server, settings, asked_by)
    assert verify_ledger(settings, server, incremental=False).ok
    hospital.sql("update settle set total = '99.00' where id = 's500'")
    hospital.ingest()
    assert verify_ledger(settings, server, incremental=True).ok
    verifications = (
        "select cast(to_jsonb(v) - 'verification_id' as text) from ops.verification as v"
    )
    before = _rows(hospital, "detection"), _all(hospital, verifications)
    assert [len(before[0]["detection"]), len(before[1])] == [2, 2]
    for replace in (True, False):
        if not replace:
            _lose_database(hospital)
            assert "it is in" in " ".join(verify_ledger(settings, server, incremental=False).faults)
        _rebuild(hospital, replace=replace)
        found = _rows(hospital, "detection"), _all(hospital, verifications)
        assert found[0] == before[0]
        assert set(before[1]) <= set(found[1])
        assert hospital.verify().ok
    later = verify_ledger(settings, server, incremental=True)
    assert (later.ok, later.batches) == (True, 0), "and the next verification goes on from there"
    assert begin_detection(server, settings, date(2025, 2, 1), "third") is None, "models are gone"
    assert hospital.count("select max(detection_id) from ops.detection") == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("update ops.verification set faults = 3", "it is not what"),
        ("delete from ops.verification", "and was removed"),
        ("update ops.detection set as_of = '2024-01-01'", "as_of is 2024-01-01, the ledger says"),
        ("delete from ops.detection", "it is in the ledger and was removed"),
    ],
)
def test_a_changed_history_is_told(hospital: Hospital, change: str, told: str) -> None:
    hospital.ingest()
    begin_detection(hospital.server, hospital.settings, date(2025, 1, 31), "test")
    assert verify_ledger(hospital.settings, hospital.server, incremental=False).ok
    with hospital.server.connect("superuser") as connection:
        connection.execute(change.encode())
    (fault,) = verify_ledger(hospital.settings, hospital.server, incremental=False).faults
    assert told in fault


def test_a_line_that_is_no_verification_is_told(hospital: Hospital) -> None:
    hospital.ingest()
    assert verify_ledger(hospital.settings, hospital.server, incremental=False).ok
    with Verifications(hospital.settings.landing_dir).path.open("a") as file:
        file.write('{"verified')
    (fault,) = verify_ledger(hospital.settings, hospital.server, incremental=False).faults
    assert "line 2: it is no verification" in fault


def test_a_run_that_a_lost_database_cut_off_is_closed_by_the_next(hospital: Hospital) -> None:
    day = date(2025, 1, 31)
    with recorded_run(hospital.settings, hospital.server, "ingest", "his_test", day):
        hospital.ingest(day)
        _lose_database(hospital)
        _rebuild(hospital)
        running = "select count(*) from ops.run where status = 'running'"
        assert hospital.count(running) == 1
        with hospital.server.connect("superuser", autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
                " and classid = 7100002 and pid <> pg_backend_pid()"
            )
        hospital.ingest(day)
        assert hospital.count(running) == 0


def test_what_was_noted_before_the_ledger_told_of_it_stays(hospital: Hospital) -> None:
    hospital.ingest()
    with hospital.server.connect("superuser") as connection:
        connection.execute("insert into ops.run (kind, as_of) values ('publish', '2024-12-31')")
        connection.execute(
            "insert into ops.supplier_decision (record_a, record_b, action, decided_by, reason)"
            " values ('A', 'B', 'split', '王审', '两家不同的公司')"
        )
    before = _rows(hospital, "run", "supplier_decision")
    _rebuild(hospital, replace=True)
    assert _rows(hospital, "run", "supplier_decision") == before


def test_a_lost_database_comes_back_row_for_row(hospital: Hospital) -> None:
    _two_nights(hospital)
    before = _digests(hospital)
    assert not before["ops.quarantine_decision"].startswith("0 rows")
    _lose_database(hospital)
    with pytest.raises(IngestError, match="qinglian rebuild"):
        hospital.ingest()
    _rebuild(hospital)
    assert _digests(hospital) == before
    assert hospital.verify().ok
    with pytest.raises(ReplayError, match="--replace"):
        _rebuild(hospital)

    (table,) = hospital.ingest().tables
    assert (table.extracted, table.unchanged) == (1000, 1000), "and the next night goes on"
    assert hospital.verify().ok
    before = _digests(hospital)
    _rebuild(hospital, replace=True)
    assert _digests(hospital) == before


def test_a_rebuild_that_was_ended_goes_on(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    _two_nights(hospital)
    before = _digests(hospital)
    _lose_database(hospital)
    whole = Journal.read
    monkeypatch.setattr(Journal, "read", lambda self: whole(self)[:7])
    _rebuild(hospital)
    monkeypatch.undo()
    assert hospital.count("select count(*) from ops.ledger_entry") == 7
    _rebuild(hospital)
    assert _digests(hospital) == before


def test_a_changed_file_stops_before_anything_is_emptied(hospital: Hospital) -> None:
    hospital.ingest()
    before = _digests(hospital)
    files = sorted(hospital.settings.landing_dir.rglob("0*.*"))
    assert {path.suffix for path in files} == {".parquet", ".jsonl"}
    for path in (files[0], files[-1]):
        content = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(content[:-9] + b"X" + content[-8:])
        with pytest.raises(ReplayError, match=path.name):
            _rebuild(hospital, replace=True)
        assert _digests(hospital) == before
        path.write_bytes(content)


@pytest.mark.parametrize(
    "cut",
    [
        lambda text: b"",
        lambda text: text[: text.rstrip(b"\n").rfind(b"\n") + 1],
        lambda text: text[:-20],
    ],
    ids=["no line", "last line not written", "last line half written"],
)
def test_what_a_crash_left_unwritten_is_written_by_the_next_run(
    hospital: Hospital, cut: Callable[[bytes], bytes]
) -> None:
    hospital.ingest()
    path = Journal(hospital.settings.landing_dir).path
    whole = path.read_bytes()
    path.write_bytes(cut(whole))
    assert not hospital.verify().ok
    hospital.ingest(date(2025, 2, 1))
    assert path.read_bytes().startswith(whole)
    assert hospital.verify().ok


def test_two_installations_do_not_mix(hospital: Hospital, tmp_path: Path) -> None:
    hospital.ingest()
    path = Journal(hospital.settings.landing_dir).path
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(
        b"".join(lines[:-1]) + lines[-1].replace(b'"entry_hash": "', b'"entry_hash": "0')
    )
    with pytest.raises(IngestError, match="two installations"):
        hospital.ingest()
    path.write_bytes(lines[1])
    with pytest.raises(JournalError, match="line 1"):
        Journal(hospital.settings.landing_dir).read()
