"""`qinglian suppliers …`: which records are one company's, why, and what reviewers say of it."""

import json
import os
import pwd
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Column, Table

app = typer.Typer(
    no_args_is_help=True, help="供应商识别 Which records of suppliers are one company's"
)
console = Console()

Record = Annotated[str, typer.Argument(help="记录号或主体号 Record (org_code:code) or supplier id")]
By = Annotated[
    str, typer.Option("--by", help="处理人 Who decides; the login is recorded beside it")
]
Reason = Annotated[str, typer.Option("--reason", help="理由 Why; kept for ever")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text")]

_OUTCOME_ZH = {
    "merged": "已合并",
    "confirmed": "人工确认",
    "split": "人工拆分",
    "other_code": "信用代码不同",
    "review": "待复核",
}


@app.command()
def resolve() -> None:
    """Find out anew which records are one company's, unless nothing changed."""
    from qinglian.pipeline import settings_and_server
    from qinglian.suppliers.resolve import resolve_suppliers

    settings, server = settings_and_server()
    report = resolve_suppliers(server, settings.now(), settings.now().date())
    state = "识别 resolved" if report.was_needed else "没有变化 unchanged"
    console.print(f"{state}: 记录 records {report.records}, 主体 suppliers {report.suppliers}")


@app.command("list")
def list_found(
    outcome: Annotated[
        str | None, typer.Option(help=f"处理结果 One of {', '.join(_OUTCOME_ZH)}")
    ] = None,
    members: Annotated[
        bool, typer.Option("--members", help="记录及其主体 Records and the supplier of each")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many pairs")] = 100,
    as_json: Json = False,
) -> None:
    """List pairs with probability, evidence and decision, or all records with their supplier."""
    from qinglian.pipeline import settings_and_server
    from qinglian.suppliers.decisions import PairFilter, list_members, list_pairs
    from qinglian.suppliers.store import describe_evidence

    if outcome is not None and outcome not in _OUTCOME_ZH:
        _fail(f"no outcome {outcome}: one of {', '.join(_OUTCOME_ZH)}")
    _, server = settings_and_server()
    with server.connect("steward") as connection:
        rows = (
            list_members(connection)
            if members
            else list_pairs(connection, PairFilter(outcome, limit))
        )
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
    elif members:
        # Who confirms or splits has to type them: ids are shown whole, on several lines if need be.
        table = Table(
            Column("主体 supplier", overflow="fold"),
            Column("记录 record", overflow="fold"),
            "角色 role",
            Column("名称 name", overflow="fold"),
        )
        for row in rows:
            table.add_row(row["supplier_id"], row["record_id"], row["role"], row["name"])
        console.print(table)
    else:
        table = Table(
            Column("记录 records", overflow="fold"),
            Column("名称 names", overflow="fold"),
            *("概率", "结果", "证据 evidence", "人工结论"),
        )
        for row in rows:
            table.add_row(
                f"{row['record_a']}\n{row['record_b']}",
                f"{row['name_a']}\n{row['name_b']}",
                f"{row['probability']:.3f}",
                _OUTCOME_ZH[row["outcome"]],
                describe_evidence(row["evidence"]),
                f"{row['action']} {row['decided_by']}: {row['reason']}" if row["action"] else "",
            )
        console.print(table)


@app.command()
def confirm(first: Record, second: Record, by: By, reason: Reason) -> None:
    """Say that two records are one company's; holds in every later resolution."""
    _decide(first, second, "confirm", by, reason)


@app.command()
def split(first: Record, second: Record, by: By, reason: Reason) -> None:
    """Say that two records are two companies'; holds in every later resolution."""
    _decide(first, second, "split", by, reason)


def _decide(first: str, second: str, action: str, by: str, reason: str) -> None:
    from qinglian.pipeline import settings_and_server
    from qinglian.suppliers.decisions import SupplierDecisionError, decide
    from qinglian.suppliers.resolve import resolve_suppliers

    settings, server = settings_and_server()
    login = pwd.getpwuid(os.getuid()).pw_name
    try:
        decided_by = f"{by.strip()} ({login})" if by.strip() else ""
        a, b = decide(settings, server, (first, second), action, decided_by, reason)
    except SupplierDecisionError as error:
        _fail(str(error))
    report = resolve_suppliers(server, settings.now(), settings.now().date())
    console.print(f"{action} {a} {b}; 主体 suppliers {report.suppliers}; `qinglian detect` 后生效")


def _fail(message: str) -> NoReturn:
    console.print(f"[red]{message}")
    raise typer.Exit(1)
