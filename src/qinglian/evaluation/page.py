"""The evaluation as one HTML page that needs no network."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from qinglian.evaluation.entities import CUTOFFS
from qinglian.evaluation.plots import (
    control_plot,
    indicator_plot,
    precision_recall_plot,
    quartile_plot,
)
from qinglian.evaluation.report import (
    ENTITY_ZH,
    METHOD_ZH,
    EvaluationReport,
    control_text,
    faults,
    share,
)


def render_page(report: EvaluationReport) -> str:
    """The report as HTML: figures, plots as SVG, styles, all in one text."""
    environment = Environment(
        loader=PackageLoader("qinglian"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"share": share, "control": control_text}
    return environment.get_template("evaluation.html.j2").render(
        report=report,
        cutoffs=CUTOFFS,
        entities=ENTITY_ZH,
        methods=METHOD_ZH,
        faults=list(faults(report.indicators)),
        plots={
            "precision_recall": [precision_recall_plot(c) for c in report.rankings],
            "control": control_plot(report.rankings),
            "quartiles": [quartile_plot(c) for c in report.rankings],
            "indicators": indicator_plot(report.indicators),
        },
    )
