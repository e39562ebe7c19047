-- Grain: one organisation, doctor and month with outpatient prescriptions of drugs other than herbs.
-- Rule: RX09, the share of essential medicines among the doctor's lines lies far below that of the peers (modified
-- z of the complement, funnel of the number of lines, false discovery rate held, two of the last three months); see
-- int_rate_verdict. Departments and hospitals take their light from their doctors. Amount at risk is what the
-- lines outside the list cost beyond the part that peers prescribe.
-- Source: peers.peer_visit_month, int_rate_verdict, int_visit_line.
with doctor_months as (
    select
        org_code,
        doctor_code,
        rx_month,
        sum(visits) as visits,
        cast(sum(known_items) as numeric(18, 4)) / sum(items) as known_share,
        cast(sum(essential_items) as numeric(18, 4)) / nullif(sum(known_items), 0) as essential_share
    from {{ ref('peer_visit_month') }}
    where setting = 'outpatient'
    group by org_code, doctor_code, rx_month
    having sum(items) > 0
),

rate_verdicts as (
    select * from {{ ref('int_rate_verdict') }}
    where metric = 'essential_share'
),

lines as (
    select * from {{ ref('int_visit_line') }}
    where setting = 'outpatient' and not is_essential
),

judged as (
    select
        doctor_months.org_code,
        doctor_months.doctor_code,
        doctor_months.rx_month,
        doctor_months.visits,
        doctor_months.essential_share,
        rate_verdicts.dept_code,
        rate_verdicts.expected,
        rate_verdicts.limit_lower,
        rate_verdicts.limit_upper,
        rate_verdicts.peer_group,
        rate_verdicts.peer_n,
        rate_verdicts.z_limit,
        rate_verdicts.z_score,
        rate_verdicts.p_value,
        rate_verdicts.q_value,
        case
            when doctor_months.known_share < coverage.value then 'missing_essential'
            else rate_verdicts.verdict
        end as verdict
    from doctor_months
    left join rate_verdicts
        on
            rate_verdicts.org_code = doctor_months.org_code
            and rate_verdicts.doctor_code = doctor_months.doctor_code
            and rate_verdicts.rx_month = doctor_months.rx_month
    {{ threshold_join('coverage', 'ALL', 'min_coverage', 'doctor_months.org_code', 'doctor_months.rx_month') }}
),

outcomes as (
    select
        judged.org_code,
        judged.doctor_code as subject_id,
        judged.doctor_code,
        judged.dept_code,
        judged.rx_month as period_start,
        {{ add_days(add_months('judged.rx_month', 1), -1) }} as period_end,
        {{ outcome_of('verdict', ['missing_essential', 'below_volume', 'no_peer_group']) }} as outcome,
        judged.verdict as reason,
        'yellow' as zone,
        '线索' as state,
        judged.essential_share as value,
        judged.z_limit as threshold,
        judged.expected,
        judged.limit_lower,
        judged.limit_upper,
        judged.peer_group,
        judged.peer_n,
        judged.visits as n,
        judged.z_score as deviation,
        judged.p_value,
        judged.q_value,
        greatest((judged.expected - judged.essential_share) / nullif(1 - judged.essential_share, 0), 0) as excess_share
    from judged
),

lines_behind as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        lines.rx_item_id,
        (1 - outcomes.value) / count(*) over subject as value,
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
    {{ indicator_rows('RX09', '1.0.0', "'doctor'", 'with_evidence', limits=true) }}
)

select * from indicator
