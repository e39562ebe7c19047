"""The checkpoint over the marts against a real PostgreSQL: each rule fires on its own fault."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from empty_warehouse import empty_schema
from mart_tables import create_marts

from qinglian.gate.checkpoint import GateError
from qinglian.gate.data_docs import build_data_docs
from qinglian.gate.marts_checkpoint import check_marts
from qinglian.gate.saved import saved_results
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

_TABLES = """
create table marts.indicator (indicator_id text primary key, family text);
create table marts.lead (
    lead_id text, indicator_id text, org_code text, subject_type text, subject_id text,
    period_start date, period_end date, risk_gross numeric(18, 2), risk_fund numeric(18, 2),
    kind text, light text, is_active boolean,
    limit_lower numeric(18, 4), limit_upper numeric(18, 4)
);
create table marts.lead_evidence (
    lead_id text, evidence_no int, risk_gross numeric(18, 2), risk_fund numeric(18, 2)
);
create table marts.indicator_coverage (
    indicator_id text, org_code text, first_month date, last_month date, months int,
    evaluated int, fired int, clear int, guarded int, not_computable int,
    coverage_ratio numeric(5, 4)
);
create table marts.indicator_outcome (
    indicator_id text, org_code text, period_month date, evaluated int, fired int, clear int,
    guarded int, not_computable int, tested int, expected_by_chance numeric(12, 4)
);
create table marts.subject_score (
    entity_type text, org_code text, entity_id text, score numeric(18, 4), score_rank int,
    peer_percentile numeric(5, 4), concepts_deviating int, concepts_computed int,
    concepts_possible int, reason text
);
insert into marts.subject_score values
    ('doctor', 'H1', 'd1', 2.5, 1, 1, 1, 7, 8, null),
    ('doctor', 'H1', 'd2', null, null, null, 1, 2, 8, 'below_volume');
insert into marts.indicator values ('BL03', 'billing'), ('RX03', 'prescribing');
insert into marts.lead values
    ('a', 'BL03', 'H1', 'doctor', 'd1', '2025-03-01', '2025-03-31',
     100, 60, 'D', 'red', true, null, null),
    ('b', 'RX03', 'H1', 'doctor', 'd1', '2025-03-01', '2025-03-31',
     10, null, 'S', 'red', true, 0.1, 0.3),
    ('c', 'RX03', 'H1', 'doctor', 'd2', '2025-03-01', '2025-03-31',
     10, 0, 'S', 'yellow', true, 0.1, 0.3),
    ('old', 'RX03', 'H1', 'doctor', 'd3', '2025-01-01', '2025-01-31',
     5, 0, 'S', 'yellow', false, null, null);
insert into marts.lead_evidence values
    ('a', 1, 60.02, 30), ('a', 2, 40, 30), ('b', 1, 10, null), ('c', 1, 10, 0);
insert into marts.indicator_coverage values
    ('BL03', 'H1', '2025-02-01', '2025-03-01', 2, 4, 1, 1, 1, 1, 0.75),
    ('BL03', 'H1', '2025-04-01', '2025-04-01', 1, 0, 0, 0, 0, 0, 0),
    ('BL03', 'H2', '2025-03-01', '2025-03-01', 1, 0, 0, 0, 0, 0, null);
insert into marts.indicator_outcome values
    ('BL03', 'H1', '2025-03-01', 4, 1, 1, 1, 1, 0, null),
    ('RX03', 'H1', '2025-03-01', 4, 1, 3, 0, 0, 4, 0.04);
"""
_QUALITY = """
insert into marts.quality_identity (
    identity_id, number, name_zh, dimension, meaning_zh, tolerance_zh
)
values ('DQ1', 1, '结算总额等于明细之和', 'reconciliation', '应当相等。', '容许 0.05 元。'),
    ('DQ9', 9, '库存结转相等', 'reconciliation', '应当相等。', '不容许误差。');
