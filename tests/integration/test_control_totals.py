"""What a source counts of its rows is held against them at every step to the warehouse."""

from collections.abc import Generator
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
import yaml
from hospital import SETTLE_SQL, Hospital

from qinglian.contracts import load_contracts
from qinglian.extract import databases, postgresql
from qinglian.extract.totals import SourceControl
from qinglian.landing.verify import VerifyReport
from qinglian.pipeline import IngestError, verify_ledger
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

TOTALS = """
select source_measured, source_rows, source_control_total, source_keys, source_exact,
    uncounted_rows, typed_total
from ops.batch where source_rows is not null order by batch_id desc limit 1
"""


def _row(hospital: Hospital, query: str) -> tuple[Any, ...]:
    with hospital.server.connect("superuser") as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row


def _verify(hospital: Hospital, *, incremental: bool) -> VerifyReport:
    return verify_ledger(hospital.settings, hospital.server, incremental=incremental)


@pytest.mark.parametrize("known", [True, False], ids=["contract types", "unknown types"])
def test_every_contract_can_be_counted(server: Server, known: bool) -> None:
    with server.connect("superuser") as connection:
        for contract in load_contracts(Settings().contracts_dir).values():
            columns = ", ".join(
                f"cast(null as {c.physical_type}) as {c.name}" for c in contract.landed_columns
            )
            header = connection.execute(f"select {columns} limit 0").description or ()
            families = {
                c.name: databases._POSTGRESQL_FAMILIES[c.type_code] if known else "other"
                for c in header
                if c.type_code in databases._POSTGRESQL_FAMILIES
            }
            control = SourceControl(contract)
            query = control.query("postgresql", f"select {columns}", families)
            row = connection.execute(query).fetchone()
            assert row is not None
            control.take(row, "one_snapshot")
            assert control.totals is not None
            assert control.totals.rows == 1


def test_keys_of_several_parts_are_told_apart(server: Server) -> None:
    keys = "values ('a', '1 b'), ('a1 ', 'b'), ('a', 'b'), ('a', 'b'), (null, 'b'), ('', '3 ab')"
    columns = "k(org_code, fee_id)"
    control = SourceControl(load_contracts(Settings().contracts_dir)["his_fee"])
    query = control.query(
        "postgresql",
        f"select *, 1.5 as amount, timestamp '2025-01-01' as fee_time from ({keys}) as {columns}",
        {"org_code": "text", "fee_id": "text", "amount": "number", "fee_time": "time"},
    )
    with server.connect("superuser") as connection:
        assert connection.execute(query).fetchone() == (
            *(6, "9.0000000000"),
            *("2025-01-01 00:00:00", "2025-01-01 00:00:00"),
            4,
        )


