"""A hospital with one table in a database of its own, and the installation that reads it."""

import shutil
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import yaml
from empty_warehouse import empty_warehouse

from qinglian.contracts import load_contracts
from qinglian.drop.proof import drop_folders
from qinglian.gate.saved import results_dir, saved_result
from qinglian.landing.verify import VerifyReport, verify
from qinglian.pipeline import IngestReport, ingest
from qinglian.settings import Settings
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

ROWS = """
insert into settle select 's' || i, null, 'v' || i, 'n' || i,
    timestamp '2025-01-01' + i * interval '40 minutes', 'final', (i * 1.5)::numeric(16,2)::text
from generate_series(1, 1000) i
"""


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
        folders = drop_folders(self.settings, self.server.secrets)
        with self.server.connect("auditor") as connection:
            return verify(connection, self.settings.landing_dir, drop_folders=folders)

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

    def reset(self) -> None:
        """Source, warehouse and state as they were when the hospital was made."""
        self.sql("truncate settle")
        self.sql(ROWS)
        with self.server.connect("superuser") as connection:
            connection.execute(
                "truncate land.his_settle, land.his_dept, ops.run, ops.ledger_entry,"
                " ops.quality_result, ops.source_column, ops.delivery cascade"
            )
        shutil.rmtree(self.settings.state_dir, ignore_errors=True)
        shutil.rmtree(self.drop_folder, ignore_errors=True)
        self.begin()

    def begin(self) -> None:
        """Write the source and its one table as the hospital has them at first."""
        (self.settings.root / "sources/test_his/his_dept.sql").unlink(missing_ok=True)
        self.write_vendor(dialect="postgres")
        self.write_mapping(SETTLE_SQL)
        self.write_source("{secret:CITY_READER_PASSWORD}")

    @property
    def drop_folder(self) -> Path:
        return self.settings.root.parent / "drop"

    def slow_down(self, seconds: float | None) -> None:
        """Let each row take so long at the source; None ends it."""
        pause = f"(select *, pg_sleep({seconds}) as pause from settle offset 0) as settle"
        self.write_mapping(
            SETTLE_SQL.replace("from settle", f"from {pause}") if seconds else SETTLE_SQL
        )

    def wait_for_query(self, user: str, pattern: str) -> None:
        """Return when `user` runs a query like `pattern`. Raises TimeoutError."""
        for _ in range(1200):
            if self.count(
                "select count(*) from pg_stat_activity where state = 'active'"
                f" and usename = '{user}' and query like '{pattern}'"
            ):
                return
            time.sleep(0.05)
        raise TimeoutError(f"{user} never ran {pattern}")

    def waive(self, rules: dict[str, str]) -> None:
        path = self.settings.root / "sources/test_his/vendor.yaml"
        vendor = yaml.safe_load(path.read_text())
        path.write_text(yaml.safe_dump(vendor | {"waived_rules": rules}, allow_unicode=True))

    def write_mapping(self, sql: str, table: str = "his_settle") -> None:
        (self.settings.root / f"sources/test_his/{table}.sql").write_text(sql)

    def write_vendor(self, **facts: object) -> None:
        vendor = {"name": "测试", "description": "one table"} | facts
        path = self.settings.root / "sources/test_his/vendor.yaml"
        path.write_text(yaml.safe_dump(vendor, allow_unicode=True))

    def write_source(self, password: str, **facts: object) -> None:
        source: dict[str, object] = {
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
        (self.settings.root / "sources/his_test.yaml").write_text(yaml.safe_dump(source | facts))


@pytest.fixture
def hospital(tmp_path: Path, server: Server) -> Hospital:
    """A fresh source database, a fresh warehouse schema and a state folder of its own."""
    return new_hospital(tmp_path, server)


def new_hospital(folder: Path, server: Server) -> Hospital:
    """The same, with its state and its configuration in `folder`."""
    root = folder / "root"
    (root / "sources/test_his").mkdir(parents=True)
    (root / "expectations").symlink_to(REPOSITORY / "expectations")
    settings = Settings(home=folder / "state", root=root, batch_rows=400)
    contracts = load_contracts(settings.contracts_dir)
    with server.connect("superuser", "postgres", autocommit=True) as connection:
        connection.execute(f"drop database if exists {DATABASE} with (force)")
        ensure_database(connection, DATABASE, server.user("owner"))
        connection.execute(f"grant connect on database {DATABASE} to city_reader")
    empty_warehouse(server, contracts.values())
    made = Hospital(settings, server)
    made.sql(
        "create table settle (id text, red_of text, visit text, invoice text, at timestamp,"
        " kind text, total text)"
    )
    made.sql("grant select on settle to city_reader")
    made.sql(ROWS)
    made.begin()
    return made