insert into marts.quality_identity_month (
    identity_id, aspect, org_code, table_name, period_month, numerator, denominator, not_evaluable,
    reason, holds
)
values ('DQ1', 'rows', 'H1', 'yb_setl_d', '2025-03-01', 5, 5, 0, null, true),
    ('DQ1', 'rows', 'H2', 'yb_setl_d', '2025-03-01', 0, 0, 0, 'no_rows', null),
    ('DQ9', 'rows', 'H1', 'pr_stock_month', '2025-03-01', 0, 0, 0, 'missing_table', null);
insert into marts.quality_scorecard (
    org_code, table_name, period_month, dimension, numerator, denominator, score
)
values ('H1', 'yb_setl_d', '2025-03-01', 'reconciliation', 5, 5, 1);
"""


@pytest.fixture
def marts(settings: Settings, server: Server) -> Iterator[Server]:
    """Good marts and nothing else, whatever other tests built before."""
    empty_schema(server, "marts")
    with server.connect("transformer") as connection:
        connection.execute(_TABLES)
        create_marts(
            connection, ["quality_identity", "quality_identity_month", "quality_scorecard"]
        )
        connection.execute(_QUALITY)
    yield server
    empty_schema(server, "marts")


def _failed(settings: Settings, server: Server) -> set[str]:
    return {o.check.rule_id for v in check_marts(settings, server) for o in v.failures}


def test_marts_without_a_lead_pass(settings: Settings, marts: Server) -> None:
    with marts.connect("superuser") as connection:
        connection.execute("truncate marts.lead, marts.lead_evidence, marts.indicator_coverage")
    assert _failed(settings, marts) == set()


def test_good_marts_pass_and_leave_their_verdicts(settings: Settings, marts: Server) -> None:
    verdicts = check_marts(settings, marts)
    assert [v.failures for v in verdicts] == [()] * 7
    assert {v.table: v.rows for v in verdicts} == {
        "lead": 4,
        "lead_evidence": 4,
        "indicator_coverage": 3,
        "indicator_outcome": 2,
        "subject_score": 2,
        "quality_identity_month": 3,
        "quality_scorecard": 1,
    }
    with marts.connect("auditor") as connection:
        kept = connection.execute(
            "select count(*), bool_and(success) from ops.quality_result"
            " where source_id = 'marts' and batch_id is null and checked_at = %s",
            (verdicts[0].checked_at,),
        ).fetchone()
    assert kept is not None
    assert kept[0] >= len(verdicts[0].outcomes)
    assert kept[1]
    saved = {i.table_name for i, _ in saved_results(settings.state_dir / "quality")}
    assert {"lead", "lead_evidence", "indicator_coverage"} <= saved


#: Rule -> a fault that it alone finds. Faults of one set touch other rows or other rules.
_FAULTS: tuple[dict[str, str], ...] = (
    {
        "mart_lead_id_unique": "insert into marts.lead"
        " select * from marts.lead where lead_id = 'old'",
        "mart_lead_light_values": "update marts.lead set light = 'green' where lead_id = 'c'",
        "mart_lead_limits_in_order": "update marts.lead set limit_lower = 0.31 where lead_id = 'b'",
        "mart_lead_evidence_sums": "update marts.lead_evidence"
        " set risk_gross = 40.04 where risk_gross = 40",
        "mart_coverage_adds_up": "update marts.indicator_coverage"
        " set clear = 2 where org_code = 'H1'",
        "mart_coverage_month_once": "update marts.indicator_coverage set months = 3",
        "mart_outcomes_add_up": "update marts.indicator_outcome"
        " set clear = 2 where indicator_id = 'BL03'",
        "mart_score_or_reason": "update marts.subject_score set reason = null",
        "mart_score_counts": "update marts.subject_score"
        " set concepts_computed = 9 where entity_id = 'd1'",
        "mart_identity_counts": "update marts.quality_identity_month"
        " set numerator = 6 where denominator = 5",
        "mart_scorecard_counts": "update marts.quality_scorecard set numerator = 6",
    },
    {
        "mart_lead_id_required": "update marts.lead set lead_id = null where lead_id = 'old'",
        "mart_lead_statistical_not_red": "update marts.lead set light = 'red' where lead_id = 'c'",
        "mart_lead_limits_in_order": "update marts.lead set limit_upper = null where lead_id = 'b'",
        "mart_lead_evidence_belongs": "insert into marts.lead_evidence values ('z', 1, 0, 0)",
        "mart_coverage_ratio_range": "update marts.indicator_coverage set coverage_ratio = 1.5",
        "mart_coverage_month_once": "update marts.indicator_coverage"
        " set last_month = '2025-04-01', months = months + 1 where last_month = '2025-03-01'",
        "mart_outcomes_add_up": "update marts.indicator_outcome"
        " set expected_by_chance = 0 where tested = 0",
        "mart_score_or_reason": "update marts.subject_score set score_rank = null",
        "mart_identity_silence_explained": "update marts.quality_identity_month"
        " set holds = true where org_code = 'H2'",
        "mart_scorecard_dimension_values": "update marts.quality_scorecard"
        " set dimension = 'beauty'",
    },
    {
        "mart_lead_has_evidence": "update marts.lead set is_active = true where lead_id = 'old'",
        "mart_score_or_reason": "update marts.subject_score set score = -1 where score > 0",
    },
    {"mart_lead_fund_within_gross": "update marts.lead set risk_fund = 6 where lead_id = 'old'"},
)


@pytest.mark.parametrize("faults", _FAULTS)
def test_each_fault_is_found_by_its_rule(
    settings: Settings, marts: Server, faults: dict[str, str]
) -> None:
    with marts.connect("transformer") as connection:
        for fault in faults.values():
            connection.execute(fault.encode())
    assert _failed(settings, marts) == faults.keys()


def test_offenders_are_named(settings: Settings, marts: Server) -> None:
    with marts.connect("transformer") as connection:
        connection.execute("update marts.lead set is_active = true where lead_id = 'old'")
    (lead, *_) = check_marts(settings, marts)
    (failure,) = lead.failures
    assert failure.samples == ("lead_id=old",)
    assert (failure.evaluated, failure.failed) == (4, 1)


def test_rule_on_a_column_that_is_not_there_names_itself(
    settings: Settings, marts: Server, tmp_path: Path
) -> None:
    with marts.connect("transformer") as connection:
        connection.execute("alter table marts.lead rename column light to lamp")
    with pytest.raises(GateError, match=r"marts\.lead, rule mart_lead_\w+: .*checks\.yaml"):
        check_marts(settings, marts)


def test_identity_counts_verdicts_and_says_why_there_are_none(
    settings: Settings, marts: Server, tmp_path: Path
) -> None:
    outcomes = {o.check.rule_id: o for v in check_marts(settings, marts) for o in v.outcomes}
    held, silent = outcomes["identity_dq1"], outcomes["identity_dq9"]
    assert (held.evaluated, held.failed, held.not_evaluated) == (1, 0, 1)
    assert (silent.evaluated, silent.not_evaluated, silent.success) == (0, 1, None)
    assert silent.not_evaluated_reason == "missing_table"
    with marts.connect("transformer") as connection:
        connection.execute(
            "update marts.quality_identity_month set numerator = 4, holds = false"
            " where denominator = 5"
        )
    outcomes = {o.check.rule_id: o for v in check_marts(settings, marts) for o in v.outcomes}
    assert (outcomes["identity_dq1"].failed, outcomes["identity_dq1"].success) == (1, False)
    build_data_docs(settings.state_dir / "quality", tmp_path)
    page = tmp_path / "validations/marts/quality_identity_month.html"
    text = page.read_text("utf-8")
    assert "DQ1 结算总额等于明细之和：应当相等。容许 0.05 元。" in text
    assert "1 行中有 1 行不符合，占 100%" in text
