-- Grain: one organisation, department and quarter with stays that ended in it.
-- Rule: BL12, the rate of low-threshold admissions among a department's stays (at most three days, examinations and
-- laboratory at least 70 % of the bill, drugs, treatment and surgery at most 10 %; 无指征住院, GZ10000204005) lies far
-- above what its case mix lets expect, compared with the same of its peers: modified z, funnel of the number of stays,
-- false discovery rate held, above the peers' third quartile in two months of the quarter. Stays that are excused
-- (ref.admission_guard, day surgery, a report that is not out) do not count; a rate that stands out only with them is
-- guarded. "No abnormal result requiring stay" cannot be read from the data: his_report holds the state of a report and
-- not what it found, so that whoever follows a lead reads the reports. Amount at risk is what the stays beyond the peers'
-- rate cost.
-- Source: peers.peer_department_score, int_cost_encounter, int_encounter_fund.
with scores as (
    select * from {{ ref('peer_department_score') }}
    where measure = 'low_admission_rate' and subject_type = 'department'
),

stays as (
    select * from {{ ref('int_cost_encounter') }}
    where measure = 'low_admission_rate' and subject_type = 'department'
),

limits as (
    select
        quarters.org_code,
        quarters.quarter_start,
        persistence.value as persistence,
        fdr.value as fdr
    from (
        select distinct
            org_code,
            quarter_start
        from scores
    ) as quarters
    {{ threshold_join('persistence', 'ALL', 'persistence_months', 'quarters.org_code', 'quarters.quarter_start') }}
    {{ threshold_join('fdr', 'ALL', 'fdr_q', 'quarters.org_code', 'quarters.quarter_start') }}
),

judged as (
    select
        scores.*,
        not scores.is_outlier and scores.is_other_outlier as stands_out_with_excused,
        case
            when scores.obstacle is not null then scores.obstacle
            when scores.peer_group is null then 'no_peer_group'
            when not scores.is_outlier and scores.is_other_outlier then coalesce(scores.low_guard, 'clear')
            when not scores.is_outlier then 'clear'
            when scores.outlier_months < limits.persistence then 'not_persistent'
            when coalesce(scores.q_value, 1) > limits.fdr then 'false_discovery'
            else 'fired'
        end as verdict
    from scores
    inner join limits
        on
            limits.org_code = scores.org_code
            and limits.quarter_start = scores.quarter_start
),

outcomes as (
    select
        judged.org_code,
        judged.subject_id,
        judged.subject_id as dept_code,
        judged.quarter_start as period_start,
        {{ add_days(add_months('judged.quarter_start', 3), -1) }} as period_end,
        {{
            outcome_of(
                'verdict',
                [
                    'below_volume', 'missing_department', 'missing_diagnosis', 'missing_category', 'no_reference',
                    'no_peer_group',
                ],
            )
        }} as outcome,
        judged.verdict as reason,
        'yellow' as zone,
        '线索' as state,
        case when judged.stands_out_with_excused then judged.other_value else judged.value end as value,
        judged.z_limit as threshold,
        judged.peer_expected as expected,
        judged.limit_lower,
        judged.limit_upper,
        judged.peer_group,
        judged.peer_n,
        judged.n,
        judged.z_score as deviation,
        judged.p_value,
        judged.q_value,
        judged.stands_out_with_excused
    from judged
),

stays_behind as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        stays.encounter_type,
        stays.encounter_id,
        stays.source_table,
        stays.part as value,
        stays.amount_at_risk * greatest(1 - outcomes.expected / nullif(outcomes.value, 0), 0) as risk_gross
    from outcomes
    inner join stays
        on
            stays.org_code = outcomes.org_code
            and stays.subject_id = outcomes.subject_id
            and stays.quarter_start = outcomes.period_start
    where
        (outcomes.outcome = 'guarded' and outcomes.stands_out_with_excused)
        or (outcomes.outcome in ('fired', 'guarded') and stays.low_guard is null)
),

evidence as (
    select
        stays_behind.org_code,
        stays_behind.subject_id,
        stays_behind.period_start,
        stays_behind.outcome,
        stays_behind.source_table,
        stays_behind.encounter_id as row_key,
        stays_behind.value,
        stays_behind.risk_gross,
        stays_behind.risk_gross * coalesce(funds.insured_share, 0) as risk_fund
    from stays_behind
    left join {{ ref('int_encounter_fund') }} as funds
        on
            funds.org_code = stays_behind.org_code
            and funds.encounter_type = stays_behind.encounter_type
            and funds.encounter_id = stays_behind.encounter_id
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'BL12', '1.1.0', "'department'", 'with_evidence', value='coalesce(evidence_value, value)',
            absent=['doctor_code'], limits=true,
        )
    }}
)

select * from indicator
