"""Rows of every kind of corruption, through every kind of source: none is lost, none does harm.

A delivery has rows of all kinds at once and a second, sound table. Each row has to end where its
kind belongs, texts have to arrive as they were sent, and the counts have to add up.
"""

import csv
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from corruptions import DELIVERIES, DUPLICATE, LOADED, Corruption, Row
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings

from qinglian.contracts import load_contracts
from qinglian.landing.verify import verify
from qinglian.pipeline import IngestError, ingest
from qinglian.settings import Settings, repository_root
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import Server, ensure_database

ORG = "H50010300101"
DATABASE = "his_corrupt"
CONTRACTS = load_contracts(repository_root() / "expectations")
COLUMNS = [c.name for c in CONTRACTS["his_fee"].landed_columns]
SOUND: Row = dict.fromkeys(COLUMNS) | {
    "org_code": ORG,
    "encounter_type": "O",
    "encounter_id": "V1",
    "patient_id": "P1",
    "fee_time": "2025-01-05 09:30:00",
    "item_kind": "service",
    "item_code": "S1",
    "item_name": "换药",
    "qty": "1",
    "unit_price": "12.50",
    "amount": "12.50",
    "bill_dept_code": "D1",
    "hi_uploaded": "false",
    "is_auto_billed": "false",
    "waived": "false",
}
#: Each delivery has 40 corruptions, see DELIVERIES: with six kinds of sources, over 400.
_A_FEW = hypothesis_settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],  # deliveries build on each other: a smaller one would be another case
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_numbers = itertools.count(1)


@dataclass
class Hospital:
    """One source of fees and departments, and the installation that reads it."""

    settings: Settings
    server: Server
    folder: Path
    send: Callable[["Hospital", Sequence[Row]], None]
    rows: list[Row] = field(default_factory=list)

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        with self.server.connect("superuser") as connection:
            return connection.execute(query).fetchall()


def send_to_database(hospital: Hospital, rows: Sequence[Row]) -> None:
    values = ", ".join(["%s"] * len(COLUMNS))
    with hospital.server.connect("superuser", DATABASE) as connection:
        connection.cursor().executemany(
            f"insert into fees values ({values})", [list(row.values()) for row in rows]
        )


def send_csv(encoding: str) -> Callable[[Hospital, Sequence[Row]], None]:
    def send(hospital: Hospital, rows: Sequence[Row]) -> None:
        path = hospital.folder / f"fees_{len(hospital.rows)}.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows([["" if v is None else v for v in row.values()] for row in rows])

    return send


def send_excel(hospital: Hospital, rows: Sequence[Row]) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(COLUMNS)
    for row in rows:
        book.active.append(list(row.values()))
    book.save(hospital.folder / f"fees_{len(hospital.rows)}.xlsx")


def send_parquet(hospital: Hospital, rows: Sequence[Row]) -> None:
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in COLUMNS}
    pq.write_table(pa.table(columns), hospital.folder / f"fees_{len(hospital.rows)}.parquet")


def send_json(hospital: Hospital, rows: Sequence[Row]) -> None:
    lines = "\n".join(json.dumps(row) for row in rows)
    (hospital.folder / f"fees_{len(hospital.rows)}.json").write_text(lines, "utf-8")


FILES = {
    "csv utf-8": ({"format": "csv"}, send_csv("utf-8")),
    "csv gb18030": ({"format": "csv", "encoding": "gb18030"}, send_csv("gb18030")),
    "excel": ({"format": "excel"}, send_excel),
    "parquet": ({"format": "parquet"}, send_parquet),
    "json": ({"format": "json"}, send_json),
}


@pytest.fixture(scope="module", params=["database", *FILES])
def hospital(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, server: Server
) -> Iterator[Hospital]:
    """A source of one kind; its fees stay from delivery to delivery and are read whole."""
    folder = tmp_path_factory.mktemp("hospital")
    if request.param == "database":
        _make_database(server)
        url = f"postgresql://city_reader:{{secret:CITY_READER_PASSWORD}}@{{demo_server}}/{DATABASE}"
        connection: dict[str, Any] = {"kind": "postgresql", "url": url}
        send = send_to_database
    else:
        layout, send = FILES[request.param]
        extension = {"excel": "xlsx"}.get(layout["format"], layout["format"])
        (folder / "departments.csv").write_text("code,name\n01,内科\n", "utf-8")
        connection = {
            "kind": "files",
            "path": str(folder),
            "files": {
                "fees": {"pattern": f"fees_*.{extension}", **layout},
                "departments": {"pattern": "departments.csv", "format": "csv"},
            },
        }
    root = folder / "root"
    _write_configuration(root, connection)
    with server.connect("superuser") as admin:
        admin.execute("drop schema if exists land cascade; drop schema if exists ops cascade")
    prepare_warehouse(server, CONTRACTS.values())
    yield Hospital(Settings(home=folder / "state", root=root), server, folder, send)


def _make_database(server: Server) -> None:
    with server.connect("superuser", "postgres", autocommit=True) as connection:
        connection.execute(f"drop database if exists {DATABASE} with (force)")
        ensure_database(connection, DATABASE, server.user("owner"))
        connection.execute(f"grant connect on database {DATABASE} to city_reader")
    with server.connect("superuser", DATABASE) as connection:
        columns = ", ".join(f"{name} text" for name in COLUMNS)
        connection.execute(f"create table fees ({columns})")
        connection.execute("create table departments as select '01' as code, '内科' as name")
        connection.execute("grant select on fees, departments to city_reader")


