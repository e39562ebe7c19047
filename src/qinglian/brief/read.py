"""What a brief needs of the marts, read with the role that the dashboards read with."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from qinglian.notices.news import NUMBER_DIGITS

#: Months of the board of lights.
MONTHS = 12
_DAYS_OF_WEEK = 7
#: Families that do not judge departments: that they have no lead of one says nothing.
_NOT_OF_DEPARTMENTS = frozenset({"procurement"})


class BriefError(ValueError):
    """There is nothing to make this brief of; the message says what is missing and the remedy."""


@dataclass(frozen=True)
class Week:
    """Monday to Sunday."""

    first: date

    @classmethod
    def of(cls, day: date) -> "Week":
        """The week that a day lies in."""
        return cls(day - timedelta(days=day.weekday()))

    @property
    def last(self) -> date:
        return self.first + timedelta(days=_DAYS_OF_WEEK - 1)


@dataclass(frozen=True)
class Place:
    """The hospital or department that a brief is about."""

    org_code: str
    org_name: str
    org_level_zh: str | None
    org_type_zh: str | None
    district_code: str | None
    district_name: str | None
    dept_code: str | None = None
    dept_name: str | None = None


@dataclass(frozen=True)
class Lead:
    """A lead as the list of leads has it, with what its indicator says of itself."""

    lead_id: str
    light: str
    light_zh: str
    indicator_id: str
    indicator_name_zh: str
    family: str
    family_zh: str
    dept_name: str | None
    subject_type: str
    subject_id: str
    subject_label: str
    period_start: date
    period_end: date
    period_month: date
    risk_gross: Decimal
    risk_fund: Decimal | None
    explanation_zh: str
    legal_basis: str | None
    false_positives_zh: str | None
    formula_zh: str | None
    is_active: bool
    first_seen_at: date
    last_seen_at: date

    @property
    def number(self) -> str:
        """The number under which the dashboards know it."""
        return self.lead_id[:NUMBER_DIGITS]


@dataclass(frozen=True)
class Light:
    """One cell of the board: a family in a month."""

    family: str
    family_zh: str
    period_month: date
    light: str
    lead_count: int
    red_count: int
    risk_gross: Decimal
    risk_fund: Decimal
    coverage_ratio: Decimal


@dataclass(frozen=True)
class Measured:
    """Numbers of a lead as its page shows them, `不适用` where its kind of rule has none."""

    value: str
    expected: str
    threshold: str
    limits: str
    peers: str


@dataclass(frozen=True)
class Quality:
    """Share of checks of the data that passed, by dimension."""

    dimension_zh: str
    numerator: Decimal
    denominator: Decimal


@dataclass(frozen=True)
class Gap:
    """Why indicators could not be computed, and for how many of them."""

    reason_zh: str
    indicators: int


@dataclass(frozen=True)
class DataState:
    """What the hospital's data can show: how fresh, how whole, what was held back."""

    last_as_of: date | None
    last_loaded_at: Any
    quarantined_rows: int
    landed_rows: int
    quality: tuple[Quality, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Facts:
    """All that a brief says, before it is put into words.

    `leads` are those found up to the end of the week, gone ones among them. `before` is the last
    day before the week on which anything was detected in the city, None where there was none.
    """

    place: Place
    week: Week
    detected_on: date
    before: date | None
    leads: tuple[Lead, ...]
    lights: tuple[Light, ...]
    state: DataState


def read_facts(
    connection: Connection[Any],
    organisation: str,
    department: str | None,
    day: date | None,
    families: Collection[str] | None,
) -> Facts:
    """Read what a brief says. `day` chooses the week, None the week of the last detection.

    Raises BriefError for a hospital or department that is not known, before the first detection,
    and for a week that no detection has reached.
    """
    place = _place(connection, organisation, department)
    detected = _one(connection, "select max(last_seen_at) from marts.lead_listing where is_active")
    detected = detected or _one(connection, "select max(last_seen_at) from marts.lead_listing")
    if detected is None:
        raise BriefError("no lead was ever found: run `qinglian detect` first")
    week = Week.of(day or detected)
    if week.first > detected:
        raise BriefError(
            f"the last detection was for {detected}, before the week from {week.first}; name a day"
            " of a week that was detected"
        )
    leads = tuple(
        lead
        for lead in _leads(connection, place, week)
        if families is None or lead.family in families
    )
    board = [
        light
        for light in _lights(connection, place, min(week.last, detected))
        if families is None or light.family in families
    ]
    if place.dept_code is not None:
        least = _one(connection, _LEAST_COVERAGE, {"org_code": organisation}) or Decimal(1)
        board = _of_department(board, leads, Decimal(least))
    return Facts(
        place,
        week,
        detected,
        _one(connection, _BEFORE, {"first": week.first}),
        leads,
        tuple(board),
        _state(connection, organisation, min(week.last, detected), families),
    )


_PLACE = """
select org_code, coalesce(org_name, org_code) as org_name, org_level_zh, org_type_zh,
    district_code, district_name
from marts.organisation where org_code = %(org_code)s
"""

_DEPARTMENTS = """
select entity_id as code, max(entity_label) as name from marts.entity_risk_month
where org_code = %(org_code)s and entity_type = 'department' group by entity_id
union
select dept_code, max(dept_name) from marts.lead_listing
where org_code = %(org_code)s and dept_code is not null group by dept_code
order by code
"""

#: A lead of a department is one of its own, or one that concerns it.
_LEADS = """
select
    listing.lead_id, listing.light, listing.light_zh, listing.indicator_id,
    listing.indicator_name_zh, listing.family, listing.family_zh, listing.dept_name,
    listing.subject_type, listing.subject_id, listing.subject_label,
    listing.period_start, listing.period_end,
    coalesce(hospital.period_month, listing.period_month) as period_month,
    coalesce(listing.risk_gross, 0) as risk_gross, listing.risk_fund, listing.explanation_zh,
    listing.legal_basis, listing.false_positives_zh, indicator.formula_zh, listing.is_active,
    listing.first_seen_at, listing.last_seen_at
from marts.lead_listing as listing
left join marts.indicator as indicator on listing.indicator_id = indicator.indicator_id
left join marts.lead_entity as hospital
    on listing.lead_id = hospital.lead_id and hospital.entity_type = 'hospital'
where listing.org_code = %(org_code)s and listing.first_seen_at <= %(last)s
    and (
        cast(%(dept_code)s as text) is null or listing.dept_code = %(dept_code)s
        or exists (
            select 1 from marts.lead_entity as concerned
            where concerned.lead_id = listing.lead_id and concerned.entity_type = 'department'
                and concerned.entity_id = %(dept_code)s
        )
    )
order by case listing.light when 'red' then 0 else 1 end, listing.risk_gross desc, listing.lead_id
"""

_LIGHTS = f"""
select family, family_zh, period_month, light, lead_count, red_count,
    coalesce(risk_gross, 0) as risk_gross, coalesce(risk_fund, 0) as risk_fund,
    coalesce(coverage_ratio, 0) as coverage_ratio
from marts.organisation_family_month
where org_code = %(org_code)s and period_month <= %(last)s
    and period_month > cast(%(last)s as date) - interval '{MONTHS} months'
order by family_zh, period_month
"""

_LEAST_COVERAGE = """
select value from marts.rule_threshold
where threshold_of = 'ALL' and param = 'min_coverage' and scope in ('*', %(org_code)s)
order by scope = '*', valid_from desc limit 1
"""

_BEFORE = """
select max(seen) from (
    select first_seen_at as seen from marts.lead_listing where first_seen_at < %(first)s
    union all
    select last_seen_at from marts.lead_listing where last_seen_at < %(first)s
) as days
"""

_MEASURED = """
select lead_id, item_zh, content_zh from marts.lead_detail
where section = 'why' and lead_id = any(%(lead_ids)s)
order by lead_id, item_no
"""

_FRESH = """
select max(delivery.last_as_of), max(delivery.last_loaded_at)
from marts.quality_delivery_month as delivery
where delivery.source_id in (
    select source_id from marts.lead_batch where org_code = %(org_code)s
)
"""

_HELD_BACK = f"""
select coalesce(sum(row_count) filter (where stage = 'quarantined'), 0),
    coalesce(sum(row_count) filter (where stage = 'landed'), 0)
from marts.control_total_month
where org_code = %(org_code)s and period_month <= %(last)s
    and period_month > cast(%(last)s as date) - interval '{MONTHS} months'
"""

_QUALITY = """
select dimension_zh, sum(numerator) as numerator, sum(denominator) as denominator
from marts.quality_scorecard
where org_code = %(org_code)s
    and period_month = (
        select max(period_month) from marts.quality_scorecard
        where org_code = %(org_code)s and period_month <= %(last)s
    )
group by dimension_zh
having sum(denominator) > 0
order by dimension_zh
"""

_GAPS = """
select coverage.reason_zh, cast(count(distinct coverage.indicator_id) as integer) as indicators
from marts.indicator_coverage as coverage
inner join marts.indicator as indicator on coverage.indicator_id = indicator.indicator_id
where coverage.org_code = %(org_code)s and coverage.coverage_ratio < 1
    and coverage.reason_zh is not null
    and (
        select least(max(last_month), date_trunc('month', cast(%(last)s as date)))
        from marts.indicator_coverage
        where org_code = %(org_code)s and first_month <= %(last)s
    ) between coverage.first_month and coverage.last_month
    and (cast(%(families)s as text[]) is null or indicator.family = any(%(families)s))
group by coverage.reason_zh
order by indicators desc, coverage.reason_zh
"""


def _place(connection: Connection[Any], organisation: str, department: str | None) -> Place:
    values = {"org_code": organisation}
    with connection.cursor(row_factory=class_row(Place)) as cursor:
        place = cursor.execute(_PLACE, values).fetchone()
    if place is None:
        known = connection.execute("select org_code from marts.organisation order by 1").fetchall()
        raise BriefError(
            f"there is no hospital {organisation}; there are {', '.join(c for (c,) in known)}"
        )
    if department is None:
        return place
    names = dict(connection.execute(_DEPARTMENTS, values).fetchall())
    if department not in names:
        raise BriefError(
            f"{place.org_name} has no department {department}; there are {', '.join(sorted(names))}"
        )
    own = {"dept_code": department, "dept_name": names[department] or department}
    return Place(**{**vars(place), **own})


def _leads(connection: Connection[Any], place: Place, week: Week) -> list[Lead]:
    values = {"org_code": place.org_code, "dept_code": place.dept_code, "last": week.last}
    with connection.cursor(row_factory=class_row(Lead)) as cursor:
        return cursor.execute(_LEADS, values).fetchall()


def _lights(connection: Connection[Any], place: Place, last: date) -> list[Light]:
    with connection.cursor(row_factory=class_row(Light)) as cursor:
        return cursor.execute(_LIGHTS, {"org_code": place.org_code, "last": last}).fetchall()


def _of_department(
    board: list[Light], leads: Collection[Lead], least_coverage: Decimal
) -> list[Light]:
    """The board with the department's own leads; what its hospital's data cannot show is grey."""
    cells = []
    for cell in board:
        own = [
            lead
            for lead in leads
            if lead.is_active
            and (lead.family, lead.period_month) == (cell.family, cell.period_month)
        ]
        red = sum(lead.light == "red" for lead in own)
        quiet = "green" if cell.coverage_ratio >= least_coverage else "grey"
        cells.append(
            Light(
                cell.family,
                cell.family_zh,
                cell.period_month,
                "red" if red else "yellow" if own else quiet,
                len(own),
                red,
                sum((lead.risk_gross for lead in own), Decimal(0)),
                sum((lead.risk_fund or Decimal(0) for lead in own), Decimal(0)),
                cell.coverage_ratio,
            )
        )
    return [c for c in cells if c.lead_count or c.family not in _NOT_OF_DEPARTMENTS]


def _state(
    connection: Connection[Any],
    organisation: str,
    last: date,
    families: Collection[str] | None,
) -> DataState:
    values = {
        "org_code": organisation,
        "last": last,
        "families": None if families is None else list(families),
    }
    fresh = connection.execute(_FRESH, values).fetchone() or (None, None)
    held = connection.execute(_HELD_BACK.encode(), values).fetchone() or (0, 0)
    with connection.cursor(row_factory=class_row(Quality)) as cursor:
        quality = tuple(cursor.execute(_QUALITY, values))
    with connection.cursor(row_factory=class_row(Gap)) as cursor:
        gaps = tuple(cursor.execute(_GAPS, values))
    return DataState(fresh[0], fresh[1], int(held[0]), int(held[1]), quality, gaps)


def read_measured(connection: Connection[Any], lead_ids: Collection[str]) -> dict[str, Measured]:
    """The numbers of these leads, as their pages show them."""
    said: dict[str, dict[str, str]] = {lead_id: {} for lead_id in lead_ids}
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_MEASURED, {"lead_ids": list(lead_ids)}):
            # What stands in brackets after a name explains it and may change.
            name = str(row["item_zh"]).split("（")[0]
            said[row["lead_id"]].setdefault(name, row["content_zh"])
    return {
        lead_id: Measured(
            value=items.get("指标值", "—"),
            expected=items.get("预期值", "—"),
            threshold=items.get("阈值", "—"),
            limits=items.get("控制限", "—"),
            peers=items.get("对照组或所见情形", "—"),
        )
        for lead_id, items in said.items()
    }


def _one(connection: Connection[Any], query: str, values: Any = None) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None