def test_rows_and_totals_come_from_one_snapshot(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SourceControl.query

    def move_then_count(*arguments: Any) -> str:
        hospital.sql("delete from settle where id <= 's3'")
        return real(*arguments)

    monkeypatch.setattr(SourceControl, "query", move_then_count)
    (table,) = hospital.ingest().tables
    assert table.loaded == 1000
    exact = Decimal("750750.00")
    assert _row(hospital, TOTALS) == ("one_snapshot", 1000, exact, 1000, True, 0, exact)
    assert hospital.verify().ok


@pytest.mark.parametrize(("limits", "counting"), [({}, 1), ({"connections": 1}, 0)])
def test_a_source_counts_while_it_is_read_unless_it_limits_its_connections(
    hospital: Hospital,
    monkeypatch: pytest.MonkeyPatch,
    limits: dict[str, int],
    counting: int,
) -> None:
    path = hospital.settings.root / "sources/his_test.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"limits": limits}))
    query, stream, found = SourceControl.query, postgresql.stream, []

    def count_slowly(*arguments: Any) -> str:
        return f"select counted.* from (\n{query(*arguments)}\n) as counted, pg_sleep(3)"

    def look_and_read(*arguments: Any) -> Generator[pa.RecordBatch, None, None]:
        for batch in stream(*arguments):
            found.append(
                hospital.count(
                    "select count(*) from pg_stat_activity where state = 'active'"
                    " and usename = 'city_reader' and query like '%pg_sleep(3)%'"
                )
            )
            yield batch

    monkeypatch.setattr(SourceControl, "query", count_slowly)
    monkeypatch.setattr(postgresql, "stream", look_and_read)
    assert hospital.ingest().loaded == 1000
    assert found == [counting]
    assert _row(hospital, TOTALS)[:2] == ("one_snapshot", 1000)


def test_a_reading_that_fails_ends_the_count_beside_it(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = SourceControl.query

    def count_for_ever(*arguments: Any) -> str:
        return f"select counted.* from (\n{query(*arguments)}\n) as counted, pg_sleep(3600)"

    def fail(*_: Any) -> Generator[pa.RecordBatch, None, None]:
        raise OSError("the line is cut")
        yield

    monkeypatch.setattr(SourceControl, "query", count_for_ever)
    monkeypatch.setattr(postgresql, "stream", fail)
    with pytest.raises(IngestError, match="the line is cut"):
        hospital.ingest()


def test_a_row_lost_between_source_and_landing_zone_stops_the_table(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = postgresql.stream

    def lossy(*arguments: Any) -> Generator[pa.RecordBatch, None, None]:
        return (batch.slice(1) for batch in real(*arguments))

    with monkeypatch.context() as patched:
        patched.setattr(postgresql, "stream", lossy)
        with pytest.raises(IngestError, match="the source counted 1000, 999 arrived"):
            hospital.ingest()
    assert hospital.count("select count(*) from ops.batch") == 0
    assert hospital.ingest().loaded == 1000


def test_text_that_is_no_number_and_floats_are_counted_alike_on_both_sides(
    hospital: Hospital,
) -> None:
    hospital.sql("update settle set total = 'abc' where id = 's1'")
    hospital.sql("update settle set total = '1e3' where id = 's2'")
    hospital.sql("update settle set total = ' 12.50 ' where id = 's3'")
    hospital.ingest(date(2025, 1, 30))
    measured, rows, total, keys, exact, uncounted, _ = _row(hospital, TOTALS)
    assert (measured, rows, keys, exact, uncounted) == ("one_snapshot", 1000, 1000, True, 2)
    assert total == Decimal("750750") - Decimal("1.5") - 3 - Decimal("4.5") + Decimal("12.5")
    hospital.sql("update settle set total = '3' where id in ('s1', 's2')")
    hospital.write_mapping(
        SETTLE_SQL.replace("total as total_amount", "total::float8 as total_amount")
    )
    hospital.ingest()
    assert _row(hospital, TOTALS)[4:6] == (False, 0)
    assert hospital.verify().ok


def test_an_amount_changed_in_the_warehouse_is_found_and_the_step_named(hospital: Hospital) -> None:
    hospital.ingest()
    hospital.sql("delete from settle where id = 's501'")
    hospital.ingest()
    assert _verify(hospital, incremental=False).ok
    with hospital.server.connect("superuser") as connection:
        connection.execute(
            "update land.his_settle set total_amount = total_amount + 1 where settle_id = 's7'"
        )
    (fault,) = hospital.verify().faults
    assert "file to warehouse" in fault


def test_an_incremental_verification_continues_where_the_last_whole_one_ended(
    hospital: Hospital,
) -> None:
    hospital.ingest(date(2025, 1, 30))
    assert _verify(hospital, incremental=True).batches == 3, "nothing was verified before"
    hospital.sql("update settle set total = '99.00' where id = 's500'")
    hospital.ingest(date(2025, 1, 31))
    with hospital.server.connect("superuser") as connection:
        connection.execute("update land.his_settle set total_amount = 98 where total_amount = 99")
    for _ in range(2):  # one that found a fault is not continued
        report = _verify(hospital, incremental=True)
        assert (report.batches, report.entries) == (1, 4), "a run, landed, loaded, its end"
        assert any("file to warehouse" in fault for fault in report.faults)
    assert hospital.count("select count(*) from ops.verification where faults > 0") == 2
