"""The evaluation as a whole: reads the warehouse and the truth, returns the report."""

from pathlib import Path

from psycopg import Connection
from psycopg.rows import class_row

from qinglian.evaluation.entities import (
    ENTITY_TYPES,
    RankingComparison,
    compare_rankings,
    entities_in_schemes,
    lead_scores,
    subject_scores,
    total_spend,
)
from qinglian.evaluation.matching import Lead, indicator_results, red_honest_outliers
from qinglian.evaluation.report import DataDescription, EvaluationReport
from qinglian.evaluation.supplier_identity import supplier_identity
from qinglian.evaluation.truth import Truth, read_truth
from qinglian.warehouse.server import WAREHOUSE, Server


def evaluate(server: Server, truth_path: Path) -> EvaluationReport:
    """Measure the active leads of the warehouse against the truth file of its city.

    Raises `TruthFileError` where the file is unreadable. The truth is read here and nowhere else:
    no detection sees it.
    """
    truth = read_truth(truth_path)
    with server.connect("transformer") as connection:
        leads = _active_leads(connection)
        return EvaluationReport(
            data=_describe(connection, server, truth, leads),
            indicators=indicator_results(leads, truth),
            honest_outliers=len(truth.of_case("honest_outlier")),
            honest_outliers_red=red_honest_outliers(leads, truth),
            rankings=tuple(
                _compare(connection, leads, truth, entity_type) for entity_type in ENTITY_TYPES
            ),
            suppliers=supplier_identity(connection, truth),
        )


def _active_leads(connection: Connection) -> list[Lead]:
    with connection.cursor(row_factory=class_row(Lead)) as cursor:
        return cursor.execute(
            """
            select
                lead.indicator_id, lead.org_code, lead.subject_type, lead.subject_id,
                lead.dept_code, lead.doctor_code, lead.period_start, lead.period_end, lead.light,
                coalesce(lead.risk_gross, 0) as risk_gross, indicator.family
            from marts.lead as lead
            join marts.indicator as indicator using (indicator_id)
            where lead.is_active
            """
        ).fetchall()


def _compare(
    connection: Connection, leads: list[Lead], truth: Truth, entity_type: str
) -> RankingComparison:
    return compare_rankings(
        entity_type,
        total_spend(connection, entity_type),
        subject_scores(connection, entity_type),
        lead_scores(leads, entity_type),
        entities_in_schemes(connection, truth.of_case("true"), entity_type),
    )


def _describe(
    connection: Connection, server: Server, truth: Truth, leads: list[Lead]
) -> DataDescription:
    row = connection.execute(
        """
        select
            (select count(*) from core.dim_organisation),
            min(service_month), max(service_month), count(*)
        from core.fct_fee_line
        """
    ).fetchone()
    organisations, first_month, last_month, fee_lines = row or (0, None, None, 0)
    last_seen = connection.execute("select max(last_seen_at) from marts.lead").fetchone()
    return DataDescription(
        database=f"{server.host}:{server.port}/{WAREHOUSE}",
        truth_file=str(truth.path),
        seed=truth.seed,
        clean=truth.clean,
        schemes=len(truth.schemes),
        organisations=organisations,
        first_month=first_month,
        last_month=last_month,
        fee_lines=fee_lines,
        leads=len(leads),
        detected_on=last_seen[0] if last_seen else None,
    )
