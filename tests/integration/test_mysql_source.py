"""A hospital on MySQL, read from a real MariaDB the whole way to `land`."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from empty_warehouse import empty_warehouse
from mariadb import MariaDb, mariadb_server

from qinglian.contracts import load_contracts
from qinglian.extract.databases import as_text
from qinglian.pipeline import IngestError, IngestReport, ingest
from qinglian.settings import Settings, repository_root
from qinglian.warehouse.server import Server

VENDOR = "yunqi_his_mysql"
READER = "select_only"
SCHEMA = Path(__file__).with_name("yunqi_mysql.sql")


@dataclass
class Hospital:
    """A hospital's MariaDB and the installation that reads it."""

    settings: Settings
    server: Server
    database: MariaDb

    def ingest(self, *tables: str) -> IngestReport:
        only = frozenset(tables) or None
        return ingest(self.settings, self.server, "his_mysql", date(2025, 1, 31), only)

    def landed(self, query: str) -> list[tuple[Any, ...]]:
        with self.server.connect("superuser") as connection:
            return connection.execute(query).fetchall()

    def write_source(self, password: str) -> None:
        url = f"mysql://{READER}:{password}@127.0.0.1:{self.database.port}/his"
        source = {
            "source_id": "his_mysql", "system": "his", "vendor": VENDOR, "org_code": "H50010300199",
            "name": "渝中区第九医院", "connection": {"kind": "mysql", "url": url},
            "history_start": "2025-01-01",
        }  # fmt: skip
        path = self.settings.root / "sources/his_mysql.yaml"
        path.write_text(yaml.safe_dump(source, allow_unicode=True), "utf-8")

    def change_mapping(self, table: str, old: str, new: str) -> None:
        path = self.settings.root / "sources" / VENDOR / f"{table}.sql"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture(scope="module")
def database() -> Iterator[MariaDb]:
    with mariadb_server() as running:
        yield running


@pytest.fixture
def hospital(tmp_path: Path, server: Server, database: MariaDb) -> Hospital:
    """The hospital's database, the warehouse and the vendor's folder anew."""
    database.run("drop database if exists his;\ncreate database his character set utf8mb4;\n")
    database.run(SCHEMA.read_text("utf-8"), "his")
    database.run(
        f"create or replace user {READER}@'127.0.0.1' identified by '{database.password}';\n"
        f"grant select on his.* to {READER}@'127.0.0.1';\n"
    )
    root = tmp_path / "root"
    shutil.copytree(repository_root() / "sources" / VENDOR, root / "sources" / VENDOR)
    (root / "expectations").symlink_to(repository_root() / "expectations")
    settings = Settings(home=tmp_path / "state", root=root)
    empty_warehouse(server, load_contracts(settings.contracts_dir).values())
    made = Hospital(settings, server, database)
    made.write_source(database.password)
    return made


def test_every_table_arrives_as_it_is(hospital: Hospital) -> None:
    report = hospital.ingest()
    counts = {t.table: (t.extracted, t.loaded, t.quarantined) for t in report.tables}
    assert counts.pop("his_fee") == (1202, 1201, 1)
    assert all(extracted == loaded > 0 for extracted, loaded, _ in counts.values()), counts
    assert len(counts) == len(list((hospital.settings.root / "sources" / VENDOR).glob("*.sql"))) - 1

    # Chinese text: utf8mb4 with a character beyond the base plane, a GBK table, GBK in latin1.
    assert hospital.landed("select distinct item_name from land.his_fee order by 1") == [
        ("床位费🛏",), ("阿托伐他汀钙片",)
    ]  # fmt: skip
    assert hospital.landed("select dept_name from land.his_dept order by 1") == [
        ("心血管内科门诊",), ("骨科病区",)
    ]  # fmt: skip
    assert hospital.landed("select diag_name from land.his_outp_diag") == [("原发性高血压",)]

    # Unsigned bigints, exact decimals, tinyint booleans, nulls and zero dates that stand for none.
    assert hospital.landed("select patient_id, birth_date from land.his_patient order by 1") == [
        ("18446744073709551615", date(1949, 12, 31)), ("2", None)
    ]  # fmt: skip
    assert hospital.landed("select sum(amount), count(*) from land.his_fee") == [
        (Decimal("133.20"), 1201)
    ]
    assert hospital.landed("select purchase_price, is_vbp_selected from land.his_drug") == [
        (Decimal("5.123456"), True)
    ]
    assert hospital.landed("select visit_id, is_cancelled, visit_time from land.his_outp_visit"
                           " order by 1") == [
        ("1", False, datetime(2025, 1, 2, 8, 30)), ("2", True, None)
    ]  # fmt: skip
    assert hospital.landed("select dscg_time, bed_no from land.his_admission") == [(None, "12床")]

    # A zero date where a time is required waits in quarantine, as it came.
    ((row,),) = hospital.landed("select row::text from ops.quarantine")
    assert "0000-00-00 00:00:00" in row

    # One person, once with an old identity number of 15 digits.
    assert hospital.landed(
        "select count(*) from land.his_staff join land.his_patient on person_key = staff_key"
    ) == [(1,)]


