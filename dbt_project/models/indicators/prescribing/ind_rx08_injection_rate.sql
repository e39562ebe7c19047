-- Grain: one organisation, doctor and month with outpatient prescriptions.
-- Rule: RX08, the share of visits with an injection among visits with a prescription lies far above that of the
-- peers (modified z, funnel of the number of visits, false discovery rate held, two of the last three months; see
-- int_rate_verdict) and above the reference of WHO. Emergencies are left out. Departments take their light from
-- their doctors. Amount at risk is what the injections cost beyond the part that peers prescribe.
-- Source: int_rate_verdict, int_visit_line.
with rate_verdicts as (
    select * from {{ ref('int_rate_verdict') }}
    where metric = 'injection_rate'
),

lines as (
    select * from {{ ref('int_visit_line') }}
    where setting = 'outpatient' and is_counted_injection
),

judged as (
    select
        rate_verdicts.org_code,
        rate_verdicts.doctor_code,
        rate_verdicts.dept_code,
        rate_verdicts.rx_month,
        rate_verdicts.n,
        rate_verdicts.metric_value,
        rate_verdicts.expected,
        rate_verdicts.limit_lower,
        rate_verdicts.limit_upper,
        rate_verdicts.peer_group,
        rate_verdicts.peer_n,
        rate_verdicts.z_score,
        rate_verdicts.p_value,
        rate_verdicts.q_value,
        reference.value as reference_rate,
        case
            when rate_verdicts.is_outlier and rate_verdicts.metric_value <= reference.value then 'within_reference'
            else rate_verdicts.verdict
        end as verdict
    from rate_verdicts
    {{ threshold_join('reference', 'RX08', 'who_reference', 'rate_verdicts.org_code', 'rate_verdicts.rx_month') }}
),

outcomes as (
    select
        judged.org_code,
        judged.doctor_code as subject_id,
        judged.doctor_code,
        judged.dept_code,
        judged.rx_month as period_start,
        {{ add_days(add_months('judged.rx_month', 1), -1) }} as period_end,
        {{ outcome_of('verdict', ['below_volume', 'no_peer_group']) }} as outcome,
        judged.verdict as reason,
        'yellow' as zone,
        '线索' as state,
        judged.metric_value as value,
        judged.reference_rate as threshold,
        judged.expected,
        judged.limit_lower,
        judged.limit_upper,
        judged.peer_group,
        judged.peer_n,
        judged.n,
        judged.z_score as deviation,
        judged.p_value,
        judged.q_value,
        greatest(1 - judged.expected / nullif(judged.metric_value, 0), 0) as excess_share
    from judged
),

lines_behind as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        lines.rx_item_id,
        outcomes.value / count(*) over subject as value,
        lines.amount * outcomes.excess_share as risk_gross
    from outcomes
    inner join lines
        on
            lines.org_code = outcomes.org_code
            and lines.doctor_code = outcomes.doctor_code
            and lines.rx_month = outcomes.period_start
    where outcomes.outcome in ('fired', 'guarded')
    window subject as (partition by outcomes.org_code, outcomes.subject_id, outcomes.period_start)
),

evidence as (
    {{ line_evidence('lines_behind', 'rx_item_id', 'line.value', 'line.risk_gross') }}
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{ indicator_rows('RX08', '1.0.0', "'doctor'", 'with_evidence', limits=true) }}
)

select * from indicator
