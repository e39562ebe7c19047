"""Doctors, departments and hospitals: their spend, their leads, and who is in a scheme."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from psycopg import Connection

from qinglian.evaluation.matching import Lead
from qinglian.evaluation.ranking import RankingQuality, ranking_quality
from qinglian.evaluation.truth import Scheme

CUTOFFS = (5, 10, 50)
ENTITY_TYPES = ("doctor", "department", "hospital")

#: (organisation, code within it); the code of a hospital is empty.
Entity = tuple[str, str]

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


def lead_scores(leads: Iterable[Lead], entity_type: str) -> dict[Entity, tuple[float, ...]]:
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
    """Entities that a true scheme names: doctors as its subject, departments as theirs or as those
    of its encounters, hospitals as the place.
    """
    if entity_type == "hospital":
        return {(scheme.org_code, "") for scheme in schemes}
    doctors = {(s.org_code, s.subject_id) for s in schemes if s.subject_type == "doctor"}
    if entity_type == "doctor":
        return doctors
    encounters = {(s.org_code, s.subject_id) for s in schemes if s.subject_type == "encounter"}
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
    return {
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


def compare_rankings(
    spend: Mapping[Entity, Decimal],
    scores: Mapping[Entity, tuple[float, ...]],
    in_schemes: set[Entity],
) -> tuple[RankingQuality, RankingQuality]:
    """Quality of the ranking by score and of the naive one, over the same entities."""
    entities = sorted(spend)
    relevant = [entity in in_schemes for entity in entities]
    no_lead = (0.0, 0.0, 0.0)
    by_score = [scores.get(entity, no_lead) for entity in entities]
    by_spend = [(float(spend[entity]),) for entity in entities]
    return (
        ranking_quality(by_score, relevant, CUTOFFS),
        ranking_quality(by_spend, relevant, CUTOFFS),
    )
