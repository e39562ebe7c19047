"""Whatever stops a step, one more run ends where an undisturbed one does, row for row.

`make test` kills at a few points; `make faults` kills at 84, some of them in the detection.
"""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from fault_child import STEPS_OF_AN_INGEST, Calls, Kill
from hospital import Hospital, new_hospital
from kill_points import KillPoint
from nights import NIGHTS, ORDINARY, WAYS, Contents, Way, check_whole, contents

from qinglian.quarantine.decisions import DecisionError
from qinglian.warehouse.embedded import EmbeddedPostgres
from qinglian.warehouse.server import Server

FIRST = NIGHTS[0]
_SLOW = 0.002  # seconds a row takes, where something shall happen meanwhile


@dataclass(frozen=True)
class Undisturbed:
    """What each night of a way leaves when nothing goes wrong, and the calls of its steps."""

    way: Way
    contents: list[Contents]
    calls: list[Calls]


@pytest.fixture(scope="module")
def installation(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Hospital:
    return new_hospital(tmp_path_factory.mktemp("installation"), server)


@pytest.fixture
def hospital(installation: Hospital, undisturbed: Undisturbed) -> Hospital:
    """The installation as it was before the first night."""
    installation.reset()
    return installation


@pytest.fixture(scope="module")
def undisturbed(installation: Hospital) -> Undisturbed:
    found = when_nothing_happens(installation, ORDINARY)
    assert set(found.calls[0]) >= STEPS_OF_AN_INGEST
    return found


@pytest.fixture(scope="module")
def of_way(installation: Hospital) -> Callable[[str], Undisturbed]:
    """By name, another way of reading when nothing goes wrong; each is gone once."""
    ways = {way.name: way for way in WAYS}
    return cache(lambda name: when_nothing_happens(installation, ways[name]))


def when_nothing_happens(hospital: Hospital, way: Way) -> Undisturbed:
    """Let all nights of a way go by."""
    way.begin(hospital)
    found = Undisturbed(way, [], [])
    for night in way.nights:
        night.happens(hospital)
        calls, error = night.start(hospital, counts=True).result()
        assert error is None
        night.finish(hospital)
        found.contents.append(contents(hospital))
        found.calls.append(calls)
    check_whole(hospital)
    return found


def run_again(hospital: Hospital, undisturbed: Undisturbed, number: int = 0) -> None:
    """One more run of a night leaves what it was to leave."""
    undisturbed.way.nights[number].run(hospital)
    found = contents(hospital)
    for part, rows in undisturbed.contents[number].items():
        assert found[part] == rows, f"{part} after night {number}"
    check_whole(hospital)


def must_fail(answer: tuple[Calls, str | None], *words: str) -> None:
    """The step ended with an error that names source, table, `words` and a remedy."""
    message = answer[1]
    assert message is not None, "nothing was disturbed"
    for word in ("his_test", "his_settle", "remedy", *words):
        assert word in message, message


def test_two_tasks_of_one_window_at_once_read_it_once(
    hospital: Hospital, undisturbed: Undisturbed
) -> None:
    for number, night in enumerate(NIGHTS):
        night.happens(hospital)
        both = [night.start(hospital), night.start(hospital)]
        errors = {error for child in both if (error := child.result()[1])}
        # Of two people who decide on the same rows at once, one may be told of the other.
        assert not errors or (night.work == "release" and "already" in errors.pop())
        night.finish(hospital)
        assert contents(hospital) == undisturbed.contents[number]
    check_whole(hospital)


@pytest.mark.parametrize("folder", ["landing", "spool"])
def test_a_full_disk_is_named_and_space_heals_it(
    hospital: Hospital, undisturbed: Undisturbed, folder: str
) -> None:
    FIRST.happens(hospital)
    with small_disk(hospital.settings.state_dir / folder, "16k") as grow:
        must_fail(FIRST.start(hospital).result(), "disk is full")
        assert hospital.count("select count(*) from land.his_settle") == 0
        grow()
        run_again(hospital, undisturbed)


def test_a_full_disk_at_a_decision_is_named_and_space_heals_it(
    hospital: Hospital, undisturbed: Undisturbed
) -> None:
    *nights, release = NIGHTS
    for night in nights:
        night.happens(hospital)
        night.run(hospital)
    with (
        small_disk(hospital.settings.landing_dir, "4k"),
        pytest.raises(DecisionError, match=r"his_test his_settle.*stands.*disk is full"),
    ):
        release.happens(hospital)
    assert hospital.count("select count(*) from ops.quarantine_decision") == 1
    must_fail(release.start(hospital, largest_file=0).result(), "disk is full")
    run_again(hospital, undisturbed, len(nights))


@pytest.mark.parametrize("largest_file", [0, 14_000, 50_000])
def test_a_file_that_cannot_grow_is_named_and_space_heals_it(
    hospital: Hospital, undisturbed: Undisturbed, largest_file: int
) -> None:
    FIRST.happens(hospital)
    must_fail(FIRST.start(hospital, largest_file=largest_file).result(), "disk is full")
    run_again(hospital, undisturbed)


def test_a_full_disk_of_the_database_is_named_and_space_heals_it(
    hospital: Hospital, undisturbed: Undisturbed
) -> None:
    FIRST.happens(hospital)
    with tempfile.TemporaryDirectory(prefix="qinglian-") as name, small_disk(Path(name), "128k"):
        own_by_server(hospital.server, Path(name))
        with hospital.server.connect("superuser", autocommit=True) as connection:
            connection.execute(f"create tablespace small location '{name}'")
            connection.execute("alter table land.his_settle set tablespace small")
        try:
            must_fail(FIRST.start(hospital).result(), "disk is full")
        finally:
            with hospital.server.connect("superuser", autocommit=True) as connection:
                connection.execute("alter table land.his_settle set tablespace pg_default")
                connection.execute("drop tablespace small")
    run_again(hospital, undisturbed)


def own_by_server(server: Server, folder: Path) -> None:
    """Let the server's account use a folder, as its data folder."""
    assert server.embedded is not None
    account = server.embedded.data_dir.stat()
    os.chown(folder, account.st_uid, account.st_gid)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Callable[[], object]]:
    """`folder` on a disk of its own of `size`; what is yielded makes it large."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    made = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
    try:
        yield lambda: subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_source_that_ends_the_connection_halfway_is_read_again(
    hospital: Hospital, undisturbed: Undisturbed
) -> None:
    FIRST.happens(hospital)
    hospital.slow_down(_SLOW)
    child = FIRST.start(hospital)
    hospital.wait_for_query("city_reader", "COPY%pg_sleep%")
    time.sleep(0.3)  # rows are on their way
    ended = hospital.count(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity"
        " where usename = 'city_reader' and query like 'COPY%pg_sleep%'"
    )
    assert ended == 1
    must_fail(child.result(), "the source ended the connection halfway")
    assert hospital.count("select count(*) from land.his_settle") == 0
    hospital.slow_down(None)
    run_again(hospital, undisturbed)


def stop(embedded: EmbeddedPostgres) -> None:
    embedded.stop()


def crash(embedded: EmbeddedPostgres) -> None:
    pid = (embedded.data_dir / "postmaster.pid").read_text().split("\n", 1)[0]
    os.kill(int(pid), signal.SIGKILL)
    while embedded.is_running():
        time.sleep(0.05)


@pytest.mark.parametrize("end", [stop, crash])
def test_a_restart_of_the_database_in_mid_load_is_survived(
    hospital: Hospital, undisturbed: Undisturbed, end: Callable[[EmbeddedPostgres], None]
) -> None:
    FIRST.happens(hospital)
    with hospital.server.connect("superuser", autocommit=True) as connection:
        connection.execute(
            "create or replace function ops.wait() returns trigger language plpgsql as"
            f" 'begin perform pg_sleep({_SLOW}); return new; end'"
        )
        connection.execute(
            "create trigger slow before insert on land.his_settle"
            " for each row execute function ops.wait()"
        )
    child = FIRST.start(hospital)
    hospital.wait_for_query("qinglian_loader", "COPY%his_settle%")
    embedded = hospital.server.embedded
    assert embedded is not None
    end(embedded)
    embedded.start()
    must_fail(child.result(), "see that its PostgreSQL runs")
    with hospital.server.connect("superuser", autocommit=True) as connection:
        connection.execute("drop trigger slow on land.his_settle")
    run_again(hospital, undisturbed)


def test_a_kill_loses_and_doubles_nothing(
    hospital: Hospital, undisturbed: Undisturbed, ingest_kill: KillPoint
) -> None:
    kill_and_go_on(hospital, undisturbed, *ingest_kill.place(undisturbed.calls))


def test_a_kill_loses_and_doubles_nothing_however_a_table_is_read(
    installation: Hospital, of_way: Callable[[str], Undisturbed], way_kill: KillPoint
) -> None:
    undisturbed = of_way(way_kill.step)
    kill_and_go_on(
        installation,
        undisturbed,
        *way_kill.place_in_way(undisturbed.way, undisturbed.calls),
    )


def kill_and_go_on(hospital: Hospital, undisturbed: Undisturbed, killed: int, kill: Kill) -> None:
    """One more run of the killed night, and all nights after it, leave what they were to leave."""
    way = undisturbed.way
    if not was_killed(hospital, way, killed, kill):
        # It was faster than the undisturbed one. At the call itself it dies by its own hand.
        at_call = replace(kill, delay=0.0)
        assert was_killed(hospital, way, killed, at_call), f"{at_call} was never reached"
    run_again(hospital, undisturbed, killed)
    for number in range(killed + 1, len(way.nights)):  # what is not seen of one is by the next
        way.nights[number].happens(hospital)
        run_again(hospital, undisturbed, number)


def was_killed(hospital: Hospital, way: Way, killed: int, kill: Kill) -> bool:
    """Let the nights go by until that of the kill; says whether it came before its end."""
    way.begin(hospital)
    for night in way.nights[:killed]:
        night.happens(hospital)
        night.run(hospital)
    way.nights[killed].happens(hospital)
    return way.nights[killed].start(hospital, kill).was_killed()


def test_the_comparison_notices_what_a_fault_could_leave(hospital: Hospital) -> None:
    FIRST.happens(hospital)
    FIRST.run(hospital)
    before = contents(hospital)
    for part, damage in DAMAGES:
        with hospital.server.connect("superuser") as connection:
            assert connection.execute(damage).rowcount == 1, damage
        after = contents(hospital)
        assert {name for name in after if after[name] != before[name]} == {part}, damage
        before = after
    assert not hospital.verify().ok


#: A part of what is compared, and a statement that changes one row of it.
DAMAGES = (
    ("land", "delete from land.his_settle where settle_id = 's7'"),
    (
        "land",
        "insert into land.his_settle select (jsonb_populate_record("
        "t, jsonb_build_object('_batch_id', _batch_id + 1))).* from land.his_settle as t"
        " where settle_id = 's8'",
    ),
    ("land", "update land.his_settle set operator_code = 'op2' where settle_id = 's9'"),
    ("quarantine", "update ops.quarantine set status = 'released' where row_key like '%s10%'"),
    ("counts", "update ops.batch set vanished = vanished + 1 where part = 0"),
    ("windows", "update ops.batch set window_end = '2025-02-01 12:00' where part = 0"),
    ("columns", "delete from ops.source_column where column_name = 'settle_time'"),
    (
        "verdicts",
        "update ops.quality_result set failed = 0 where rule_id = 'his_settle_type' and failed > 0",
    ),
    ("months", "update ops.batch_month set amount = amount + 1 where quarantined = 0 and rows > 0"),
    (
        "failures of months",
        "delete from ops.quality_month where rule_id = 'his_settle_type'",
    ),
)
