"""A backfill reads its windows and nothing else, goes on after a kill, and respects the source."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from hospital import SETTLE_SQL, Hospital

import qinglian.ingest
from qinglian.backfill import BackfillError, BackfillPlan, TableBackfill, backfill, months
from qinglian.extract.slots import source_slot
from qinglian.extract.sources import SourceCatalog
from qinglian.settings import Settings

WINTER = BackfillPlan(date(2024, 11, 1), date(2025, 1, 31))


def _backfill(hospital: Hospital, plan: BackfillPlan = WINTER) -> TableBackfill:
    (report,) = backfill(hospital.settings, hospital.server, ["his_test"], plan)
    return report


def _limit(hospital: Hospital, **limits: object) -> None:
    path = hospital.settings.root / "sources/his_test.yaml"
    source = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump(source | {"limits": limits}, allow_unicode=True))


def _until(hospital: Hospital) -> date:
    with hospital.server.connect("superuser") as connection:
        from qinglian.landing.batches import covered_until

        until = covered_until(connection, "his_test", "his_settle")
    assert until is not None
    return until.date()


def test_months_cover_every_day_once() -> None:
    windows = months(date(2024, 11, 20), date(2025, 2, 3))
    assert windows[0].start == datetime(2024, 11, 20)
    assert windows[-1].end == datetime(2025, 2, 4)
    assert [w.end for w in windows[:-1]] == [w.start for w in windows[1:]]
    assert len(windows) == 4


def test_a_backfill_touches_its_window_and_not_the_nightly_cursor(hospital: Hospital) -> None:
    hospital.ingest(date(2025, 1, 20))
    known = hospital.count("select count(*) from land.his_settle")
    hospital.sql("insert into settle values ('old', null, 'v', 'n', '2024-12-05', 'final', '7')")
    hospital.sql("update settle set total = '99' where id in ('s10', 's400')")
    hospital.sql("delete from settle where id = 's20'")
    december = BackfillPlan(date(2024, 12, 1), date(2024, 12, 31))
    report = _backfill(hospital, december)
    assert (report.windows, report.loaded, report.vanished) == (1, 1, 0)
    assert _until(hospital) == date(2025, 1, 21)

    report = _backfill(hospital, BackfillPlan(date(2025, 1, 1), date(2025, 1, 3)))
    assert (report.loaded, report.vanished) == (1, 1), "s400 lies outside"
    later = _backfill(hospital, BackfillPlan(date(2025, 1, 25), date(2025, 1, 31)))
    assert later.loaded > 0
    assert _until(hospital) == date(2025, 1, 21), "the gap before the 25th is not skipped"
    hospital.ingest()
    assert hospital.count("select count(distinct settle_id) from land.his_settle") == 1001
    assert hospital.count("select count(*) from land.his_settle") > known
    assert hospital.verify().ok


def test_the_same_backfill_again_is_a_new_one(hospital: Hospital) -> None:
    assert _backfill(hospital).loaded == 1000
    hospital.sql("update settle set total = '99' where id = 's10'")
    again = _backfill(hospital)
    assert (again.skipped, again.loaded) == (0, 1)


def test_a_killed_backfill_goes_on_where_it_was(
    hospital: Hospital, settings: Settings, tmp_path: Path
) -> None:
    """Killed with SIGKILL while it reads January; November and December are not read again."""
    slow = SETTLE_SQL.replace(
        "where at", "where (at < '2025-01-01' or pg_sleep(0.05) is not null) and at"
    )
    hospital.write_mapping(slow)
    script = tmp_path / "backfill.py"
    script.write_text(_IN_A_PROCESS)
    arguments = [
        str(hospital.settings.home),
        str(hospital.settings.root),
        str(settings.home),
    ]
    with subprocess.Popen([sys.executable, str(script), *arguments]) as process:
        deadline = time.monotonic() + 120
        two = "select count(*) from ops.batch where state = 'loaded'"
        while hospital.count(two) < 2:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
    hospital.write_mapping(SETTLE_SQL)
    report = _backfill(hospital)
    assert (report.windows, report.skipped, report.loaded) == (3, 2, 1000)
    assert hospital.count("select count(*) from ops.run where kind = 'backfill'") == 1
    assert hospital.verify().ok


def test_a_backfill_that_was_killed_when_all_was_loaded_leaves_no_rows_behind(
    hospital: Hospital,
) -> None:
    _backfill(hospital)
    with hospital.server.connect("superuser") as connection:
        connection.execute("update ops.run set status = 'running' where kind = 'backfill'")
    left = hospital.settings.spool_dir / "killed"
    left.mkdir()
    (left / "lock").touch()
    (left / "rows.arrow").write_bytes(b"rows")
    report = _backfill(hospital)
    assert (report.windows, report.skipped) == (3, 3)
    assert not left.exists()


def test_outside_its_hours_a_source_is_left_alone(hospital: Hospital) -> None:
    now = hospital.settings.now()
    opens, closes = now + timedelta(hours=2), now + timedelta(hours=4)
    _limit(hospital, hours=f"{opens:%H:%M}-{closes:%H:%M}")
    with pytest.raises(BackfillError, match=f"{opens:%H:%M}-{closes:%H:%M}"):
        _backfill(hospital)
    assert hospital.count("select count(*) from ops.batch") == 0
    hospital.ingest()  # the nightly extract has its own schedule


class Clock:
    """The time of day that an installation believes in."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, hour: int) -> None:
        self.moment = datetime(2025, 2, 1, hour, 59)
        monkeypatch.setattr(Settings, "now", lambda _: self.moment)
        monkeypatch.setattr("qinglian.backfill.time.sleep", self.pass_by)

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.mark.parametrize("wait", [False, True])
def test_a_window_that_the_end_of_the_hours_cuts_off_is_read_again(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch, wait: bool
) -> None:
    _limit(hospital, hours="20:00-06:00")
    clock, whole = Clock(monkeypatch, hour=5), qinglian.ingest.read_batches

    def read_until_six(*arguments: Any) -> Iterator[pa.RecordBatch]:
        for batch in whole(*arguments):
            if clock.moment.hour == 5:
                clock.pass_by(120)
            yield batch

    monkeypatch.setattr(qinglian.ingest, "read_batches", read_until_six)
    january = BackfillPlan(date(2025, 1, 1), date(2025, 1, 31), wait=wait)
    if not wait:
        with pytest.raises(BackfillError, match="hours 20:00-06:00 ended"):
            _backfill(hospital, january)
        assert hospital.count("select count(*) from ops.batch") == 0
        clock.moment = clock.moment.replace(hour=20)
    assert _backfill(hospital, january).loaded == 1000
    assert clock.moment.hour == 20
    assert hospital.verify().ok


def test_no_more_connections_than_the_source_allows(hospital: Hospital) -> None:
    _limit(hospital, connections=1)
    source = SourceCatalog(hospital.settings).source("his_test")
    free = threading.Event()
    reader = threading.Thread(target=lambda: (_backfill(hospital), free.set()))
    with source_slot(hospital.server, source):
        reader.start()
        assert not free.wait(2), "the only connection is in use"
        assert hospital.count("select count(*) from ops.batch") == 0
    assert free.wait(60)
    reader.join()
    assert hospital.count("select count(*) from land.his_settle") == 1000


_IN_A_PROCESS = """
import sys
from datetime import date
from pathlib import Path

from qinglian.backfill import BackfillPlan, backfill
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

home, root, home_of_server = sys.argv[1:]
settings = Settings(home=Path(home), root=Path(root), batch_rows=400)
server = Server.open(Settings(home=Path(home_of_server)))
backfill(settings, server, ["his_test"], BackfillPlan(date(2024, 11, 1), date(2025, 1, 31)))
"""
