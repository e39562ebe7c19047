"""Kinds of planted cases and their strengths, and the shape in which lists of them are written."""

from qinglian.city.schemes import Action

TRUE, NEAR, GUARDED, HONEST = "true", "near_miss", "guarded", "honest_outlier"
STRONG, MEDIUM, WEAK = "strong", "medium", "weak"

#: hospital, case, strength, first month, last month of 2025, action, note
Row = tuple[int, str, str | None, int, int, Action, str]
