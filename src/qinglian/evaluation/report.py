"""The evaluation as data, as JSON and as text."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from qinglian.evaluation.entities import CUTOFFS, Ranking, RankingComparison
from qinglian.evaluation.matching import IndicatorResult
from qinglian.suppliers.quality import Quality

ENTITY_ZH = {"doctor": "医师", "department": "科室", "hospital": "医院"}
SUPPLIERS_ZH = {
    "same": "供应商同一主体 suppliers of one company",
    "affiliated": "供应商关联 affiliated suppliers",
}
METHOD_ZH = {"score": "得分", "leads": "线索", "spend": "总金额"}


@dataclass(frozen=True)
class DataDescription:
    """On which data the figures were measured."""

    database: str
    truth_file: str
    seed: int | None
    clean: bool
    schemes: int
    organisations: int
    first_month: date | None
    last_month: date | None
    fee_lines: int
    leads: int
    detected_on: date | None


@dataclass(frozen=True)
class EvaluationReport:
    """What was found of what was planted, and what was reported that should not have been."""

    data: DataDescription
    indicators: tuple[IndicatorResult, ...]
    honest_outliers: int
    honest_outliers_red: tuple[str, ...]
    rankings: tuple[RankingComparison, ...]
    suppliers: Mapping[str, Quality] = field(default_factory=dict)

    @property
    def clean_city(self) -> str:
        """What the leads of a clean city are; nothing is said of any other."""
        if not self.data.clean:
            return ""
        red = sum(result.leads_red for result in self.indicators)
        return (
            f"没有预设违规，案例都是诚实的：{self.data.leads} 条线索都是误报，其中红灯 {red} 条。"
            "Nothing irregular was planted, the cases are honest: "
            f"all {self.data.leads} leads are false, {red} red."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`; amounts as decimal text, dates as ISO text."""
        content = _plain(asdict(self))
        for plain, result in zip(content["indicators"], self.indicators, strict=True):
            plain |= {"recall": result.recall, "precision": result.precision}
        for plain, comparison in zip(content["rankings"], self.rankings, strict=True):
            for entry, ranking in zip(plain["rankings"], comparison.rankings, strict=True):
                entry["quality"]["base_rate"] = ranking.quality.base_rate
        content["suppliers"] = {kind: found.to_json() for kind, found in self.suppliers.items()}
        return dict(content)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (date, Decimal)):
        return str(value)
    return value


def render(report: EvaluationReport) -> RenderableType:
    """The report as rich text: data, indicators, rankings, and what fired wrongly."""
    return Group(
        _data_text(report),
        _indicator_table(report.indicators),
        _ranking_table(report.rankings),
        _control_table(report.rankings),
        _quartile_table(report.rankings),
        _fault_text(report),
    )


def _data_text(report: EvaluationReport) -> Text:
    data = report.data
    return Text(
        f"数据 Data: {data.database}, 合成城市 synthetic city seed {data.seed}, "
        f"{data.organisations} 家机构 organisations, {data.first_month} – {data.last_month}, "
        f"{data.fee_lines} 行收费 fee lines; {data.schemes} 个预设案例 planted cases "
        f"({data.truth_file}); {data.leads} 条线索 leads, 检出日 detected on {data.detected_on}. "
        + report.clean_city
    )


def _indicator_table(results: tuple[IndicatorResult, ...]) -> Table:
    table = Table(title="指标检出 Detection by indicator")
    for header in (
        "指标",
        "预设 planted",
        "检出 found",
        "召回 recall",
        "线索 leads",
        "红灯 red",
        "精确 precision",
        "预设金额",
        "检出金额",
        "临界误报 near",
        "豁免误报 guarded",
    ):
        # One language a line: the table then fits most terminals.
        table.add_column(header.replace(" ", "\n"), justify="left" if header == "指标" else "right")
    for r in results:
        table.add_row(
            r.indicator_id,
            str(r.planted),
            str(r.found),
            share(r.recall),
            str(r.leads),
            str(r.leads_red),
            share(r.precision),
            f"{r.amount_planted:,.2f}",
            f"{r.amount_found:,.2f}",
            f"{len(r.near_misses_fired)}/{r.near_misses}",
            f"{len(r.guarded_fired)}/{r.guarded}",
        )
    return table


