"""Plots of the evaluation as SVG, to be set into a page: they load nothing."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

from qinglian.evaluation.entities import Ranking, RankingComparison
from qinglian.evaluation.matching import IndicatorResult
from qinglian.evaluation.report import ENTITY_ZH, METHOD_ZH

_COLOURS = {"score": "#1f6f8b", "leads": "#c62f38", "spend": "#8a8f98"}
_METHOD_EN = {"score": "score", "leads": "leads", "spend": "total charges"}
_QUARTILES = ("最少 least", "二 2nd", "三 3rd", "最多 most")
_STYLE: dict[RcKeyType, Any] = {
    # Text stays text: the reader's browser has the fonts for Chinese.
    "svg.fonttype": "none",
    "font.family": ["sans-serif"],
    # Names of clip paths are drawn at random otherwise.
    "svg.hashsalt": "qinglian",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 10,
}


def precision_recall_plot(comparison: RankingComparison) -> str:
    """Precision over recall of each ranking of one kind of entity, with the base rate.

    Empty axes where nobody is in a scheme: there is no recall then.
    """
    with _figure(5.2, 4.0) as figure:
        axes = figure.add_subplot()
        for ranking in comparison.rankings:
            if not ranking.precision_recall:
                continue
            recall = [0.0, *(r for r, _ in ranking.precision_recall)]
            precision = [p for _, p in ranking.precision_recall]
            axes.step(
                recall,
                [*precision[:1], *precision],
                where="pre",
                color=_COLOURS[ranking.method],
                label=_method(ranking),
            )
        base_rate = comparison.rankings[0].quality.base_rate
        if base_rate is not None:
            axes.axhline(base_rate, color="#444444", linestyle=":", label="随机 random")
        axes.set(
            xlim=(0, 1.01),
            ylim=(0, 1.05),
            xlabel="召回 recall",
            ylabel="精确率 precision",
            title=ENTITY_ZH[comparison.entity_type] + " " + comparison.entity_type,
        )
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        return _svg(figure)


def control_plot(comparisons: tuple[RankingComparison, ...]) -> str:
    """Average precision of each ranking beside the range of the shuffled control."""
    rows = [
        (f"{ENTITY_ZH[c.entity_type]} · {METHOD_ZH[r.method]}", r)
        for c in comparisons
        for r in c.rankings
    ]
    with _figure(7.2, 0.42 * len(rows) + 1.0) as figure:
        axes = figure.add_subplot()
        for place, (_, ranking) in enumerate(rows):
            if (control := ranking.control) is not None:
                axes.plot([control.low, control.high], [place, place], color="#c9ced6", linewidth=8)
                axes.plot([control.mean], [place], marker="|", color="#444444", markersize=10)
            if (figure_ := ranking.quality.average_precision) is not None:
                axes.plot([figure_], [place], marker="o", color=_COLOURS[ranking.method])
        axes.set_yticks(range(len(rows)), [label for label, _ in rows])
        axes.invert_yaxis()
        axes.set(xlim=(0, 1.02), xlabel="平均精确率 average precision")
        return _svg(figure)


def quartile_plot(comparison: RankingComparison) -> str:
    """Average precision within the quartiles of spend; no bar where nobody is in a scheme."""
    with _figure(5.2, 3.4) as figure:
        axes = figure.add_subplot()
        width = 0.8 / len(comparison.rankings)
        for number, ranking in enumerate(comparison.rankings):
            axes.bar(
                [quartile + number * width for quartile in range(len(ranking.quartiles))],
                [quality.average_precision or 0.0 for quality in ranking.quartiles],
                width=width,
                color=_COLOURS[ranking.method],
                label=_method(ranking),
            )
        axes.set_xticks([q + width for q in range(len(_QUARTILES))], _QUARTILES)
        axes.set(
            ylim=(0, 1.05),
            ylabel="AP",
            title=ENTITY_ZH[comparison.entity_type] + " " + comparison.entity_type,
        )
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
        return _svg(figure)


def indicator_plot(results: tuple[IndicatorResult, ...]) -> str:
    """Recall and precision of each indicator that has a scheme or a lead."""
    with _figure(7.2, 0.3 * len(results) + 1.0) as figure:
        axes = figure.add_subplot()
        for place, result in enumerate(results):
            if result.recall is not None:
                axes.plot([result.recall], [place], marker="o", color="#1f6f8b")
            if result.precision is not None:
                axes.plot(
                    [result.precision], [place], marker="D", color="#eba91c", fillstyle="none"
                )
        axes.set_yticks(range(len(results)), [result.indicator_id for result in results])
        axes.invert_yaxis()
        axes.set(xlim=(-0.02, 1.02), xlabel="● 召回 recall   ◇ 精确 precision")
        axes.grid(axis="x", color="#eeeeee")
        return _svg(figure)


def _method(ranking: Ranking) -> str:
    return f"{METHOD_ZH[ranking.method]} {_METHOD_EN[ranking.method]}"


@contextmanager
def _figure(width: float, height: float) -> Iterator[Figure]:
    """A figure of so many inches, drawn with the style of the report."""
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # The font that measures the text lacks Chinese; the browser that draws it does not.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield Figure(figsize=(width, height), layout="constrained")


def _svg(figure: Figure) -> str:
    """The drawing as an element of HTML: without prologue, and the same for the same data."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return text[text.index("<svg") :]
