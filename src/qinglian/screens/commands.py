"""`qinglian screens`: a market's bids screened for collusion, without any label."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from qinglian.screens.report import MarketScreens

console = Console()

_SHOWN = ("cv", "rd", "skew")


def screens(
    file: Annotated[Path, typer.Argument(help="报价表 CSV with a row a bid")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text")] = False,
    table: Annotated[
        Path | None, typer.Option("--csv", help="写入 Also write a CSV with a row a tender")
    ] = None,
    first: Annotated[int, typer.Option(min=1, help="Tenders in the text, highest first")] = 20,
    subgroups: Annotated[
        bool, typer.Option(help="Screens of all groups of three and four bids")
    ] = True,
) -> None:
    """Screen the bids of one market for collusion: signals to look at, never a finding."""
    from qinglian.screens.market import MarketFileError, read_market
    from qinglian.screens.report import screen_market

    try:
        found = screen_market(read_market(file), subgroups)
    except MarketFileError as error:
        console.print(f"[red]{error}", soft_wrap=True)
        raise typer.Exit(1) from error
    if table is not None:
        found.write_csv(table)
    if as_json:
        print(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
        return
    console.print(_summary(found), soft_wrap=True)
    console.print(_table(found, first))


def _summary(found: "MarketScreens") -> str:
    from qinglian.screens.report import significant_pairs

    market = found.market
    parts = [
        f"{market.name}: {len(market.tenders)} 个标 tenders, {market.bids} 个报价 bids",
        f"未写报价 bids without price {market.unusable_prices}",
        f"无日期 tenders without date {market.undated_tenders}",
        f"得分用 score from {', '.join(found.scores.components) or '—'}",
        f"有相同报价的标 tenders with identical offers {sum(n > 0 for n in found.identical)}",
    ]
    if isinstance(found.network, str):
        parts.append(f"投标人网络无法计算 network not computable: {found.network}")
    else:
        parts.append(
            f"共同投标 {found.network.tested_pairs} 对已检验 pairs tested, "
            f"{significant_pairs(found.network)} 对超出偶然 beyond chance (q ≤ 0.05), "
            f"{len(found.network.communities)} 个群体 communities"
        )
    return "; ".join(parts) + "."


def _table(found: "MarketScreens", first: int) -> Table:
    table = Table(title="同一市场内的位置，不是结论 Place within the market, no finding")
    for header in ("标 tender", "报价 bids", "得分 score", *_SHOWN, "相同 identical"):
        table.add_column(header.replace(" ", "\n"), justify="right")
    scores = found.scores.tenders
    known = [place for place, score in enumerate(scores) if score.score is not None]
    known.sort(key=lambda place: (-(scores[place].score or 0), scores[place].tender_id))
    for place in known[:first]:
        values = [found.screens[name][place] for name in _SHOWN]
        table.add_row(
            scores[place].tender_id,
            str(len(found.market.tenders[place].prices)),
            f"{scores[place].score:.3f}",
            *("—" if math.isnan(value) else f"{value:.4f}" for value in values),
            str(found.identical[place]),
        )
    return table
