"""`qinglian ocds …`: indicators of Open Contracting data, and what could be computed."""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

if TYPE_CHECKING:
    from qinglian.ocds.engine import Report

app = typer.Typer(
    no_args_is_help=True, help="OCDS 采购数据 Open Contracting data and its red flags"
)

_OUTCOMES = {
    "fired": "触发",
    "clear": "正常",
    "counted": "计入",
    "not_computable": "无法计算",
}


class StandardName(StrEnum):
    """Whose definitions are used."""

    CARDINAL = "cardinal"
    QINGLIAN = "qinglian"


File = Annotated[
    Path,
    typer.Argument(help="文件 JSON lines, release or record package; .gz; - is standard input"),
]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        "-s",
        help="设置 Cardinal's INI file or the same as JSON; without it all eleven",
    ),
]
StandardOption = Annotated[
    StandardName, typer.Option("--standard", help="定义 Cardinal's definitions, or ours")
]
MergeLines = Annotated[
    bool, typer.Option("--merge-lines", help="合并 Lines are releases: merge them by ocid first")
]
Strict = Annotated[
    bool, typer.Option("--strict", help="严格 Exit with 1 when anything could not be read")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="输出 Write here instead")]


@app.command()
def indicators(
    file: File,
    settings: SettingsFile = None,
    standard: StandardOption = StandardName.CARDINAL,
    output: Output = None,
    meta: Annotated[bool, typer.Option(help="界限 Add quartiles and fences")] = False,
    maps: Annotated[
        bool, typer.Option("--map", help="关系 Add who belongs to which process")
    ] = False,
    count: Annotated[
        bool, typer.Option("--count", "-c", help="计数 Print results per group to standard error")
    ] = False,
    merge_lines: MergeLines = False,
    strict: Strict = False,
) -> None:
    """Compute the red flags of an OCDS file, as one JSON object in Cardinal's format."""
    report = _compute(file, settings, standard, merge_lines, maps=maps)
    content = report.to_json(meta=meta, maps=maps)
    # A number that is none is null, as in Cardinal's output; a lone surrogate stays an escape.
    text = json.dumps(_finite(content), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    _write(output, text.encode("utf-8", "backslashreplace") + b"\n")
    if count:
        for group, identifiers in report.results.values.items():
            print(f"{group}: {len(identifiers)}", file=sys.stderr)
    _tell_faults(report, strict)


@app.command()
def coverage(
    file: File,
    settings: SettingsFile = None,
    standard: StandardOption = StandardName.CARDINAL,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="输出 CSV with every process and organisation"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")] = False,
    merge_lines: MergeLines = False,
    strict: Strict = False,
) -> None:
    """Say for each indicator where it fired, where not, and where it cannot tell and why."""
    from qinglian.ocds.engine import State

    report = _compute(file, settings, standard, merge_lines, states=True)
    if output is not None:
        with output.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(State._fields)
            table.writerows(report.states())
    counts = Counter((s.indicator, s.group, s.outcome, s.reason) for s in report.states())
    summary = _summary(counts.items())
    if as_json:
        print(json.dumps(summary, ensure_ascii=False, indent=2))
    else:
        _print_summary(summary)
    _tell_faults(report, strict)


def _compute(
    file: Path,
    settings: Path | None,
    standard: StandardName,
    merge_lines: bool,
    *,
    states: bool = False,
    maps: bool = False,
) -> "Report":
    from qinglian.ocds.engine import compute
    from qinglian.ocds.reading import OcdsFileError
    from qinglian.ocds.settings import SettingsError

    try:
        return compute(
            file, settings, standard=standard, merge_lines=merge_lines, states=states, maps=maps
        )
    except (OcdsFileError, SettingsError) as error:
        _fail(str(error))


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, float) and value - value != 0.0:
        return None
    return value


def _write(output: Path | None, content: bytes) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        output.write_bytes(content)


def _summary(
    counts: "Iterable[tuple[tuple[str, str, str, str], int]]",
) -> list[dict[str, object]]:
    """One entry an indicator and group: numbers by outcome, and reasons by number."""
    rows: dict[tuple[str, str], dict[str, int]] = {}
    reasons: dict[tuple[str, str], dict[str, int]] = {}
    for (code, group, outcome, reason), number in counts:
        row = rows.setdefault((code, group), {})
        row[outcome] = row.get(outcome, 0) + number
        if reason:
            reasons.setdefault((code, group), {})[reason] = number
    return [
        {
            "indicator": code,
            "group": group,
            **rows[code, group],
            "reasons": reasons.get((code, group), {}),
        }
        for code, group in sorted(rows)
    ]


def _print_summary(summary: list[dict[str, object]]) -> None:
    from qinglian.ocds.release import REASONS, Reason

    console = Console(soft_wrap=True, highlight=False)
    for row in summary:
        numbers = [f"{zh} {name} {row[name]}" for name, zh in _OUTCOMES.items() if name in row]
        console.print(f"[bold]{row['indicator']}[/bold] {row['group']}: {', '.join(numbers)}")
        reasons = row["reasons"]
        for name, number in reasons.items() if isinstance(reasons, dict) else ():
            console.print(f"    {number} {' '.join(REASONS[Reason(name)])}")


def _tell_faults(report: "Report", strict: bool) -> None:
    faults = report.faults
    for message in faults.shown:
        print(message, file=sys.stderr)
    if faults.count:
        print(
            f"{report.processes} processes read; {faults.count} entries could not be read"
            + (
                f", {len(faults.shown)} of them are shown"
                if faults.count > len(faults.shown)
                else ""
            ),
            file=sys.stderr,
        )
    if faults.cut_off or (strict and faults.count):
        raise typer.Exit(1)


def _fail(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(1)
