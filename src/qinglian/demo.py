"""`qinglian demo`: from an empty machine to leads in Superset, step by step."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from qinglian.orchestration import DayProgress, trigger_day, wait_for_day
from qinglian.pipeline import rank_first
from qinglian.services import lifecycle
from qinglian.settings import Settings, get_settings
from qinglian.warehouse.server import Server

#: The last business date of the city's year: what the demo's DAG runs are run for.
DEMO_DATE = date(2025, 12, 31)
_DAY_TIMEOUT_SECONDS = 1800


def run_demo(console: Console) -> None:
    """Start everything, make the city unless it is there, run one day, say what is where.

    Raises what the failing step raised; its message names the log.
    """
    settings = get_settings()
    started = time.monotonic()
    with Progress(
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        refresh_per_second=2,
        disable=not console.is_terminal,
    ) as progress:
        with _step(progress, "数据库 database"):
            Server.open(settings)
        with (
            _city_in_background(settings, progress),
            _step(progress, "服务 Airflow, Superset") as tell,
        ):
            lifecycle.up(tell)
        with _step(progress, "抽取→闸门→入库→dbt→发布 DAG runs") as tell:
            as_of = DEMO_DATE
            trigger_day(as_of)
            wait_for_day(as_of, lambda day: tell(_sentence(day)), _DAY_TIMEOUT_SECONDS)
        with _step(progress, "机构排序 ranking of providers"):
            rank_first(as_of)
    console.print(f"[green]完成 done[/green] in {time.monotonic() - started:.0f} s\n")
    lifecycle.render_status(lifecycle.status(), console)


@contextmanager
def _step(progress: Progress, name: str) -> Iterator[Callable[[str], None]]:
    """A line with a spinner and a clock; the body may say what it is doing.

    Where no terminal redraws the lines (a log, a build server), beginning and end are printed.
    """
    task = progress.add_task(name, total=1)
    started = time.monotonic()
    if not progress.console.is_terminal:
        progress.console.print(f"▶ {name}")

    def tell(text: str) -> None:
        progress.update(task, description=f"{name}: {text}")

    yield tell
    progress.update(task, description=name, completed=1)
    if not progress.console.is_terminal:
        progress.console.print(f"✓ {name} ({time.monotonic() - started:.0f} s)")


@contextmanager
def _city_in_background(settings: Settings, progress: Progress) -> Iterator[None]:
    """Make the city in a process of its own while services start; a city that is there stays."""
    truth = settings.city_dir / "truth.json"
    if truth.exists():
        with _step(progress, f"城市 city: kept ({_size_of(truth)})"):
            yield
        return
    with _step(progress, "城市 synthetic city"):
        log = settings.logs_dir / "city.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w") as stream:
            maker = subprocess.Popen(
                [sys.executable, "-m", "qinglian.cli", "city"], stdout=stream, stderr=stream
            )
            try:
                yield
                if maker.wait() != 0:
                    raise RuntimeError(f"the city could not be made; see {log}")
            finally:
                maker.terminate()


def _size_of(truth: Path) -> str:
    return f"{len(json.loads(truth.read_text('utf-8'))['schemes'])} planted cases"


def _sentence(day: DayProgress) -> str:
    return f"{day.finished}/{day.total} tasks, {day.running or 'waiting'}"
