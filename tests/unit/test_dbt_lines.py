"""What dbt tells of a long run: its lines in the log and on the console, and no debug."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from qinglian import transform
from qinglian.dbt_lines import told_lines
from qinglian.settings import Settings
from qinglian.transform import _asks_for_a_log


def _event(level: str, text: str) -> Any:
    return SimpleNamespace(info=SimpleNamespace(level=level, msg=text))


@pytest.mark.parametrize(("to_console", "printed"), [(True, "one\nthree\n"), (False, "three\n")])
def test_lines_are_written_and_errors_printed_in_any_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], to_console: bool, printed: str
) -> None:
    with told_lines(tmp_path / "dbt", to_console=to_console) as tell:
        for level, text in (("info", "one"), ("debug", "two"), ("error", "three")):
            tell(_event(level, text))
    assert capsys.readouterr().out == printed
    lines = (tmp_path / "dbt" / "dbt.log").read_text("utf-8").splitlines()
    assert [line.split("] ")[-1] for line in lines] == ["one", "three"]


def test_who_asks_for_another_log_gets_dbts_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBT_LOG_LEVEL_FILE", raising=False)
    assert not _asks_for_a_log(["build", "--select", "lead"])
    assert _asks_for_a_log(["build", "--log-format", "json"])
    monkeypatch.setenv("DBT_LOG_LEVEL_FILE", "debug")
    assert _asks_for_a_log(["build"])


@pytest.mark.parametrize(
    ("args", "keep_results", "expected"),
    [
        (["build"], False, {"DBT_WRITE_JSON": "false", "DBT_LOG_LEVEL": "none"}),
        (["build"], True, {"DBT_LOG_LEVEL": "none"}),
        (["ls"], True, {}),
    ],
)
def test_a_build_writes_what_somebody_reads(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    args: list[str],
    keep_results: bool,
    expected: dict[str, str],
) -> None:
    seen: dict[str, str] = {}
    monkeypatch.setattr(transform, "_environment_of", lambda server, day: {})
    monkeypatch.setattr(transform, "_invoke", lambda _, given, *rest: seen.update(given))
    server: Any = None
    settings = Settings(home=tmp_path)
    transform.run_dbt(server, args, date(2025, 12, 31), settings, keep_results=keep_results)
    assert {name: seen[name] for name in ("DBT_WRITE_JSON", "DBT_LOG_LEVEL") if name in seen} == (
        expected
    )
