"""What each dbt node costs the database: processor seconds of its statements, by PostgreSQL itself.

Builds everything anew on the warehouse of this installation (`QINGLIAN_HOME`), which the bundled
server must run. Seconds on the clock depend on what else the machine does, processor seconds
hardly. Those of parallel workers are not in PostgreSQL's figures. Those of dbt are this process's.
"""

import argparse
import re
import resource
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from qinglian.settings import get_settings
from qinglian.transform import run_dbt
from qinglian.warehouse.server import Server

_ENTRY = re.compile(r"(?m)^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[(\d+)\] (LOG|DETAIL|STATEMENT):  ")
_USED = re.compile(r"!\s+([\d.]+) s user, ([\d.]+) s system, ([\d.]+) s elapsed")
_NODE = re.compile(r'"node_id": "(?:model\.qinglian\.)?([^"]+)"')


@dataclass
class Cost:
    """Seconds by dbt node: of one processor, and on the clock."""

    processor: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    clock: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))


def main() -> None:
    """Build everything, print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", type=date.fromisoformat, default=date(2025, 12, 31))
    parser.add_argument("--show", type=int, default=30, help="nodes to list, costliest first")
    arguments = parser.parse_args()
    settings = get_settings()
    server = Server.open(settings)
    log = settings.state_dir / "postgres" / "server.log"
    start = log.stat().st_size
    with _measured(server):
        run_dbt(
            server,
            ["build", "--full-refresh", "--exclude-resource-type", "unit_test"],
            arguments.date,
        )
    used = resource.getrusage(resource.RUSAGE_SELF)
    _print(_read(log, start), arguments.show, used.ru_utime + used.ru_stime)


@contextmanager
def _measured(server: Server) -> Iterator[None]:
    """PostgreSQL logs what each statement used, until the end of this block."""
    with server.connect("superuser", autocommit=True) as connection:
        connection.execute("alter system set log_statement_stats = on")
        connection.execute("select pg_reload_conf()")
        try:
            yield
        finally:
            connection.execute("alter system reset log_statement_stats")
            connection.execute("select pg_reload_conf()")


def _read(log: Path, start: int) -> Cost:
    """The costs in a server log from byte `start` on; statements that name no node are left out."""
    with log.open("rb") as stream:
        stream.seek(start)
        parts = _ENTRY.split(stream.read().decode("utf-8", "replace"))
    cost = Cost()
    used: dict[str, tuple[float, float]] = {}
    for process, kind, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if kind == "DETAIL" and (match := _USED.search(text)):
            user, system, elapsed = map(float, match.groups())
            used[process] = (user + system, elapsed)
        elif kind == "STATEMENT" and process in used:
            processor, elapsed = used.pop(process)
            if match := _NODE.search(text):
                cost.processor[match[1]] += processor
                cost.clock[match[1]] += elapsed
    return cost


def _print(cost: Cost, show: int, own: float) -> None:
    table = Table("node", "processor s", "clock s")
    costliest = sorted(cost.processor.items(), key=lambda entry: -entry[1])
    for node, seconds in costliest[:show]:
        table.add_row(node, f"{seconds:.2f}", f"{cost.clock[node]:.1f}")
    table.add_section()
    total = sum(cost.processor.values())
    table.add_row(f"all {len(cost.processor)} nodes", f"{total:.1f}", "")
    table.add_row("dbt itself", f"{own:.1f}", "")
    Console().print(table)


if __name__ == "__main__":
    main()