def _write_configuration(root: Path, connection: dict[str, Any]) -> None:
    vendor = root / "sources" / "corrupt_his"
    vendor.mkdir(parents=True)
    (root / "expectations").symlink_to(repository_root() / "expectations")
    described = {
        "name": "测试",
        "dialect": "duckdb" if connection["kind"] == "files" else "postgres",
        "description": "fees and departments",
        "cursors": {"his_fee": {"kind": "full_reload"}},
    }
    (vendor / "vendor.yaml").write_text(yaml.safe_dump(described, allow_unicode=True), "utf-8")
    is_json = connection.get("files", {}).get("fees", {}).get("format") == "json"
    fees = ", ".join(f"record ->> '$.{n}' as {n}" if is_json else n for n in COLUMNS)
    (vendor / "his_fee.sql").write_text(f"select {fees} from fees\n", "utf-8")
    known = {"org_code": f"'{ORG}'", "dept_code": "code", "dept_name": "name", "is_active": "true"}
    departments = ", ".join(
        f"{known.get(c.name, 'null')} as {c.name}" for c in CONTRACTS["his_dept"].landed_columns
    )
    (vendor / "his_dept.sql").write_text(f"select {departments} from departments\n", "utf-8")
    source = {
        "source_id": "his_corrupt",
        "system": "his",
        "vendor": "corrupt_his",
        "org_code": ORG,
        "name": "测试医院",
        "history_start": "2025-01-01",
        "connection": connection,
    }
    (root / "sources/his_corrupt.yaml").write_text(yaml.safe_dump(source, allow_unicode=True))


def made_rows(corruption: Corruption) -> list[Row]:
    """Whole rows; `encounter_id` is never corrupted and tells one corruption from another."""
    number = next(_numbers)
    own: Row = {"fee_id": f"F{number}", "encounter_id": f"E{number}"}
    rows = [SOUND | own | row for row in corruption.rows]
    return [
        row | {"fee_id": key.replace("twin", f"T{number}")} if (key := row["fee_id"]) else row
        for row in rows
    ]


@given(delivery=DELIVERIES)
@_A_FEW
def test_every_row_ends_where_its_corruption_belongs(
    hospital: Hospital, delivery: dict[str, list[Corruption]]
) -> None:
    corruptions = [(kind, c) for kind, found in delivery.items() for c in found]
    made = [(kind, c, made_rows(c)) for kind, c in corruptions]
    before = len(hospital.rows)
    sent = [row for _, _, rows in made for row in rows]
    hospital.send(hospital, sent)
    hospital.rows += sent

    report = ingest(hospital.settings, hospital.server, "his_corrupt", date(2025, 1, 31))

    tables = {table.table: table for table in report.tables}
    assert hospital.fetch("select dept_code, dept_name from land.his_dept") == [("01", "内科")]
    assert tables["his_dept"].loaded == (0 if before else 1), "the sound table goes on"
    assert tables["his_dept"].quarantined == 0
    fees = tables["his_fee"]
    assert fees.extracted == len(hospital.rows)
    assert fees.unchanged + fees.loaded + fees.quarantined + fees.duplicates == fees.extracted
    fates = Counter(fate for c in corruptions for fate in c[1].fates)
    assert fees.duplicates == fates.pop(DUPLICATE)
    assert fees.loaded == fates.pop(LOADED)
    assert fees.quarantined == fates.total()
    assert fees.unchanged == before
    loaded, kept_out = _found(hospital)
    for kind, corruption, rows in made:
        marker = rows[0]["encounter_id"]
        names = [row["item_name"] for row in rows[: corruption.fates.count(LOADED)]]
        assert loaded.get(marker, []) == names, kind
        rules = [fate for fate in corruption.fates if fate not in (LOADED, DUPLICATE)]
        broken = kept_out.get(marker, [])
        assert len(broken) == len(rules), kind
        assert all(rule in found for rule, found in zip(rules, broken, strict=True)), kind
    with hospital.server.connect("auditor") as connection:
        assert verify(connection, hospital.settings.landing_dir).faults == ()


@pytest.mark.parametrize("hospital", FILES, indirect=True)
def test_a_damaged_file_stops_its_table_alone_until_it_is_sent_again(hospital: Hospital) -> None:
    fees = "select fee_id from land.his_fee order by fee_id <> 'Z', fee_id"
    before = hospital.fetch(fees)
    row = SOUND | {"fee_id": "Z"}
    hospital.send(hospital, [row])
    (file,) = hospital.folder.glob(f"fees_{len(hospital.rows)}.*")
    hospital.rows.append(row)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] + b"\xff" * 3)
    with pytest.raises(IngestError, match=rf"his_fee.*{file.name}.*remedy") as failure:
        ingest(hospital.settings, hospital.server, "his_corrupt", date(2025, 1, 31))
    assert "his_dept" not in str(failure.value)
    assert hospital.fetch("select dept_name from land.his_dept") == [("内科",)]
    assert hospital.fetch(fees) == before
    file.write_bytes(whole)
    ingest(hospital.settings, hospital.server, "his_corrupt", date(2025, 1, 31))
    assert hospital.fetch(fees) == [("Z",), *before]
    with hospital.server.connect("auditor") as connection:
        assert verify(connection, hospital.settings.landing_dir).faults == ()


def _found(hospital: Hospital) -> tuple[dict[str | None, Any], dict[str | None, Any]]:
    """By marker: names of loaded items, and broken rules of each row in quarantine."""
    loaded = hospital.fetch(
        "select encounter_id, array_agg(item_name) from land.his_fee group by encounter_id"
    )
    kept_out = hospital.fetch(
        "select \"row\" ->> 'encounter_id', json_agg(rule_ids) from ops.quarantine group by 1"
    )
    return dict(loaded), dict(kept_out)
