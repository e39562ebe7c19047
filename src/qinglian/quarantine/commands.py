"""`qinglian quarantine …`: what the gate held back, and what people decide on it."""

import json
import os
import pwd
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from qinglian.contracts import Contract
    from qinglian.quarantine.decisions import Author
    from qinglian.quarantine.rows import Filters, QuarantinedRow

app = typer.Typer(no_args_is_help=True, help="隔离区 Rows that the gate held back")
console = Console()

SourceId = Annotated[str | None, typer.Option("--source", help="来源 Only of this source")]
TableName = Annotated[str | None, typer.Option("--table", help="表 Only of this table")]
Rule = Annotated[str | None, typer.Option("--rule", help="规则 Only rows that break this rule")]
Batch = Annotated[int | None, typer.Option("--batch", help="批次号 Only of this batch")]
Rows = Annotated[list[int] | None, typer.Option("--row", help="行号 Only these rows of the batch")]
By = Annotated[
    str, typer.Option("--by", help="处理人 Name of who decides; the login is recorded beside it")
]
Reason = Annotated[str, typer.Option("--reason", help="理由 Why; kept for ever")]
Personal = Annotated[
    bool,
    typer.Option(
        "--personal", help="Show quasi-identifiers and sensitive values to who is entitled to them"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text")]
OneBatch = Annotated[int, typer.Argument(help="批次号 Batch")]
OneRow = Annotated[int, typer.Argument(help="行号 Row of the batch's file, from 0")]

_STATUS_ZH = {"open": "待处理", "released": "已放行", "discarded": "已作废"}


@app.command("list")
def list_rows(
    source: SourceId = None,
    table: TableName = None,
    rule: Rule = None,
    status: Annotated[
        str | None, typer.Option(help="状态 open, released or discarded; empty: all")
    ] = "open",
    batch: Batch = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows")] = 100,
    personal: Personal = False,
    as_json: Json = False,
) -> None:
    """List quarantined rows: batch, row, key, rules and the latest decision."""
    from qinglian.quarantine.rows import Filters

    filters = Filters(source, table, rule, status or None, batch)
    found = _described(filters, personal, limit)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2, default=str))
        return
    shown = Table(
        *("批次 batch", "行 row", "来源 source", "表 table", "主键 key", "规则 rules"),
        *("状态 status", "最近处理 latest decision"),
    )
    for row in found:
        latest = row["decisions"][-1] if row["decisions"] else None
        shown.add_row(
            *(str(row["batch_id"]), str(row["row_number"]), row["source_id"], row["table"]),
            *(row["key"], "\n".join(row["rules"]), _STATUS_ZH[row["status"]]),
            _decision_line(latest) if latest else "",
        )
    console.print(shown)


@app.command()
def show(batch: OneBatch, row: OneRow, personal: Personal = False, as_json: Json = False) -> None:
    """Show one row: its values, the rules that it breaks, and every decision on it."""
    from qinglian.quarantine.rows import Filters

    found = _described(Filters(batch_id=batch, row_numbers=(row,)), personal, 1)
    if not found:
        _fail(f"batch {batch} has no row {row} in quarantine; `qinglian quarantine list`")
    (one,) = found
    if as_json:
        print(json.dumps(one, ensure_ascii=False, indent=2, default=str))
        return
    console.print(
        f"批次 {batch} 行 {row}：{one['source_id']} {one['table']}，{_STATUS_ZH[one['status']]}，"
        f"{one['quarantined_at']}"
    )
    for rule in one["rules"]:
        console.print(f"  违反 breaks {rule}")
    values = Table("字段 column", "落地值 landed", "更正值 corrected")
    for column, value in one["landed"].items():
        corrected = one["corrected"][column]
        values.add_row(column, value or "", "" if corrected == value else corrected or "（空）")
    console.print(values)
    for decision in one["decisions"]:
        console.print(_decision_line(decision))


@app.command()
def fix(
    batch: OneBatch,
    row: OneRow,
    values: Annotated[
        list[str], typer.Option("--set", help="column=value; column= empties the column")
    ],
    by: By,
    reason: Reason,
) -> None:
    """Correct values of a row; it stays in quarantine until it is released."""
    from qinglian.quarantine.decisions import DecisionError
    from qinglian.quarantine.fix import fix_row
    from qinglian.quarantine.rows import Filters

    settings, server, contracts = _opened()
    found = _found(server, Filters(batch_id=batch, row_numbers=(row,)))
    if not found:
        _fail(f"batch {batch} has no row {row} in quarantine; `qinglian quarantine list`")
    try:
        contract = contracts[found[0].table]
        decision = fix_row(
            settings, server, contract, found[0], _assignments(values), _author(by, reason)
        )
    except DecisionError as error:
        _fail(str(error))
    console.print(f"corrected {', '.join(decision.after_values or {})}; now release the row")


