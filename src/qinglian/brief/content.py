"""The brief in words: leads of one subject together, red first; what changed; what to ask."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from qinglian.brief.questions import Questions, questions_of
from qinglian.brief.read import Facts, Lead, Light, Measured
from qinglian.notices.links import lead_link
from qinglian.notices.statement import NO_NAMES, STATEMENT

_ORDER = {"red": 0, "yellow": 1}
LIGHTS_ZH = {"red": "红", "yellow": "黄", "green": "绿", "grey": "灰"}
_NEWEST = 5
_GAPS = 5
_NOT_APPLICABLE = "不适用"
#: A code that the page of a lead shows behind its name.
_CODE = re.compile(r"（[A-Za-z0-9_|.*/-]+）$")


@dataclass(frozen=True)
class Length:
    """How much a brief shows: it shall fit on three sheets."""

    subjects: int
    indicators: int


#: Tried in this order until the brief fits.
LENGTHS = (Length(12, 8), Length(10, 7), Length(8, 6), Length(8, 5), Length(6, 4), Length(4, 2))
#: Indicators by which the other leads are added up, one by one.
_SUMMED = 24


@dataclass(frozen=True)
class Group:
    """Active leads of one indicator on one subject; the first is the one with most at risk."""

    leads: tuple[Lead, ...]

    @property
    def first(self) -> Lead:
        return self.leads[0]

    @property
    def light(self) -> str:
        return min((lead.light for lead in self.leads), key=lambda light: _ORDER.get(light, 9))

    @property
    def risk_gross(self) -> Decimal:
        return sum((lead.risk_gross for lead in self.leads), Decimal(0))

    @property
    def risk_fund(self) -> Decimal | None:
        funds = [lead.risk_fund for lead in self.leads if lead.risk_fund is not None]
        return sum(funds, Decimal(0)) if funds else None


def standing(facts: Facts) -> list[Lead]:
    """Leads that stood at the end of the week, or at the last detection."""
    until = min(facts.week.last, facts.detected_on)
    return [lead for lead in facts.leads if lead.is_active or lead.last_seen_at >= until]


def new_ones(facts: Facts) -> list[Lead]:
    """Leads that were first found in the week."""
    return [lead for lead in standing(facts) if lead.first_seen_at >= facts.week.first]


def gone_ones(facts: Facts) -> list[Lead]:
    """Leads that were found before and no longer at the end of the week."""
    since = facts.before or facts.week.first
    stand = {lead.lead_id for lead in standing(facts)}
    return [
        lead for lead in facts.leads if lead.lead_id not in stand and lead.last_seen_at >= since
    ]


def groups_of(leads: Iterable[Lead]) -> list[Group]:
    """Leads by indicator and subject: red first, among equals those with most at risk."""
    found: dict[tuple[str, str, str], list[Lead]] = {}
    for lead in leads:
        found.setdefault((lead.indicator_id, lead.subject_type, lead.subject_id), []).append(lead)
    groups = [
        Group(tuple(sorted(own, key=lambda lead: (_ORDER.get(lead.light, 9), -lead.risk_gross))))
        for own in found.values()
    ]
    return sorted(
        groups,
        key=lambda group: (_ORDER.get(group.light, 9), -group.risk_gross, group.first.lead_id),
    )


def page_values(
    facts: Facts,
    length: Length,
    measured: Mapping[str, Measured],
    address: str | None,
) -> dict[str, Any]:
    """What the template shows. `address` is where people open Superset."""
    stand = standing(facts)
    groups = groups_of(stand)
    shown = groups[: length.subjects]
    new, gone = new_ones(facts), gone_ones(facts)
    red = [lead for lead in stand if lead.light == "red"]

    def row(group: Group) -> dict[str, Any]:
        return _row(group, measured.get(group.first.lead_id), address)

    return {
        "place": facts.place,
        "title": facts.place.dept_name or facts.place.org_name,
        "week": facts.week,
        "detected_on": facts.detected_on,
        "is_past": facts.week.last < facts.detected_on,
        "has_before": facts.before is not None,
        "figures": {
            "red": len(red),
            "yellow": len(stand) - len(red),
            "new": len(new),
            "gone": len(gone),
            "before": len(stand) - len(new) + len(gone),
            **_amounts(facts, stand),
        },
        "months": sorted({cell.period_month for cell in facts.lights}),
        "board": _board(facts.lights),
        "rows": [row(group) for group in shown],
        "newest": [row(group) for group in groups_of(new)[:_NEWEST]] if facts.before else [],
        "gone": [row(group) for group in groups_of(gone)[:_NEWEST]],
        "rest": _by_indicator(groups[length.subjects :]),
        "asked": _asked(groups, length.indicators),
        "state": facts.state,
        "gaps": facts.state.gaps[:_GAPS],
        "more_gaps": max(0, len(facts.state.gaps) - _GAPS),
        "coverage": _coverage(facts.lights),
        "statement": STATEMENT,
        "no_names": NO_NAMES,
    }


def _amounts(facts: Facts, stand: list[Lead]) -> dict[str, Decimal]:
    """Money at risk of the board's months: a row counts once in a family and month. A department
    has no such sum of its own: there the leads are added up."""
    if facts.place.dept_code is None:
        return {
            "gross": sum((cell.risk_gross for cell in facts.lights), Decimal(0)),
            "fund": sum((cell.risk_fund for cell in facts.lights), Decimal(0)),
        }
    return {
        "gross": sum((lead.risk_gross for lead in stand), Decimal(0)),
        "fund": sum((lead.risk_fund or Decimal(0) for lead in stand), Decimal(0)),
    }


def _row(group: Group, measured: Measured | None, address: str | None) -> dict[str, Any]:
    lead = group.first
    return {
        "light": group.light,
        "light_zh": LIGHTS_ZH.get(group.light, lead.light_zh),
        "number": lead.number,
        "link": lead_link(address, lead.lead_id),
        "indicator": f"{lead.indicator_id} {lead.indicator_name_zh}",
        "dept": lead.dept_name if lead.dept_name not in (None, "—") else None,
        "subject": lead.subject_label,
        "count": len(group.leads),
        "period": _period(group),
        "gross": group.risk_gross,
        "fund": group.risk_fund,
        "why": lead.explanation_zh,
        "numbers": _numbers(measured),
        "since": min(one.first_seen_at for one in group.leads),
    }


def _numbers(measured: Measured | None) -> str:
    """Found against expected, without what this kind of rule does not have."""
    if measured is None:
        return ""
    said = [
        f"{name} {_CODE.sub('', text)}"
        for name, text in (
            ("指标值", measured.value),
            ("预期", measured.expected),
            ("阈值", measured.threshold),
            ("控制限", measured.limits),
            ("对照", measured.peers),
        )
        if text not in ("—", _NOT_APPLICABLE)
    ]
    return "；".join(said)


def _period(group: Group) -> str:
    first = min(lead.period_start for lead in group.leads)
    last = max(lead.period_end for lead in group.leads)
    return f"{first:%Y-%m}" if _same_month(first, last) else f"{first:%Y-%m} 至 {last:%Y-%m}"


def _same_month(first: date, last: date) -> bool:
    return (first.year, first.month) == (last.year, last.month)


def _board(lights: Iterable[Light]) -> list[dict[str, Any]]:
    """A line for each family, by months."""
    families: dict[str, dict[str, Any]] = {}
    for cell in lights:
        line = families.setdefault(cell.family, {"family_zh": cell.family_zh, "cells": {}})
        line["cells"][cell.period_month] = cell
    for line in families.values():
        cells = line["cells"].values()
        line["lead_count"] = sum(cell.lead_count for cell in cells)
        line["red_count"] = sum(cell.red_count for cell in cells)
        line["risk_gross"] = sum((cell.risk_gross for cell in cells), Decimal(0))
    return sorted(families.values(), key=lambda line: (-line["red_count"], -line["risk_gross"]))


def _by_indicator(groups: Iterable[Group]) -> list[dict[str, Any]]:
    """What is not shown one by one: leads, red ones among them and money by indicator."""
    found: dict[str, dict[str, Any]] = {}
    for group in groups:
        lead = group.first
        line = found.setdefault(
            lead.indicator_id,
            {
                "indicator": f"{lead.indicator_id} {lead.indicator_name_zh}",
                "leads": 0,
                "red": 0,
                "gross": Decimal(0),
            },
        )
        line["leads"] += len(group.leads)
        line["red"] += sum(one.light == "red" for one in group.leads)
        line["gross"] += group.risk_gross
    lines = sorted(found.values(), key=lambda line: (-line["red"], -line["gross"]))
    if len(lines) <= _SUMMED:
        return lines
    others = lines[_SUMMED - 1 :]
    last = {"indicator": f"其他 {len(others)} 项指标"}
    return [
        *lines[: _SUMMED - 1],
        last | {key: sum(line[key] for line in others) for key in ("leads", "red", "gross")},
    ]


def _asked(groups: Iterable[Group], indicators: int) -> list[dict[str, Any]]:
    """The indicators of the leads in their order, each once, with its questions."""
    firsts: dict[str, Lead] = {}
    for group in groups:
        firsts.setdefault(group.first.indicator_id, group.first)
    return [
        {
            "indicator": f"{lead.indicator_id} {lead.indicator_name_zh}",
            "questions": questions_of(lead.false_positives_zh),
            "formula": lead.formula_zh,
            "basis": lead.legal_basis,
        }
        for lead in list(firsts.values())[:indicators]
        if _has_any(questions_of(lead.false_positives_zh)) or lead.formula_zh
    ]


def _has_any(questions: Questions) -> bool:
    return bool(questions.ask or questions.show or questions.mind)


def _coverage(lights: Iterable[Light]) -> list[dict[str, Any]]:
    """Mean coverage of each family in the newest month, and how many months are grey."""
    cells = list(lights)
    if not cells:
        return []
    newest = max(cell.period_month for cell in cells)
    return [
        {
            "family_zh": cell.family_zh,
            "ratio": cell.coverage_ratio,
            "grey": sum(c.light == "grey" and c.family == cell.family for c in cells),
        }
        for cell in cells
        if cell.period_month == newest
    ]