def test_a_second_run_finds_everything_unchanged(hospital: Hospital) -> None:
    hospital.ingest("his_fee", "his_drug")
    for table in hospital.ingest("his_fee", "his_drug").tables:
        assert (table.loaded, table.quarantined) == (0, 0)


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda h: h.write_source("wrong"), ("Access denied", "refuses the account")),
        (
            lambda h: h.database.run("rename table outpt_settle to gone", "his"),
            ("outpt_settle", "a table is missing"),
        ),
        (
            lambda h: h.database.run("alter table inpt_settle drop column mi_price", "his"),
            ("mi_price", "column is missing"),
        ),
        (
            lambda h: h.database.run(f"revoke select on his.* from {READER}@'127.0.0.1'"),
            ("denied",),
        ),
    ],
    ids=["wrong password", "missing table", "missing column", "no right to read"],
)
def test_a_fault_is_named_with_its_remedy(
    hospital: Hospital, break_it: Callable[[Hospital], None], words: tuple[str, ...]
) -> None:
    break_it(hospital)
    with pytest.raises(IngestError) as failure:
        hospital.ingest("his_settle", "his_dept")
    for word in ("his_mysql", "his_settle", "remedy", *words):
        assert word in str(failure.value)
    assert hospital.database.password not in str(failure.value)
    assert hospital.landed("select count(*) from land.his_settle") == [(0,)]


def test_a_connection_killed_halfway_loads_nothing_and_a_rerun_heals(hospital: Hospital) -> None:
    pause = "from inpt_cost\nwhere sleep(0.01) = 0 and "
    hospital.change_mapping("his_fee", "from inpt_cost\nwhere ", pause)
    arguments = [str(hospital.database.port), hospital.database.password, READER]
    # A process, not a thread: connectorx keeps Python's lock while it waits for rows.
    with subprocess.Popen([sys.executable, "-c", _KILL_READER, *arguments]) as killer:
        with pytest.raises(IngestError) as failure:
            hospital.ingest("his_fee")
        assert killer.wait() == 0
    assert "ended the connection halfway" in str(failure.value)
    assert hospital.landed("select count(*) from land.his_fee") == [(0,)]
    hospital.change_mapping("his_fee", pause, "from inpt_cost\nwhere ")
    assert hospital.ingest("his_fee").loaded == 1201


def test_a_mysql_query_is_wrapped_with_all_its_columns() -> None:
    assert as_text("select a as x, b y from t") == (
        "select cast(`x` as char) as `x`, cast(`y` as char) as `y` from (\n"
        "select a as x, b y from t\n) as mapped"
    )


#: Kills the reader's connection as soon as it runs the slow query.
_KILL_READER = """
import sys, time
import pymysql

port, password, reader = sys.argv[1:]
account = {"user": "root", "password": password}
with pymysql.connect(host="127.0.0.1", port=int(port), **account) as connection:
    cursor = connection.cursor()
    for _ in range(1200):
        cursor.execute(
            "select id from information_schema.processlist where user = %s and info like %s",
            (reader, "%sleep%"),
        )
        if found := cursor.fetchone():
            cursor.execute(f"kill connection {found[0]}")
            sys.exit(0)
        time.sleep(0.05)
sys.exit("the reader was never seen")
"""
