"""From a hospital's database to `land`: counts add up, faults are clear, a rerun heals."""

import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hospital import SETTLE_SQL, Hospital

from qinglian.extract.errors import SourceConfigurationError
from qinglian.gate.checkpoint import Gate
from qinglian.gate.outcome import GateResult
from qinglian.landing import batches, window_load
from qinglian.landing.spool import PartTotals, Spool
from qinglian.pipeline import IngestError


def test_first_run_loads_everything_in_parts(hospital: Hospital) -> None:
    report = hospital.ingest()
    (table,) = report.tables
    assert (table.extracted, table.loaded, table.quarantined, table.duplicates) == (
        1000,
        1000,
        0,
        0,
    )
    assert hospital.count("select count(*) from ops.batch") == 3
    assert hospital.count("select sum(control_total) from ops.batch") == 750750
    assert hospital.count("select sum(total_amount) from land.his_settle") == 750750
    assert hospital.verify().ok


def test_a_part_is_judged_while_the_next_one_is_written(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = threading.Event()
    check, write, written = Gate.check, Spool.write_part, []

    def check_and_tell(*arguments: Any) -> GateResult:
        result = check(*arguments)
        if not judged.is_set():
            assert hospital.count("select count(*) from land.his_settle") == 0, "too early"
        judged.set()
        return result

    def wait_and_write(*arguments: Any) -> PartTotals:
        if written:
            assert judged.wait(60), "nobody judges the first part"
        written.append(1)
        return write(*arguments)

    monkeypatch.setattr(Gate, "check", check_and_tell)
    monkeypatch.setattr(Spool, "write_part", wait_and_write)
    parts = hospital.settings.model_copy(update={"batch_rows": 500})
    assert replace(hospital, settings=parts).ingest().loaded == 1000
    assert hospital.verify().ok


def test_a_part_is_copied_while_the_next_one_is_written_and_counts_when_all_are_landed(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = threading.Event()
    copy, write, written = window_load.copy, Spool.write_part, []

    def copy_and_tell(*arguments: Any) -> Any:
        loaded = copy(*arguments)
        copied.set()
        return loaded

    def wait_and_write(*arguments: Any) -> PartTotals:
        if written:
            assert copied.wait(60), "nobody copies the first part"
            assert hospital.count("select count(*) from land.his_settle") == 0, "too early"
        written.append(1)
        return write(*arguments)

    monkeypatch.setattr(window_load, "copy", copy_and_tell)
    monkeypatch.setattr(Spool, "write_part", wait_and_write)
    parts = hospital.settings.model_copy(update={"batch_rows": 500})
    assert replace(hospital, settings=parts).ingest().loaded == 1000
    assert hospital.verify().ok


def test_gx_is_loaded_while_a_first_window_is_read_and_not_in_a_quiet_night(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []

    def note(gate: Gate) -> None:
        loaded.append(gate)

    monkeypatch.setattr(Gate, "get_ready", note)
    hospital.ingest()
    assert len(loaded) == 1
    hospital.ingest()
    assert len(loaded) == 1


def test_nothing_of_a_window_is_loaded_that_is_not_landed_whole(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = threading.Event()
    copy, write, written = window_load.copy, Spool.write_part, []

    def copy_and_tell(*arguments: Any) -> Any:
        loaded = copy(*arguments)
        copied.set()
        return loaded

    def write_once(*arguments: Any) -> PartTotals:
        if written:
            assert copied.wait(60), "nobody copies the first part"
            raise OSError("the disk is gone")
        written.append(1)
        return write(*arguments)

    monkeypatch.setattr(window_load, "copy", copy_and_tell)
    parts = hospital.settings.model_copy(update={"batch_rows": 500})
    with monkeypatch.context() as broken:
        broken.setattr(Spool, "write_part", write_once)
        with pytest.raises(IngestError, match="the disk is gone"):
            replace(hospital, settings=parts).ingest()
    assert hospital.count("select count(*) from land.his_settle") == 0
    assert hospital.count("select count(*) from ops.batch where state = 'landed'") == 1
    assert replace(hospital, settings=parts).ingest().loaded == 1000
    assert hospital.count("select count(*) from land.his_settle") == 1000
    assert hospital.verify().ok


def test_parts_before_one_that_the_gate_rejects_are_loaded(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    check, checked = Gate.check, list[Any]()

    def expect_another_sum(*arguments: Any) -> GateResult:
        *others, expected, waived = arguments
        checked.append(others)
        said = replace(expected, rows=1) if len(checked) == 2 else expected
        return check(*others, said, waived)

    monkeypatch.setattr(Gate, "check", expect_another_sum)
    parts = hospital.settings.model_copy(update={"batch_rows": 400})
    with pytest.raises(IngestError, match="stopped at the gate"):
        replace(hospital, settings=parts).ingest()
    states = "select string_agg(state, ' ' order by batch_id) = {} from ops.batch"
    assert hospital.count(states.format("'loaded rejected landed'"))
    assert hospital.count("select count(*) from land.his_settle") == 400


def test_columns_without_any_value_in_a_file_are_null_in_land(hospital: Hospital) -> None:
    hospital.sql("update settle set red_of = 's1' where id = 's1000'")  # the last of three parts
    hospital.ingest()
    values = "select count(*) from land.his_settle where"
    assert hospital.count(f"{values} orig_settle_id is null and refund_reason is null") == 999
    assert hospital.count(f"{values} settle_id = 's1000' and orig_settle_id = 's1'") == 1
    assert hospital.count(f"{values} pay_channel = 'counter' and acct_amount = 0") == 1000
    assert hospital.verify().ok


def test_second_run_loads_only_what_changed(hospital: Hospital) -> None:
    hospital.ingest()
    hospital.sql("update settle set total = '99.00' where id = 's500'")
    hospital.sql("delete from settle where id = 's501'")
    hospital.sql("insert into settle values ('new', null, 'v9', 'n9', '2025-01-20', 'final', '7')")
    (table,) = hospital.ingest().tables
    assert (table.extracted, table.unchanged, table.loaded, table.vanished) == (1000, 998, 2, 1)
    deleted = "select count(*) from land.his_settle where src_is_deleted and settle_id = 's501'"
    assert hospital.count(deleted) == 1
    (again,) = hospital.ingest().tables
    assert (again.extracted, again.unchanged, again.loaded, again.vanished) == (1000, 1000, 0, 0)
    assert hospital.verify().ok


def test_bad_rows_wait_in_quarantine_and_counts_add_up(hospital: Hospital) -> None:
    hospital.sql("update settle set total = 'abc' where id = 's10'")
    hospital.sql("update settle set kind = null where id = 's11'")
    hospital.sql("insert into settle select * from settle where id = 's12'")
    hospital.sql(
        "insert into settle values ('s13', null, 'v', 'n', '2025-01-02', 'final', '1234.00')"
    )
    (table,) = hospital.ingest().tables
    assert table.extracted == 1002
    assert table.duplicates == 1
    assert table.quarantined == 4  # text in a number, null, and both versions of s13
    assert table.extracted == table.unchanged + table.loaded + table.quarantined + table.duplicates
    raw = "select count(*) from ops.quarantine where row::text like '%abc%'"
    assert hospital.count(raw) == 1
    (again,) = hospital.ingest().tables
    assert again.quarantined == 0, "rows that wait already are not put there twice"
    assert hospital.verify().ok


def test_the_gate_holds_every_file_against_the_ledger(hospital: Hospital) -> None:
    hospital.sql("insert into settle select * from settle where id in ('s1', 's2')")
    hospital.ingest(date(2025, 1, 29))
    hospital.sql("delete from settle where id = 's501'")
    hospital.sql("update settle set total = 'abc' where id = 's502'")
    hospital.ingest(date(2025, 1, 29))
    for rule in ("row_count", "control_total", "freshness"):
        verdicts = hospital.outcomes(f"his_settle_{rule}")
        assert verdicts == [True] * 4, rule
    assert hospital.verify().ok


def test_a_file_with_other_sums_than_the_ledger_is_not_loaded(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = batches.enter

    def enter_wrongly(url: str, facts: dict[str, object]) -> None:
        real(url, facts | {"control_total": Decimal(str(facts["control_total"])) + 1})

    monkeypatch.setattr(batches, "enter", enter_wrongly)
    with pytest.raises(IngestError, match="his_settle_control_total"):
        hospital.ingest()
    assert hospital.count("select count(*) from land.his_settle") == 0


def test_a_source_that_falls_silent_becomes_stale_and_recovers(hospital: Hospital) -> None:
    hospital.ingest(date(2025, 1, 29))
    hospital.ingest(date(2025, 1, 30))
    assert hospital.outcomes("his_settle_freshness")[-1] is False, "nothing for over two days"
    assert hospital.failing_rules_of_page() == {"his_settle_freshness"}
    hospital.sql("insert into settle values ('new', null, 'v9', 'n9', '2025-01-31', 'final', '7')")
    hospital.ingest(date(2025, 1, 31))
    assert hospital.outcomes("his_settle_freshness")[-1] is True
    assert hospital.failing_rules_of_page() == set()


def test_a_table_that_never_had_a_row_is_told_and_does_not_stop(hospital: Hospital) -> None:
    hospital.sql("alter table settle rename to later")
    hospital.sql("create table settle as select * from later where false")
    hospital.sql("grant select on settle to city_reader")
    for _ in range(2):
        assert hospital.ingest(date(2025, 1, 29)).loaded == 0
        assert hospital.outcomes("his_settle_no_rows_yet")[-1] is False
    assert hospital.failing_rules_of_page() == {"his_settle_no_rows_yet"}
    hospital.sql("insert into settle select * from later")
    assert hospital.ingest(date(2025, 1, 29)).loaded == 1000
    assert hospital.failing_rules_of_page() == set()


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda h: h.write_source("wrong"), ("refuses the account",)),
        (lambda h: h.sql("alter table settle rename to gone"), ("settle", "a table is missing")),
        (lambda h: h.sql("alter table settle rename kind to art"), ("kind", "column is missing")),
        (
            lambda h: h.write_mapping(SETTLE_SQL.replace("'op1' as operator_code, ", "")),
            ("operator_code", "correct sources/test_his/his_settle.sql"),
        ),
    ],
    ids=["wrong password", "missing table", "missing column", "column not mapped"],
)
def test_a_fault_is_named_and_a_rerun_heals(
    hospital: Hospital, break_it: object, words: tuple[str, ...]
) -> None:
    break_it(hospital)  # type: ignore[operator]
    with pytest.raises(IngestError) as failure:
        hospital.ingest()
    message = str(failure.value)
    for word in ("his_test", "his_settle", "remedy", *words):
        assert word in message
    assert hospital.count("select count(*) from land.his_settle") == 0
    assert hospital.count("select count(*) from ops.run where status = 'failed'") == 1

    hospital.write_source("{secret:CITY_READER_PASSWORD}")
    hospital.write_mapping(SETTLE_SQL)
    hospital.sql("alter table if exists gone rename to settle")
    hospital.sql(
        "do $$ begin alter table settle rename art to kind; exception when undefined_column"
        " then null; end $$"
    )
    assert hospital.ingest().loaded == 1000
    assert hospital.verify().ok


def test_one_changed_byte_is_found_and_the_file_is_named(hospital: Hospital) -> None:
    hospital.ingest()
    path = sorted(hospital.settings.landing_dir.rglob("*.parquet"))[1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
    (fault,) = hospital.verify().faults
    assert path.name in fault


def test_a_changed_ledger_entry_is_found(hospital: Hospital) -> None:
    hospital.ingest()
    with hospital.server.connect("superuser") as connection:
        connection.execute(
            "update ops.ledger_entry set payload = replace(payload, '\"extracted\":400',"
            " '\"extracted\":399') where entry_no = 3"
        )
    assert any("entry 3 of batch 1" in fault for fault in hospital.verify().faults)


def test_a_source_that_lost_its_rows_is_not_believed(hospital: Hospital) -> None:
    hospital.ingest()
    hospital.sql("delete from settle where id > 's3'")
    with pytest.raises(IngestError, match="no longer there"):
        hospital.ingest()
    assert hospital.count("select count(*) from land.his_settle where src_is_deleted") == 0


def test_a_waived_rule_keeps_no_row_out_and_its_reason_is_reported(hospital: Hospital) -> None:
    hospital.sql("update settle set kind = 'other' where id = 's10'")
    hospital.waive({"his_settle_kind_values": "来源的结算类型不同"})
    (table,) = hospital.ingest().tables
    assert (table.loaded, table.quarantined) == (1000, 0)
    reported = hospital.count(
        "select count(*) from ops.quality_result where rule_id = 'his_settle_kind_values'"
        " and success is null and not_evaluated_reason = 'waived: 来源的结算类型不同'"
    )
    assert reported == hospital.count("select count(*) from ops.batch where file_path is not null")


def test_a_waiver_of_no_rule_is_refused(hospital: Hospital) -> None:
    hospital.waive({"his_settle_kind": "misspelt"})
    with pytest.raises(SourceConfigurationError, match="his_settle_kind"):
        hospital.ingest()
