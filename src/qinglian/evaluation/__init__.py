"""Leads measured against what is known to be true: the planted schemes of the synthetic city."""

from qinglian.evaluation.evaluate import evaluate
from qinglian.evaluation.report import EvaluationReport, render

__all__ = ["EvaluationReport", "evaluate", "render"]
