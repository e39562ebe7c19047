"""The evaluation of a market's collusion score as text."""

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from qinglian.evaluation.collusion import CollusionReport, Measured
from qinglian.evaluation.report import share

KIND_ZH = {
    "score": "得分 score",
    "without": "得分，去掉 score without",
    "component": "组成 component",
    "screen": "筛查 screen",
    "group": "子组筛查 groups of bids",
    "baseline": "对照 baseline",
}
_NOTE = Text(
    "↓: 越小越可疑 low is suspicious. 95 %、AP、标 for tenders with the most bids asked for (≥4); "
    "标 = 串标/有值 collusive/with a value. JSON 有全部 has all."
)
#: Of the four summaries over subgroups the text shows one; JSON has all.
_SHOWN_SUMMARY = "_mean"


def render(report: CollusionReport) -> RenderableType:
    """On which data, then every order with its figures by least number of bids."""
    return Group(_data_text(report), _table(report), _NOTE)


def _data_text(report: CollusionReport) -> Text:
    columns = ", ".join(f"{role} = {name}" for role, name in report.columns.items())
    variances = ", ".join(f"{name} {value:.3f}" for name, value in report.score_variances.items())
    return Text(
        f"数据 Data: {report.file}, {report.tenders} 个标 tenders, {report.bids} 个报价 bids; "
        f"串标 collusive {report.collusive} ({share(report.base_rate)}); "
        f"列 columns: {columns}; 标签 label = {report.label_column}, 只用于评估 for evaluation "
        f"alone; 标签不一 mixed {report.mixed}, 无标签 unlabelled {report.unlabelled}, "
        f"未写报价 bids without price {report.bids_without_price}, "
        f"无日期 tenders without date {report.tenders_without_date}. "
        f"得分的方差 variances of the score: {variances or '—'}"
        + (
            f", 时间范围 time range {report.score_time_range:.0f}"
            if report.score_time_range
            else ""
        )
    )


def _table(report: CollusionReport) -> Table:
    least = [figure.min_bids for figure in report.measured[0].figures]
    table = Table(
        title="ROC-AUC 与平均精确率 and average precision",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    table.add_column("", no_wrap=True)
    for header in (*(f"AUC\n≥{bids}" for bids in least), "95 %", "AP", "标\ntenders"):
        table.add_column(header, justify="right", no_wrap=True)
    kind = ""
    for measured in report.measured:
        if measured.kind == "group" and not measured.name.endswith(_SHOWN_SUMMARY):
            continue
        if measured.kind != kind:
            kind = measured.kind
            table.add_row(f"[bold]{KIND_ZH[kind]}")
        table.add_row(*_row(measured, len(least)))
    return table


def _row(measured: Measured, columns: int) -> list[str]:
    last = measured.figures[-1]
    aucs = [_figure(figure.roc_auc) for figure in measured.figures]
    return [
        f"{measured.name}{'↓' if measured.direction == 'low' else ''}",
        *([""] * (columns - len(aucs)) + aucs),
        _interval(last.roc_auc_interval),
        _figure(last.average_precision),
        f"{last.collusive}/{last.tenders}",
    ]


def _figure(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"


def _interval(interval: tuple[float, float] | None) -> str:
    return "—" if interval is None else f"{interval[0]:.3f}–{interval[1]:.3f}"
