"""From a hospital's database to `land`: counts add up, faults are clear, a rerun heals."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from qinglian.contracts import load_contracts
from qinglian.extract.errors import SourceConfigurationError
from qinglian.gate.saved import results_dir, saved_result
from qinglian.landing import batches
from qinglian.landing.verify import VerifyReport, verify
from qinglian.pipeline import IngestError, IngestReport, ingest
from qinglian.settings import Settings
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import Server, ensure_database

REPOSITORY = Path(__file__).resolve().parents[2]
DATABASE = "his_test"
ORG = "H50010300101"
SETTLE_SQL = """
-- source: settle, one row a settlement
select
    '{org}' as org_code, id as settle_id, red_of as orig_settle_id, 'O' as encounter_type,
    visit as encounter_id, invoice as invoice_no, at as settle_time, kind as settle_kind,
    total as total_amount, total as insur_amount, 0 as acct_amount, 0 as cash_amount,
    0 as hosp_amount, 'counter' as pay_channel, 'op1' as operator_code, null as refund_reason,
    null as refund_approver, null as hi_setl_id, null as src_updated_at
from settle
where at >= :window_start and at < :window_end
""".replace("{org}", ORG)


@dataclass
class Hospital:
    """A hospital with one table, and the installation that reads it."""

    settings: Settings
    server: Server

    def sql(self, statement: str) -> None:
        with self.server.connect("superuser", DATABASE, autocommit=True) as connection:
            connection.execute(statement)

    def ingest(self, as_of: date = date(2025, 1, 31)) -> IngestReport:
        return ingest(self.settings, self.server, "his_test", as_of)

    def count(self, query: str) -> int:
        with self.server.connect("superuser") as connection:
            row = connection.execute(query).fetchone()
            assert row is not None
            return int(row[0])

    def verify(self) -> VerifyReport:
        with self.server.connect("auditor") as connection:
            return verify(connection, self.settings.landing_dir)

    def outcomes(self, rule_id: str) -> list[bool | None]:
        """The verdicts on a rule, one a batch in order."""
        with self.server.connect("auditor") as connection:
            rows = connection.execute(
                "select success from ops.quality_result where rule_id = %s order by batch_id",
                (rule_id,),
            ).fetchall()
        return [success for (success,) in rows]

    def failing_rules_of_page(self) -> set[str]:
        """Rules that the data docs show as failed."""
        page = saved_result(results_dir(self.settings), "his_test", "his_settle")
        assert page is not None
        return {
            verdict["expectation_config"]["meta"]["rule_id"]
            for verdict in page[1]["results"]
            if not verdict["success"]
        }

    def waive(self, rules: dict[str, str]) -> None:
        path = self.settings.root / "sources/test_his/vendor.yaml"
        vendor = yaml.safe_load(path.read_text())
        path.write_text(yaml.safe_dump(vendor | {"waived_rules": rules}, allow_unicode=True))

    def write_mapping(self, sql: str) -> None:
        (self.settings.root / "sources/test_his/his_settle.sql").write_text(sql)

    def write_source(self, password: str) -> None:
        source = {
            "source_id": "his_test",
            "system": "his",
            "vendor": "test_his",
            "org_code": ORG,
            "name": "测试医院",
            "connection": {
                "kind": "postgresql",
                "url": f"postgresql://city_reader:{password}@{{demo_server}}/{DATABASE}",
            },
            "history_start": "2025-01-01",
        }
        (self.settings.root / "sources/his_test.yaml").write_text(yaml.safe_dump(source))


@pytest.fixture
def hospital(tmp_path: Path, server: Server) -> Iterator[Hospital]:
    """A fresh source database, a fresh warehouse schema and a state folder of its own."""
    root = tmp_path / "root"
    (root / "sources/test_his").mkdir(parents=True)
    (root / "expectations").symlink_to(REPOSITORY / "expectations")
    vendor = {"name": "测试", "dialect": "postgres", "description": "one table"}
    (root / "sources/test_his/vendor.yaml").write_text(yaml.safe_dump(vendor))
    settings = Settings(home=tmp_path / "state", root=root, batch_rows=400)
    contracts = load_contracts(settings.contracts_dir)
    with server.connect("superuser", "postgres", autocommit=True) as connection:
        connection.execute(f"drop database if exists {DATABASE} with (force)")
        ensure_database(connection, DATABASE, server.user("owner"))
        connection.execute(f"grant connect on database {DATABASE} to city_reader")
    with server.connect("superuser") as connection:
        connection.execute("drop schema if exists land cascade; drop schema if exists ops cascade")
    prepare_warehouse(server, contracts.values())
    made = Hospital(settings, server)
    made.sql(
        "create table settle (id text, red_of text, visit text, invoice text, at timestamp,"
        " kind text, total text)"
    )
    made.sql("grant select on settle to city_reader")
    made.sql(
        "insert into settle select 's' || i, null, 'v' || i, 'n' || i,"
        " timestamp '2025-01-01' + i * interval '40 minutes', 'final',"
        " (i * 1.5)::numeric(16,2)::text"
        " from generate_series(1, 1000) i"
    )
    made.write_mapping(SETTLE_SQL)
    made.write_source("{secret:CITY_READER_PASSWORD}")
    yield made


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


def test_a_source_that_dies_halfway_leaves_nothing_half_loaded(hospital: Hospital) -> None:
    slow = SETTLE_SQL.replace(
        "from settle", "from (select *, pg_sleep(0.01) as pause from settle offset 0) as settle"
    )
    hospital.write_mapping(slow)
    # A process, not a thread: connectorx keeps Python's lock while it waits for rows.
    url = hospital.server.url("superuser", "postgres")
    with subprocess.Popen([sys.executable, "-c", _END_READER, url]) as killer:
        with pytest.raises(IngestError, match="his_test"):
            hospital.ingest()
        assert killer.wait() == 0
    assert hospital.count("select count(*) from land.his_settle") == 0
    hospital.write_mapping(SETTLE_SQL)
    assert hospital.ingest().loaded == 1000


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
            " '\"extracted\":399') where entry_no = 2"
        )
    assert any("entry 2" in fault for fault in hospital.verify().faults)


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


#: Ends the connection that copies the slow query out, as soon as there is one.
_END_READER = """
import sys, time
import psycopg

with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    for _ in range(1200):
        ended = connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where state = 'active'"
            " and usename = 'city_reader' and query like 'COPY%pg_sleep%'"
        ).fetchall()
        if ended:
            sys.exit(0)
        time.sleep(0.05)
sys.exit("the reader was never seen")
"""
