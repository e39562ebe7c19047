"""Rate and memory of the ingest of one large table, beside a bare pipe of the same rows.

The bare pipe hands connectorx's Arrow stream to ADBC's binary COPY and does nothing else: no
comparison, no landed file, no gate, no ledger, no index. Both run in a process of their own, one
after the other, on the same database server, which is made for the run and removed after it.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from adbc_driver_postgresql import dbapi
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from benchmarks.fee_hospital import (
    AS_OF,
    BARE_TABLE,
    ONE_WRONG_IN,
    SOURCE,
    TABLE,
    FeeHospital,
    write_configuration,
)
from qinglian.extract.reader import read_batches
from qinglian.extract.sources import SourceCatalog
from qinglian.pipeline import ingest

#: What the system promises.
LEAST_SHARE_OF_BARE_PIPE = 0.6
LARGEST_MIB = 600
_MIB = 1 << 20
_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Measured:
    """What one process took: seconds, and the most memory that it and its children held at once.

    `processor_seconds` are its own, the database's apart: they depend less on what else runs.
    """

    name: str
    rows: int
    seconds: float
    processor_seconds: float
    peak_mib: float


def main() -> None:
    """Measure, print and exit with 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=5_000_000, help="fee lines, 5 million by default"
    )
    parser.add_argument(
        "--folder", type=Path, help="where to work, on a disk with 2 kB a line free"
    )
    rows, folder = vars(parser.parse_args()).values()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="qinglian-bench-", dir=folder) as name:
        Path(name).chmod(0o755)  # as root, PostgreSQL runs as another user
        sys.exit(0 if _measure(Path(name), rows, console) else 1)


def bare_pipe(folder: Path) -> None:
    """Hand the source's Arrow stream to COPY, batch by batch, in one transaction."""
    hospital = FeeHospital.at(folder)
    source = SourceCatalog(hospital.settings).source(SOURCE)
    server = hospital.server
    address = f"{server.host}:{server.port}"
    batches = read_batches(source, TABLE, hospital.mapping_sql, server.secrets, address)
    with dbapi.connect(server.url("loader")) as connection, connection.cursor() as cursor:
        for batch in batches:
            cursor.adbc_ingest(BARE_TABLE, batch, mode="append", db_schema_name="land")
        connection.commit()


def whole_ingest(folder: Path) -> None:
    """What `qinglian extract` does: extract, compare, land, gate, load."""
    hospital = FeeHospital.at(folder)
    ingest(hospital.settings, hospital.server, SOURCE, AS_OF)


def _measure(folder: Path, rows: int, console: Console) -> bool:
    write_configuration(folder)
    hospital = FeeHospital.at(folder)
    try:
        with _progress(console) as progress:
            making = progress.add_task("造数 make the lines", total=None)
            hospital.prepare(rows)
            progress.update(making, total=1, completed=1)
            bare = _timed(hospital, folder, bare_pipe, "bare pipe", progress, rows)
            copied = hospital.count(f"select count(*) from land.{BARE_TABLE}")
            hospital.settle()
            whole = _timed(hospital, folder, whole_ingest, "ingest", progress, rows)
            hospital.settle()
            again = _timed(hospital, folder, whole_ingest, "look-back", progress, rows)
            unchanged = hospital.count("select sum(unchanged) from ops.batch")
        _check_counts(hospital, rows, copied)
    finally:
        if hospital.server.embedded:
            hospital.server.embedded.stop()
    return _report(console, bare, whole, replace(again, rows=unchanged))


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console
    )


def _timed(
    hospital: FeeHospital,
    folder: Path,
    step: Callable[[Path], None],
    name: str,
    progress: Progress,
    rows: int,
) -> Measured:
    """Run a step in a process of its own and look at its memory ten times a second."""
    task = progress.add_task(name, total=rows)
    before = hospital.count("select sum(loaded) from ops.batch")
    process = multiprocessing.get_context("spawn").Process(target=step, args=(folder,))
    start = time.perf_counter()
    process.start()
    peak, worked = 0, 0.0
    looked = start
    while process.is_alive():
        memory, so_far = _look_at(process.pid or 0)
        peak, worked = max(peak, memory), max(worked, so_far)
        if time.perf_counter() - looked > 1:
            looked = time.perf_counter()
            _show(progress, task, hospital, before)
        process.join(_LOOK_SECONDS)
    seconds = time.perf_counter() - start
    if process.exitcode:
        raise SystemExit(f"{name} failed, see above")
    progress.update(task, completed=rows)
    return Measured(name, rows, seconds, worked, peak / _MIB)


def _show(progress: Progress, task: TaskID, hospital: FeeHospital, before: int) -> None:
    """Rows that have arrived, or while none have, rows that were read."""
    read = hospital.count("select max(tuples_processed) from pg_stat_progress_copy")
    loaded = hospital.count("select sum(loaded) from ops.batch") - before
    progress.update(task, completed=loaded or read)


def _look_at(pid: int) -> tuple[int, float]:
    """Bytes that a process and its children hold now, and the seconds that it has worked."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        times = process.cpu_times()
        held = sum(member.memory_info().rss for member in family)
        return held, times.user + times.system
    except psutil.NoSuchProcess:
        return 0, 0.0


def _check_counts(hospital: FeeHospital, rows: int, copied: int) -> None:
    """A rate of something else than the same rows would mean nothing."""
    wrong = rows // ONE_WRONG_IN
    found = {
        "rows of the bare pipe": (copied, rows),
        "rows loaded": (hospital.count(f"select count(*) from land.{TABLE}"), rows - wrong),
        "rows in quarantine": (hospital.count("select count(*) from ops.quarantine"), wrong),
        "rows read": (
            hospital.count("select sum(extracted - unchanged) from ops.batch"),
            rows,
        ),
    }
    for name, (counted, expected) in found.items():
        if counted != expected:
            raise SystemExit(f"{name}: {counted} and not {expected}; nothing was measured")


def _report(console: Console, bare: Measured, whole: Measured, again: Measured) -> bool:
    table = Table(
        *("", "行 rows", "秒 seconds", "行每秒 rows/s"),
        *("处理器秒 processor s", "内存峰值 peak MiB"),
    )
    for measured in (bare, whole, again):
        table.add_row(
            measured.name,
            f"{measured.rows:,}",
            f"{measured.seconds:.1f}",
            f"{measured.rows / measured.seconds:,.0f}",
            f"{measured.processor_seconds:.1f}",
            f"{measured.peak_mib:.0f}",
        )
    console.print(table)
    share = bare.seconds / whole.seconds
    peak = max(whole.peak_mib, again.peak_mib)
    console.print(
        f"ingest / bare pipe: {share:.0%} (promised {LEAST_SHARE_OF_BARE_PIPE:.0%});"
        f" peak memory {peak:.0f} MiB (promised below {LARGEST_MIB});"
        f" {os.cpu_count()} processors"
    )
    return share >= LEAST_SHARE_OF_BARE_PIPE and peak < LARGEST_MIB


if __name__ == "__main__":
    main()