@app.command()
def release(
    by: By,
    reason: Reason,
    source: SourceId = None,
    table: TableName = None,
    rule: Rule = None,
    batch: Batch = None,
    row: Rows = None,
    as_json: Json = False,
) -> None:
    """Let open rows on through the gate; who still breaks a rule stays. Exits 1 if any stays."""
    from dataclasses import asdict

    from qinglian.extract.errors import SourceError
    from qinglian.quarantine.decisions import DecisionError
    from qinglian.quarantine.release import release_rows

    settings, server, _ = _opened()
    try:
        report = release_rows(
            settings, server, _chosen(source, table, rule, batch, row), _author(by, reason)
        )
    except (DecisionError, SourceError) as error:
        _fail(str(error))
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False, indent=2))
    else:
        batches = ", ".join(map(str, report.batch_ids)) or "none"
        console.print(f"放行 released {report.released}, 批次 batch {batches}")
        for name, message in report.refused.items():
            console.print(f"[red]仍隔离 stays: {name}: {message}")
    raise typer.Exit(1 if report.refused else 0)


@app.command()
def discard(
    by: By,
    reason: Reason,
    source: SourceId = None,
    table: TableName = None,
    rule: Rule = None,
    batch: Batch = None,
    row: Rows = None,
) -> None:
    """Discard open rows for good; they stay readable with the reason."""
    from qinglian.quarantine.decisions import DecisionError
    from qinglian.quarantine.fix import discard_rows

    settings, server, _ = _opened()
    try:
        count = discard_rows(
            settings, server, _chosen(source, table, rule, batch, row), _author(by, reason)
        )
    except DecisionError as error:
        _fail(str(error))
    console.print(f"作废 discarded {count}")


def _chosen(
    source: str | None,
    table: str | None,
    rule: str | None,
    batch: int | None,
    rows: Sequence[int] | None,
) -> "Filters":
    from qinglian.quarantine.rows import Filters

    if source is None and table is None and rule is None and batch is None:
        _fail("say which rows: --batch with --row, or --source, --table, --rule")
    if rows and batch is None:
        _fail("--row counts within a batch: add --batch")
    return Filters(source, table, rule, "open", batch, tuple(rows or ()))


def _author(by: str, reason: str) -> "Author":
    from qinglian.quarantine.decisions import Author

    return Author(f"{by.strip()} ({_login()})" if by.strip() else by, reason)


def _assignments(values: Sequence[str]) -> dict[str, str | None]:
    pairs = [value.partition("=") for value in values]
    wrong = [name for name, sign, _ in pairs if not sign]
    if wrong:
        _fail(f"--set takes column=value, not {wrong}")
    return {name.strip(): text or None for name, _, text in pairs}


def _opened() -> tuple[Any, Any, Mapping[str, "Contract"]]:
    from qinglian.contracts import load_contracts
    from qinglian.pipeline import settings_and_server

    settings, server = settings_and_server()
    return settings, server, load_contracts(settings.contracts_dir)


def _found(server: Any, filters: "Filters", limit: int | None = None) -> "list[QuarantinedRow]":
    from qinglian.quarantine.rows import find_rows

    with server.connect("steward", autocommit=True) as connection:
        return find_rows(connection, filters, limit)


def _described(filters: "Filters", personal: bool, limit: int) -> list[dict[str, Any]]:
    from qinglian.quarantine.rows import masked, masked_key, rule_names

    settings, server, contracts = _opened()
    if personal and _login() not in settings.personal_data_viewers:
        _fail(
            f"{_login()} is not entitled to personal data; whoever runs this installation"
            " names the entitled logins in QINGLIAN_PERSONAL_DATA_VIEWERS"
        )
    described = []
    for row in _found(server, filters, limit):
        contract = contracts[row.table]
        described.append(
            {
                "batch_id": row.batch_id,
                "row_number": row.row_number,
                "source_id": row.source_id,
                "table": row.table,
                "key": masked_key(contract, row, personal=personal),
                "rules": rule_names(contract, row.rule_ids),
                "status": row.status,
                "quarantined_at": row.quarantined_at,
                "landed": masked(contract, row.landed, personal=personal),
                "corrected": masked(contract, row.corrected, personal=personal),
                "decisions": [_masked_decision(contract, d, personal) for d in row.decisions],
            }
        )
    return described


def _login() -> str:
    """Who the operating system says runs this; the environment could name anybody."""
    return pwd.getpwuid(os.getuid()).pw_name


def _masked_decision(
    contract: "Contract", decision: Mapping[str, Any], personal: bool
) -> dict[str, Any]:
    from qinglian.quarantine.rows import masked

    shown = {k: v for k, v in decision.items() if k not in ("batch_id", "row_number")}
    for side in ("before_values", "after_values"):
        shown[side] = masked(contract, decision[side] or {}, personal=personal)
    shown.pop("released_row_key")
    return shown


def _decision_line(decision: Mapping[str, Any]) -> str:
    before, after = decision["before_values"], decision["after_values"]
    changes = [f"{c}: {before[c]} → {after[c]}" for c in after]
    said = [*changes, *([decision["message"]] if decision["message"] else [])]
    return (
        f"{decision['decided_at']} {decision['decided_by']} {decision['action']}"
        f" {'; '.join(said)}（{decision['reason']}）"
    )


def _fail(message: str) -> NoReturn:
    console.print(f"[red]{message}")
    raise typer.Exit(1)
