"""What `qinglian status` says of an installation that does not run."""

from pathlib import Path

import pytest
from rich.console import Console

from qinglian.services.lifecycle import down, render_status, status
from qinglian.settings import Settings


def test_asking_starts_and_creates_nothing(tmp_path: Path) -> None:
    report = status(Settings(home=tmp_path))
    assert (report.warehouse_dsn, report.airflow_url, report.services) == (None, None, ())
    down(Settings(home=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_address_of_the_warehouse_has_no_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(home=tmp_path, database_url="postgresql://root:hunter2@db.invalid:5433")
    report = status(settings)
    assert report.warehouse_dsn == "postgresql://db.invalid:5433/qinglian"
    render_status(report, Console(width=200))
    printed = capsys.readouterr().out
    assert "db.invalid:5433" in printed
    assert "hunter2" not in printed
