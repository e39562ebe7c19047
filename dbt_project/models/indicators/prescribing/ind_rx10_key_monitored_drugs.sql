-- Grain: one organisation, month and either doctor (share) or key-monitored drug (growth).
-- Rule: RX10. Share: the part of key-monitored drugs in a doctor's drug amount is an outlier among peers
-- (modified z, false discovery rate held, two of the last three months). Growth: see int_product_growth.
-- Source: peers.peer_doctor_score, core.fct_prescription_line, int_product_growth.
with lines as (
    select * from {{ ref('fct_prescription_line') }}
    where is_key_monitored and not is_self_provided
),

doctor_verdicts as (
    select
        scores.*,
        case
            when not scores.has_volume then 'below_volume'
            when scores.peer_group is null then 'no_peer_group'
            when not scores.is_outlier then 'clear'
            when scores.outlier_months < persistence.value then 'not_persistent'
            when scores.q_value > fdr.value then 'false_discovery'
            else 'fired'
        end as verdict
    from {{ ref('peer_doctor_score') }} as scores
    {{ threshold_join('persistence', 'ALL', 'persistence_months', 'scores.org_code', 'scores.rx_month') }}
    {{ threshold_join('fdr', 'ALL', 'fdr_q', 'scores.org_code', 'scores.rx_month') }}
    where scores.metric = 'key_share'
),

verdicts as (
    select
        org_code,
        'doctor' as subject_type,
        doctor_code as subject_id,
        doctor_code,
        dept_code,
        rx_month as period_start,
        verdict,
        metric_value as value,
        z_limit as threshold,
        expected,
        peer_group,
        peer_n,
        n,
        z_score as deviation,
        p_value,
        q_value,
        1 - expected / nullif(metric_value, 0) as excess_share
    from doctor_verdicts
    union all
    select
        org_code,
        'drug' as subject_type,
        generic_name as subject_id,
        null as doctor_code,
        null as dept_code,
        rx_month as period_start,
        verdict,
        ddds / nullif(baseline, 0) - 1 as value,
        growth_limit as threshold,
        baseline as expected,
        null as peer_group,
        null as peer_n,
        prescriptions as n,
        ddds - baseline as deviation,
        p_value,
        q_value,
        1 - baseline / nullif(ddds, 0) as excess_share
    from {{ ref('int_product_growth') }}
),

outcomes as (
    select
        verdicts.*,
        {{ add_days(add_months('period_start', 1), -1) }} as period_end,
        {{ outcome_of('verdict', ['below_volume', 'no_peer_group', 'missing_ddd', 'short_history']) }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state
    from verdicts
),

lines_behind as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        lines.rx_item_id,
        outcomes.value * lines.amount / nullif(sum(lines.amount) over subject, 0) as value,
        lines.amount * greatest(outcomes.excess_share, 0) as risk_gross
    from outcomes
    inner join lines
        on
            lines.org_code = outcomes.org_code
            and lines.rx_month = outcomes.period_start
            and outcomes.subject_id
            = case outcomes.subject_type when 'doctor' then lines.doctor_code else lines.generic_name end
            and (outcomes.subject_type = 'drug' or (lines.rx_kind = 'outpatient' and lines.drug_class <> 'herb_piece'))
    where outcomes.outcome in ('fired', 'guarded')
    window subject as (partition by outcomes.org_code, outcomes.subject_type, outcomes.subject_id, outcomes.period_start)
),

evidence as (
    {{ line_evidence('lines_behind', 'rx_item_id', 'line.value', 'line.risk_gross', typed=true) }}
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{ indicator_rows('RX10', '1.0.0', 'subject_type', 'with_evidence') }}
)

select * from indicator
