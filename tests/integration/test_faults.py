"""Whatever stops an ingest, one more run ends where an undisturbed one does, row for row.

Six random points are tried in the ordinary run; `QINGLIAN_FAULT_POINTS=60` tries as many as the
acceptance of a release asks for.
"""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from fault_child import Child
from hospital import Hospital

from qinglian.settings import Settings

POINTS = int(os.environ.get("QINGLIAN_FAULT_POINTS", "6"))
SEED = 20250101
FIRST, SECOND = date(2025, 1, 31), date(2025, 2, 1)
SOURCE = "his_test"
SLOW = 0.002  # seconds a row takes at the source, where something shall happen meanwhile


def spoil(hospital: Hospital) -> None:
    """Rows of every fate: text in a number, a missing value, a repeat, a conflict of versions."""
    hospital.sql("update settle set total = 'abc' where id = 's10'")
    hospital.sql("update settle set kind = null where id = 's11'")
    hospital.sql("insert into settle select * from settle where id = 's12'")
    hospital.sql(
        "insert into settle values ('s13', null, 'v', 'n', '2025-01-02', 'final', '1234.00')"
    )


def change(hospital: Hospital) -> None:
    """What happens until the second night: a correction, a deletion, a late row."""
    hospital.sql("update settle set total = '99.00' where id = 's500'")
    hospital.sql("delete from settle where id = 's501'")
    hospital.sql("insert into settle values ('new', null, 'v9', 'n9', '2025-01-20', 'final', '7')")


def contents(hospital: Hospital) -> dict[str, Any]:
    """All that a run leaves, but for numbers of batches and times of day."""
    with hospital.server.connect("superuser") as connection:

        def rows(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query).fetchall()

        return {
            "land": rows(
                "select to_jsonb(t) - '_batch_id' - '_extracted_at' from land.his_settle as t"
                " order by settle_id, _batch_id"
            ),
            "quarantine": rows(
                'select row_key, row_hash, rule_ids, "row", status from ops.quarantine'
                " order by row_key, row_hash"
            ),
            "counts": rows(
                "select sum(duplicates), sum(quarantined), sum(loaded), sum(vanished),"
                " sum(control_total) from ops.batch where state = 'loaded'"
            ),
        }


def empty(hospital: Hospital) -> None:
    """The warehouse and the landing zone as they were before the first night."""
    with hospital.server.connect("superuser") as connection:
        connection.execute("truncate land.his_settle, ops.run, ops.ledger_entry cascade")
    shutil.rmtree(hospital.settings.state_dir, ignore_errors=True)


def child(hospital: Hospital, as_of: date, fatal: int | None = None) -> Child:
    return Child(hospital.settings, hospital.server, SOURCE, as_of, fatal)


def two_nights(hospital: Hospital, kill: tuple[int, int] | None = None) -> dict[str, Any]:
    """Both nights; with `kill` = (night, call) one is killed there, and run again."""
    empty(hospital)
    for night, (as_of, happens) in enumerate([(FIRST, spoil), (SECOND, change)]):
        happens(hospital)
        if kill and kill[0] == night:
            assert child(hospital, as_of, kill[1]).result() is None, "it was to be killed"
        hospital.ingest(as_of)
    found = contents(hospital)
    assert hospital.verify().faults == ()
    entered = hospital.count("select count(*) from ops.batch where file_path is not null")
    assert len(list(hospital.settings.landing_dir.rglob("*.*"))) == entered, "a file is left over"
    spools = hospital.settings.state_dir / "spool"
    assert not [p for p in spools.rglob("*") if p.is_file()], "rows are left in a spool"
    return found


@pytest.fixture
def undisturbed(hospital: Hospital) -> dict[str, Any]:
    hospital.refill()
    return two_nights(hospital)


def calls_of_each_night(hospital: Hospital) -> list[int]:
    """How many calls the ingests of both nights make."""
    hospital.refill()
    empty(hospital)
    counts = []
    for as_of, happens in [(FIRST, spoil), (SECOND, change)]:
        happens(hospital)
        answer = child(hospital, as_of).result()
        assert answer is not None and answer[1] is None
        counts.append(answer[0])
    return counts


def test_a_kill_at_any_point_loses_and_doubles_nothing(
    hospital: Hospital, undisturbed: dict[str, Any]
) -> None:
    counts = calls_of_each_night(hospital)
    places = random.Random(SEED)  # noqa: S311 - the same points each time
    for _ in range(POINTS):
        night = places.randrange(2)
        call = places.randint(1, counts[night])
        hospital.refill()
        assert two_nights(hospital, (night, call)) == undisturbed, f"night {night}, call {call}"


def test_two_tasks_of_one_window_at_once_read_it_once(
    hospital: Hospital, undisturbed: dict[str, Any]
) -> None:
    hospital.refill()
    empty(hospital)
    for as_of, happens in [(FIRST, spoil), (SECOND, change)]:
        happens(hospital)
        both = [child(hospital, as_of), child(hospital, as_of)]
        assert [answer[1] for c in both if (answer := c.result())] == [None, None]
    assert contents(hospital) == undisturbed


def test_a_full_disk_is_named_and_space_heals_it(
    hospital: Hospital, undisturbed: dict[str, Any]
) -> None:
    hospital.refill()
    empty(hospital)
    spoil(hospital)
    with small_disk(hospital.settings) as grow:
        answer = child(hospital, FIRST).result()
        assert answer is not None and answer[1] is not None
        for word in (SOURCE, "his_settle", "disk", "remedy"):
            assert word in answer[1], answer[1]
        assert hospital.count("select count(*) from land.his_settle") == 0
        grow()
        hospital.ingest(FIRST)
        change(hospital)
        hospital.ingest(SECOND)
        assert contents(hospital) == undisturbed


@contextmanager
def small_disk(settings: Settings) -> Iterator[Any]:
    """The landing zone on a disk of 16 KiB that can be made larger."""
    folder = settings.landing_dir
    folder.mkdir(parents=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
    try:
        yield lambda: subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_restart_of_the_database_is_survived(
    hospital: Hospital, undisturbed: dict[str, Any]
) -> None:
    hospital.refill()
    empty(hospital)
    spoil(hospital)
    hospital.slow_down(SLOW)
    running = child(hospital, FIRST)
    hospital.wait_until_read()
    embedded = hospital.server.embedded
    assert embedded is not None
    embedded.stop()
    embedded.start()
    answer = running.result()
    assert answer is not None and answer[1] is not None, "the restart cut nothing"
    hospital.slow_down(None)
    hospital.ingest(FIRST)
    change(hospital)
    hospital.ingest(SECOND)
    assert contents(hospital) == undisturbed
