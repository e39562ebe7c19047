-- Grain: one department or hospital, setting (outpatient, emergency, inpatient), measure of its costs and quarter; and
-- one department, setting and kind of scan (CT, MRI) with scans that another hospital of the group had done before.
-- Rule: BL15, the share of drugs, laboratory and examinations, consumables, treatment, CT or MRI in the bill, the mean
-- cost of an encounter, its growth over the quarter before, or the rate of readmissions lies far above what its case
-- mix (department and diagnosis group) costs at the other hospitals, compared with the same of its peers: modified z,
-- funnel of the number of encounters for shares and rates, false discovery rate held, above the peers' third quartile
-- in two months of the quarter, and not by one encounter alone. Growth is none where it ends at what most peers cost.
-- Amount at risk is the part above the peers. Of scans each repeated one is a finding of its own, without peers, and
-- its amount at risk; see int_repeated_scan.
-- Source: peers.peer_department_score, int_cost_encounter, int_encounter_fund, int_repeated_scan.
with scores as (
    select * from {{ ref('peer_department_score') }}
    where measure <> 'low_admission_rate'
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
        case
            when scores.obstacle is not null then scores.obstacle
            when scores.peer_group is null then 'no_peer_group'
            when not scores.is_outlier then 'clear'
            when scores.measure = 'mean_growth' and not scores.is_dear then 'usual_level'
            when scores.measure <> 'readmission_rate' and not scores.is_other_outlier then 'single_encounter'
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

measure_outcomes as (
    select
        judged.org_code,
        judged.subject_type || '_cost' as subject_type,
        judged.subject_id || '|' || judged.setting || '|' || judged.measure as subject_id,
        case judged.subject_type when 'department' then judged.subject_id end as dept_code,
        judged.subject_type as measured_type,
        judged.subject_id as measured_id,
        judged.setting,
        judged.measure,
        judged.quarter_start as period_start,
        {{ add_days(add_months('judged.quarter_start', 3), -1) }} as period_end,
        {{
            outcome_of(
                'verdict',
                [
                    'below_volume', 'missing_department', 'missing_diagnosis', 'missing_category', 'no_reference',
                    'no_peer_group', 'no_earlier_quarter',
                ],
            )
        }} as outcome,
        judged.verdict as reason,
        'yellow' as zone,
        '线索' as state,
        judged.value,
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
        greatest(1 - judged.peer_expected / nullif(judged.value, 0), 0) as excess_share
    from judged
),

scans as (
    select
        int_repeated_scan.*,
        'department_scan' as subject_type
    from {{ ref('int_repeated_scan') }} as int_repeated_scan
),

scan_outcomes as (
    select
        org_code,
        subject_type,
        subject_id,
        dept_code,
        {{ as_text('null') }} as measured_type,
        {{ as_text('null') }} as measured_id,
        {{ as_text('null') }} as setting,
        {{ as_text('null') }} as measure,
        period_start,
        {{ add_days(add_months('period_start', 3), -1) }} as period_end,
        {{ worst_outcome('outcome') }} as outcome,
        {{ worst_reason('outcome', 'verdict') }} as reason,
        'yellow' as zone,
        '线索' as state,
        sum(case when outcome = 'fired' then part else 0 end) as value,
        cast(null as numeric(18, 4)) as threshold,
        cast(null as numeric(18, 4)) as expected,
        cast(null as numeric(18, 6)) as limit_lower,
        cast(null as numeric(18, 6)) as limit_upper,
        {{ as_text('null') }} as peer_group,
        cast(null as integer) as peer_n,
        cast(sum(part) as integer) as n,
        cast(null as numeric(18, 4)) as deviation,
        cast(null as numeric(18, 8)) as p_value,
        cast(null as numeric(18, 8)) as q_value,
        cast(null as numeric(18, 4)) as excess_share
    from scans
    group by org_code, subject_type, subject_id, dept_code, period_start
),

outcomes as (
    select * from measure_outcomes
    union all
    select * from scan_outcomes
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        encounters.source_table,
        encounters.encounter_id as row_key,
        encounters.part as value,
        encounters.amount_at_risk * outcomes.excess_share as risk_gross,
        encounters.amount_at_risk * outcomes.excess_share * coalesce(funds.insured_share, 0) as risk_fund
    from outcomes
    inner join {{ ref('int_cost_encounter') }} as encounters
        on
            encounters.org_code = outcomes.org_code
            and encounters.subject_type = outcomes.measured_type
            and encounters.subject_id = outcomes.measured_id
            and encounters.setting = outcomes.setting
            and encounters.measure = outcomes.measure
            and encounters.quarter_start = outcomes.period_start
    left join {{ ref('int_encounter_fund') }} as funds
        on
            funds.org_code = encounters.org_code
            and funds.encounter_type = encounters.encounter_type
            and funds.encounter_id = encounters.encounter_id
    where outcomes.outcome in ('fired', 'guarded')
    union all
    {{ line_evidence('scans', 'fee_id', 'line.part', 'line.amount', typed=true) }}
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'BL15', '1.1.0', 'subject_type', 'with_evidence', value='coalesce(evidence_value, value)',
            absent=['doctor_code'], limits=true,
        )
    }}
)

select * from indicator
