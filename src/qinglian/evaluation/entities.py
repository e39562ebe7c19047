"""Doctors, departments and hospitals: their scores, leads and spend, and who is in a scheme."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from psycopg import Connection

from qinglian.evaluation.matching import Lead
from qinglian.evaluation.ranking import (
    RankingQuality,
    ShuffledControl,
    precision_recall,
    ranking_quality,
    shuffled_control,
)
from qinglian.evaluation.truth import Scheme

CUTOFFS = (5, 10, 50)
ENTITY_TYPES = ("doctor", "department", "hospital")
#: What entities are ranked by: the size-neutral score, their leads, and naively their charges.
METHODS = ("score", "leads", "spend")
_QUARTILES = 4

#: (organisation, code within it); the code of a hospital is empty.
Entity = tuple[str, str]

#: A score compared from left to right.
Score = tuple[float, ...]

_NO_LEAD: Score = (0.0, 0.0, 0.0)
_NO_SCORE: Score = (-1.0,)

_CODE_COLUMN = {"doctor": "doctor_code", "department": "dept_code"}


def total_spend(connection: Connection, entity_type: str) -> dict[Entity, Decimal]:
    """Net charges of every entity that charged anything: the naive order to look at them."""
    column = _CODE_COLUMN.get(entity_type, "''")
    rows = connection.execute(
        f"""
        select org_code, {column} as code, sum(net_amount) as amount
        from core.fct_fee_line
        where {column} is not null
        group by 1, 2
        """
    ).fetchall()
    return {(org_code, code): amount for org_code, code, amount in rows}


def subject_scores(connection: Connection, entity_type: str) -> dict[Entity, Score]:
    """The size-neutral score (marts.subject_score) of every entity that has one."""
    rows = connection.execute(
        """
        select org_code, case when entity_type = 'hospital' then '' else entity_id end, score
        from marts.subject_score
        where entity_type = %s and score is not null
        """,
        (entity_type,),
    ).fetchall()
    return {(org_code, code): (float(score),) for org_code, code, score in rows}


def lead_scores(leads: Iterable[Lead], entity_type: str) -> dict[Entity, Score]:
    """Score of every entity with a lead: red leads, indicators that fired, amount at risk."""
    code_of = _lead_code(entity_type)
    grouped: dict[Entity, list[Lead]] = defaultdict(list)
    for lead in leads:
        if (code := code_of(lead)) is not None:
            grouped[lead.org_code, code].append(lead)
    return {
        entity: (
            float(sum(lead.light == "red" for lead in own)),
            float(len({lead.indicator_id for lead in own})),
            float(sum(lead.risk_gross for lead in own)),
        )
        for entity, own in grouped.items()
    }


def _lead_code(entity_type: str) -> Callable[[Lead], str | None]:
    if entity_type == "doctor":
        return lambda lead: lead.doctor_code
    if entity_type == "department":
        return lambda lead: lead.dept_code
    return lambda lead: ""


def entities_in_schemes(
    connection: Connection, schemes: Sequence[Scheme], entity_type: str
) -> set[Entity]:
    """Entities that a true scheme names: doctors as its subject, with a product, a measure or
    neither, departments as its subject, with a measure of cost, a scan or neither, as theirs or as
    those of its encounters, hospitals as the place.
    """
    if entity_type == "hospital":
        return {(scheme.org_code, "") for scheme in schemes}
    doctors = _subjects(schemes, "doctor", "doctor_product", "doctor_series")
    if entity_type == "doctor":
        return doctors
    departments = _subjects(schemes, "department", "department_cost", "department_scan")
    encounters = _subjects(schemes, "encounter")
    home = _departments(
        connection,
        "select org_code, doctor_code, dept_code from core.dim_doctor where doctor_code = any(%s)",
        doctors,
    )
    stays = _departments(
        connection,
        "select org_code, mdtrt_id, dept_code from core.fct_stay where mdtrt_id = any(%s)",
        encounters,
    )
    visits = _departments(
        connection,
        """
        select org_code, hi_mdtrt_id, max(dept_code) from core.fct_fee_line
        where hi_mdtrt_id = any(%s) group by org_code, hi_mdtrt_id
        """,
        encounters - stays.keys(),
    )
    return departments | {
        (org_code, dept_code)
        for places in (home, stays, visits)
        for (org_code, _), dept_code in places.items()
    }


def _departments(
    connection: Connection, query: str, subjects: Iterable[Entity]
) -> dict[Entity, str]:
    wanted = set(subjects)
    rows = connection.execute(query, ([code for _, code in wanted],)).fetchall()
    return {
        (org_code, code): dept_code
        for org_code, code, dept_code in rows
        if (org_code, code) in wanted and dept_code is not None
    }


def _subjects(schemes: Sequence[Scheme], *subject_types: str) -> set[Entity]:
    """Who the schemes of these types are about: what stands before the first bar."""
    return {
        (s.org_code, s.subject_id.partition("|")[0])
        for s in schemes
        if s.subject_type in subject_types
    }


@dataclass(frozen=True)
class Ranking:
    """Entities ranked by one method: over all, within each quartile of spend, and shuffled.

    `quartiles` run from the least spend to the most.
    """

    method: str
    quality: RankingQuality
    control: ShuffledControl | None
    quartiles: tuple[RankingQuality, ...]
    precision_recall: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class RankingComparison:
    """The rankings of one kind of entity by each of `METHODS`, over the same entities.

    `unscored` entities have no size-neutral score and come last in the ranking by it.
    """

    entity_type: str
    unscored: int
    rankings: tuple[Ranking, ...]


def compare_rankings(
    entity_type: str,
    spend: Mapping[Entity, Decimal],
    scores: Mapping[Entity, Score],
    leads: Mapping[Entity, Score],
    in_schemes: set[Entity],
) -> RankingComparison:
    """Judge the rankings of the entities that charged anything."""
    entities = sorted(spend)
    quartile = spend_quartiles(spend)
    by_method: dict[str, list[Score]] = {
        "score": [scores.get(entity, _NO_SCORE) for entity in entities],
        "leads": [leads.get(entity, _NO_LEAD) for entity in entities],
        "spend": [(float(spend[entity]),) for entity in entities],
    }
    relevant = [entity in in_schemes for entity in entities]
    groups = [[quartile[e] == number for e in entities] for number in range(_QUARTILES)]
    return RankingComparison(
        entity_type,
        unscored=sum(entity not in scores for entity in entities),
        rankings=tuple(
            Ranking(
                method,
                ranking_quality(by_method[method], relevant, CUTOFFS),
                shuffled_control(by_method[method], relevant),
                tuple(_within(by_method[method], relevant, group) for group in groups),
                precision_recall(by_method[method], relevant),
            )
            for method in METHODS
        ),
    )


def spend_quartiles(spend: Mapping[Entity, Decimal]) -> dict[Entity, int]:
    """Quartile of each entity by spend, 0 the least; equal spend is parted by the entity's key."""
    ordered = sorted(spend, key=lambda entity: (spend[entity], entity))
    return {entity: place * _QUARTILES // len(ordered) for place, entity in enumerate(ordered)}


def _within(
    scores: Sequence[Score], relevant: Sequence[bool], group: Sequence[bool]
) -> RankingQuality:
    return ranking_quality(
        [score for score, inside in zip(scores, group, strict=True) if inside],
        [label for label, inside in zip(relevant, group, strict=True) if inside],
        CUTOFFS,
    )
