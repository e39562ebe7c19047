"""Changes where nobody looks any more are found; open rows are read until they are closed."""

from datetime import date
from decimal import Decimal
from typing import Any

import yaml
from hospital import SETTLE_SQL, Hospital
from test_rebuild import _digests, _rebuild

from qinglian.deep_reload import deep_reload
from qinglian.ingest import TableReport
from qinglian.landing.backdated import backdated_months

JULY = date(2025, 7, 31)


def _deep(hospital: Hospital) -> TableReport:
    report = deep_reload(hospital.settings, hospital.server, "his_test", JULY, days=365)
    (table,) = report.tables
    return table


def _rows(hospital: Hospital, query: str) -> list[tuple[Any, ...]]:
    with hospital.server.connect("auditor") as connection:
        return connection.execute(query).fetchall()


def test_changes_older_than_the_look_back_are_found_and_reported(hospital: Hospital) -> None:
    hospital.sql("insert into settle values ('july', null, 'v', 'n', '2025-07-30', 'final', '1')")
    hospital.ingest(JULY)
    hospital.sql("update settle set total = '99.00' where id = 's10'")
    hospital.sql("delete from settle where id = 's20'")
    hospital.sql("insert into settle values ('late', null, 'v', 'n', '2025-01-20', 'final', '7')")
    hospital.sql("update settle set total = '2' where id = 'july'")
    (table,) = hospital.ingest(JULY).tables
    assert (table.extracted, table.loaded, table.vanished) == (1, 1, 0), "only July is read again"

    table = _deep(hospital)
    assert (table.loaded, table.vanished) == (2, 1)
    found = _rows(
        hospital,
        "select kind, cast(month_start as text), days_late > 150, before_hash is null,"
        " after_hash is null, before_hash = after_hash from ops.backdated_change order by kind",
    )
    assert found == [
        ("changed", "2025-01-01", True, False, False, False),
        ("deleted", "2025-01-01", True, False, True, None),
        ("inserted", "2025-01-01", True, True, False, None),
    ]
    with hospital.server.connect("auditor") as connection:
        (month,) = backdated_months(connection)
    assert (month.source_id, month.table, month.month) == (
        "his_test", "his_settle", date(2025, 1, 1)
    )  # fmt: skip
    assert (month.inserted, month.changed, month.deleted) == (1, 1, 1)
    assert month.amount == Decimal("7") + (Decimal("99.00") - Decimal("15.00")) - Decimal("30.00")
    again = _deep(hospital)
    assert (again.loaded, again.vanished) == (0, 0)
    assert hospital.verify().ok
    before = _digests(hospital)
    _rebuild(hospital, replace=True)
    assert _digests(hospital) == before


def test_an_open_row_is_read_again_until_its_look_back_after_the_close(hospital: Hospital) -> None:
    path = hospital.settings.root / "sources/test_his/vendor.yaml"
    cursor = {
        "kind": "window_reload", "column": "settle_time", "lookback_days": 2,
        "open_until": "src_updated_at", "max_days": 60,
    }  # fmt: skip
    vendor = yaml.safe_load(path.read_text()) | {"cursors": {"his_settle": cursor}}
    path.write_text(yaml.safe_dump(vendor, allow_unicode=True))
    hospital.sql("alter table settle add column closed timestamp")
    hospital.sql("update settle set closed = at where id <> 's5'")
    hospital.write_mapping(SETTLE_SQL.replace("null as src_updated_at", "closed as src_updated_at"))
    hospital.ingest(date(2025, 1, 28))

    hospital.sql("update settle set total = '9' where id = 's5'")
    assert hospital.ingest(date(2025, 1, 31)).loaded == 1, "open: read since its own time"
    hospital.sql("update settle set closed = '2025-01-31', total = '8' where id = 's5'")
    assert hospital.ingest(date(2025, 2, 1)).loaded == 1
    hospital.sql("update settle set total = '7' where id = 's5'")
    assert hospital.ingest(date(2025, 2, 1)).loaded == 1, "just closed"
    hospital.sql("update settle set total = '6' where id = 's5'")
    assert hospital.ingest(date(2025, 2, 10)).loaded == 0, "closed for longer than the look-back"


def test_a_row_that_moved_out_of_the_window_is_not_taken_for_deleted(hospital: Hospital) -> None:
    hospital.sql("insert into settle values ('july', null, 'v', 'n', '2025-07-30', 'final', '1')")
    hospital.ingest(JULY)
    hospital.sql("update settle set at = '2025-01-20' where id = 'july'")
    assert _deep(hospital).loaded == 1
    for _ in range(2):
        (table,) = hospital.ingest(JULY).tables
        assert table.vanished == 0
    assert hospital.count("select count(*) from land.his_settle where src_is_deleted") == 0
