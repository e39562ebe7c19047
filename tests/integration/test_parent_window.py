"""A table without a time of its own is compared within the window of its parent."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from qinglian.contracts import Contract, landing_ddl, load_contracts
from qinglian.extract.sources import Connection, Source
from qinglian.extract.window import Window
from qinglian.landing.known import latest_rows
from qinglian.settings import repository_root
from qinglian.warehouse.server import Server

ORG = "H50010300101"
SOURCE = Source(
    source_id="his_parent",
    system="his",
    vendor="test_his",
    org_code=ORG,
    name="测试医院",
    connection=Connection(kind="postgresql"),
    history_start=date(2025, 1, 1),
)
MACHINERY = "'his_parent', 1, localtimestamp, repeat('a', 64)"


@pytest.fixture
def contracts(server: Server) -> Iterator[dict[str, Contract]]:
    """Two prescriptions, of January and of March, with one line each."""
    contracts = load_contracts(repository_root() / "expectations")
    with server.connect("superuser", autocommit=True) as connection:
        connection.execute("create schema if not exists land")
        for table in ("his_rx", "his_rx_item"):
            connection.execute(landing_ddl(contracts[table]).encode())
        for rx_id, rx_time in (("R1", "2025-01-10"), ("R2", "2025-03-10")):
            connection.execute(
                f"""
                insert into land.his_rx
                    (org_code, rx_id, visit_id, patient_id, rx_kind, doctor_code, dept_code,
                     rx_time, status, _src_system, _batch_id, _extracted_at, _row_hash)
                values (%s, %s, 'V1', 'P1', 'outpatient', 'D1', 'K1', %s, 'valid', {MACHINERY})
                """.encode(),
                (ORG, rx_id, rx_time),
            )
            connection.execute(
                f"""
                insert into land.his_rx_item
                    (org_code, rx_item_id, rx_id, drug_code, qty, qty_unit, unit_price, amount,
                     is_self_provided, _src_system, _batch_id, _extracted_at, _row_hash)
                values (%s, %s, %s, 'X1', 1, '盒', 10, 10, false, {MACHINERY})
                """.encode(),
                (ORG, f"{rx_id}-1", rx_id),
            )
        yield contracts
        for table in ("his_rx", "his_rx_item"):
            connection.execute(f"drop table land.{table}".encode())


def test_lines_outside_the_parents_window_are_not_compared(
    server: Server, contracts: dict[str, Contract]
) -> None:
    contract = contracts["his_rx_item"]
    window = Window(datetime(2025, 3, 1), datetime(2025, 4, 1))
    url = server.url("superuser")
    with latest_rows(url, SOURCE, contract, contract.cursor, window) as rows:
        known = rows.read_all()
    assert known["_row_key"].to_pylist() == [f"{ORG}|R2-1"]