def _ranking_table(comparisons: tuple[RankingComparison, ...]) -> Table:
    table = Table(title="排序 Ranking: 得分 score, 线索 leads, 总金额 total charges")
    table.add_column("对象")
    table.add_column("方式")
    for header in ("个数", "涉案", "AP", "AUC", *(f"P@{k}" for k in CUTOFFS), "P@5%"):
        table.add_column(header, justify="right")
    for comparison in comparisons:
        for ranking in comparison.rankings:
            quality = ranking.quality
            table.add_row(
                ENTITY_ZH[comparison.entity_type],
                METHOD_ZH[ranking.method],
                str(quality.entities),
                str(quality.relevant),
                share(quality.average_precision),
                share(quality.roc_auc),
                *(share(quality.precision_at[k]) for k in CUTOFFS),
                share(quality.precision_at_capacity),
            )
    return table


def _quartile_table(comparisons: tuple[RankingComparison, ...]) -> Table:
    table = Table(title="金额四分位内 Within quartiles of spend: AP (涉案 in schemes / 个数 all)")
    table.add_column("对象")
    table.add_column("方式")
    for header in ("最少", "二", "三", "最多"):
        table.add_column(header, justify="right")
    for comparison in comparisons:
        for ranking in comparison.rankings:
            table.add_row(
                ENTITY_ZH[comparison.entity_type],
                METHOD_ZH[ranking.method],
                *(
                    f"{share(q.average_precision)} ({q.relevant}/{q.entities})"
                    for q in ranking.quartiles
                ),
            )
    return table


def _control_table(comparisons: tuple[RankingComparison, ...]) -> Table:
    table = Table(title="标签打乱的对照 Shuffled labels: AP, mean [95 %]")
    for header in ("对象", "方式", "AP", "打乱 shuffled"):
        table.add_column(header, justify="right" if header == "AP" else "left")
    for comparison in comparisons:
        for ranking in comparison.rankings:
            table.add_row(
                ENTITY_ZH[comparison.entity_type],
                METHOD_ZH[ranking.method],
                share(ranking.quality.average_precision),
                control_text(ranking),
            )
    return table


def control_text(ranking: Ranking) -> str:
    """Mean of the shuffled control and the range that holds 95 % of it."""
    control = ranking.control
    return f"{control.mean:.3f} [{control.low:.3f}, {control.high:.3f}]" if control else "–"


def _fault_text(report: EvaluationReport) -> Text:
    lines = [
        f"诚实离群者红灯 honest outliers red: {len(report.honest_outliers_red)}"
        f"/{report.honest_outliers} {' '.join(report.honest_outliers_red)}"
    ]
    lines.extend(
        f"{SUPPLIERS_ZH[kind]}: 精确 precision {share(found.precision)},"
        f" 召回 recall {share(found.recall)}, F1 {share(found.f1)}"
        for kind, found in report.suppliers.items()
    )
    lines.extend(faults(report.indicators))
    return Text("\n".join(lines))


def faults(results: tuple[IndicatorResult, ...]) -> Iterator[str]:
    """A line for each indicator and kind of fault: what was missed, or fired and should not."""
    for r in results:
        for label, schemes in (
            ("未检出 missed", r.missed),
            ("临界误报 near misses fired", r.near_misses_fired),
            ("豁免误报 guarded fired", r.guarded_fired),
        ):
            if schemes:
                yield f"{r.indicator_id} {label}: {' '.join(schemes)}"


def share(value: float | None) -> str:
    """A share with three decimals, a dash where there is none."""
    return "–" if value is None else f"{value:.3f}"
