"""`qinglian ocds` as it is called."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from ocds_cases import award, bid, priced, process
from typer.testing import CliRunner, Result

from qinglian.cli import app

SINGLE = process("甲-1", tender={"numberOfTenderers": 1, "procurementMethod": "open"})
SAME = process("same", [bid("valid", "A", 1), bid("valid", "B", 1)], [award("A")])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps(p) + "\n" for p in [SINGLE, SAME]), "utf-8")
    return path


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["ocds", *map(str, arguments)])


def test_indicators_print_one_line_in_cardinals_format(data: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.ini"
    settings.write_text("[R018]\n[R028]\n", "utf-8")
    result = call("indicators", data, "--settings", settings, "--count")

    assert result.exit_code == 0
    assert result.stdout == (
        '{"OCID":{"甲-1":{"R018":1.0},"same":{"R028":1.0}},'
        '"Tenderer":{"B":{"R028":1.0},"A":{"R028":1.0}}}\n'
    )
    assert result.stderr == "OCID: 2\nTenderer: 2\n"


def test_all_run_without_settings_and_figures_are_added_on_demand(
    data: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.json"
    assert call("indicators", data, "--meta", "--map", "-o", output).exit_code == 0

    content = json.loads(output.read_text("utf-8"))
    assert content["Maps"]["ocid_tenderer"] == {"same": ["A", "B"]}
    assert content["Meta"]["R024"] == {"q1": 0.0, "q3": 0.0, "lower_fence": 0.0}


def test_nothing_found_is_an_empty_object(data: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text("{}", "utf-8")

    assert call("indicators", data, "-s", settings).stdout == "{}\n"


def test_a_number_that_is_none_is_null(tmp_path: Path) -> None:
    path = tmp_path / "zero.jsonl"
    path.write_text(json.dumps(priced("x", 0, 5)), "utf-8")
    settings = tmp_path / "settings.ini"
    settings.write_text("[R058]\nthreshold = 1\n", "utf-8")

    assert '"x":{"R058":null}' in call("indicators", path, "-s", settings).stdout


def test_bad_lines_are_told_and_fail_only_when_strict(data: Path) -> None:
    with data.open("a", encoding="utf-8") as stream:
        stream.write('{"ocid": \n')

    result = call("indicators", data)
    assert result.exit_code == 0
    assert "R018" in result.stdout
    assert "line 3" in result.stderr
    assert "2 processes read; 1 entries could not be read" in result.stderr
    assert call("indicators", data, "--strict").exit_code == 1


def test_a_package_that_breaks_off_fails(tmp_path: Path) -> None:
    path = tmp_path / "package.json"
    path.write_text('{"releases": [' + json.dumps(SINGLE) + ',{"ocid', "utf-8")
    result = call("indicators", path)

    assert result.exit_code == 1
    assert "R018" in result.stdout
    assert "after entry 1 of releases" in result.stderr


@pytest.mark.parametrize("broken", ["data", "settings"])
def test_what_cannot_be_used_is_told_in_one_line(data: Path, tmp_path: Path, broken: str) -> None:
    settings = tmp_path / "settings.ini"
    settings.write_text("[R018]\nunknown = 1\n" if broken == "settings" else "", "utf-8")
    file = tmp_path / "none.jsonl" if broken == "data" else data
    result = call("indicators", file, "-s", settings)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert ("R018.unknown" if broken == "settings" else "none.jsonl") in result.stderr


def test_coverage_says_for_each_process_what_can_be_told(data: Path, tmp_path: Path) -> None:
    output = tmp_path / "states.csv"
    result = call("coverage", data, "--json", "-o", output)
    table = call("coverage", data).stdout

    summary = {(row["indicator"], row["group"]): row for row in json.loads(result.stdout)}
    assert summary["R018", "OCID"] == {
        "indicator": "R018",
        "group": "OCID",
        "fired": 1,
        "not_computable": 1,
        "reasons": {"method_not_in_scope": 1},
    }
    with output.open(encoding="utf-8", newline="") as stream:
        rows = [tuple(row) for row in csv.reader(stream)]
    assert rows[0] == ("indicator", "group", "id", "outcome", "reason")
    assert ("R018", "OCID", "甲-1", "fired", "") in rows
    assert ("R028", "OCID", "甲-1", "not_computable", "no_prices") in rows
    assert "采购方式不在本指标范围 the method is not one it looks at" in table


def test_the_other_definitions_are_an_option(data: Path) -> None:
    result = call("coverage", data, "--standard", "qinglian", "--json")

    summary = {(row["indicator"], row["group"]): row for row in json.loads(result.stdout)}
    assert summary["R018", "OCID"]["reasons"] == {"no_method": 1}


def test_it_runs_as_a_program_without_any_service(data: Path) -> None:
    command = [sys.executable, "-m", "qinglian.cli", "ocds", "indicators", "-"]
    result = subprocess.run(
        command, input=data.read_bytes(), capture_output=True, check=True, timeout=120
    )

    assert json.loads(result.stdout)["OCID"]["same"] == {"R028": 1.0}
