-- Grain: one organisation, month with visits, and either a doctor, a department or the hospital.
-- Rule: RX04, the share of visits with a systemic antibacterial among visits with a prescription. Hospital: above
-- the national target of its type, outpatient and emergency each; the setting that lies further above its target
-- stands. Department: likewise, only against a target that the hospital sets (RX04.max_dept_rate, scope
-- organisation|department). Doctor: outpatient visits, far above the peers; see int_rate_verdict. Amount at risk
-- is the part above the target or the peers.
-- Source: peers.peer_visit_month, int_rate_verdict, int_visit_line.
with visit_months as (
    select * from {{ ref('peer_visit_month') }}
),

rate_verdicts as (
    select * from {{ ref('int_rate_verdict') }}
    where metric = 'antibacterial_rate'
),

lines as (
    select * from {{ ref('int_visit_line') }}
    where is_systemic_antibacterial
),

rates as (
    select
        visit_months.org_code,
        levels.subject_type,
        case levels.subject_type when 'hospital' then visit_months.org_code else visit_months.dept_code end as subject_id,
        visit_months.rx_month,
        visit_months.setting,
        sum(visit_months.visits) as visits,
        cast(sum(visit_months.antibacterial_visits) as numeric(18, 8)) / sum(visit_months.visits) as rate
    from visit_months
    cross join (values ('hospital'), ('department')) as levels (subject_type)
    where levels.subject_type = 'hospital' or visit_months.dept_code is not null
    group by
        visit_months.org_code, levels.subject_type,
        case levels.subject_type when 'hospital' then visit_months.org_code else visit_months.dept_code end,
        visit_months.rx_month, visit_months.setting
),

compared as (
    select
        rates.*,
        case rates.subject_type when 'hospital' then max_rate.value else max_dept_rate.value end as target,
        floors.value as visit_floor
    from rates
    {{
        threshold_join(
            'max_rate', 'RX04', 'max_rate', 'rates.org_code', 'rates.rx_month', qualifier_sql='rates.setting',
        )
    }}
    {{
        threshold_join(
            'max_dept_rate', 'RX04', 'max_dept_rate', 'rates.org_code', 'rates.rx_month',
            qualifier_sql='rates.subject_id',
        )
    }}
    {{ threshold_join('floors', 'ALL', 'min_visits_dept_month', 'rates.org_code', 'rates.rx_month') }}
),

standards as (
    select
        compared.*,
        case
            when target is null then 'no_target'
            when visits < visit_floor then 'below_volume'
            when rate <= target then 'clear'
            else 'fired'
        end as verdict,
        row_number() over (
            partition by org_code, subject_type, subject_id, rx_month
            order by
                case when target is null or visits < visit_floor then 1 else 0 end,
                rate / nullif(target, 0) desc,
                visits desc,
                setting desc
        ) as choice
    from compared
),

verdicts as (
    select
        org_code,
        subject_type,
        subject_id,
        case when subject_type = 'department' then subject_id end as dept_code,
        null as doctor_code,
        rx_month,
        setting,
        verdict,
        rate as value,
        target as threshold,
        target as expected,
        null as limit_lower,
        null as limit_upper,
        setting as peer_group,
        null as peer_n,
        visits as n,
        rate / nullif(target, 0) as deviation,
        null as p_value,
        null as q_value
    from standards
    where choice = 1
    union all
    select
        org_code,
        'doctor' as subject_type,
        doctor_code as subject_id,
        dept_code,
        doctor_code,
        rx_month,
        'outpatient' as setting,
        verdict,
        metric_value as value,
        z_limit as threshold,
        expected,
        limit_lower,
        limit_upper,
        peer_group,
        peer_n,
        n,
        z_score as deviation,
        p_value,
        q_value
    from rate_verdicts
),

outcomes as (
    select
        verdicts.*,
        rx_month as period_start,
        {{ add_days(add_months('rx_month', 1), -1) }} as period_end,
        {{ outcome_of('verdict', ['no_target', 'below_volume', 'no_peer_group']) }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        greatest(1 - expected / nullif(value, 0), 0) as excess_share
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
        outcomes.value / count(*) over subject as value,
        lines.amount * outcomes.excess_share as risk_gross
    from outcomes
    inner join lines
        on
            lines.org_code = outcomes.org_code
            and lines.rx_month = outcomes.period_start
            and lines.setting = outcomes.setting
            and outcomes.subject_id = case outcomes.subject_type
                when 'hospital' then lines.org_code
                when 'department' then lines.dept_code
                else lines.doctor_code
            end
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
    {{ indicator_rows('RX04', '1.0.0', 'subject_type', 'with_evidence', limits=true) }}
)

select * from indicator
