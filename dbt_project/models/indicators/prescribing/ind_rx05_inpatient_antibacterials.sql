-- Grain: one organisation, month with discharges, and either the hospital, one of its departments, or one of the
-- measures that accompany its rate (subject type antibacterial_measure).
-- Rule: RX05, discharged patients with an executed order of a systemic antibacterial, above the target of the
-- hospital's type; a department has a target only where the hospital sets one (RX05.max_dept_rate). Measures:
-- prophylaxis in clean operations and prophylaxis beyond its hours above, specimens before restricted and special
-- antibacterials below their target; see int_antibacterial_measure. Amount at risk is the part beyond the target.
-- Source: int_antibacterial_measure, int_ward_antibacterial, core.source_month.
with stays as (
    select * from {{ ref('int_antibacterial_measure') }}
),

subject_stays as (
    select
        stays.*,
        levels.subject_type,
        case levels.subject_type
            when 'hospital' then stays.org_code
            when 'department' then stays.dept_code
            else stays.measure
        end as subject_id,
        case when stays.measure like 'culture%' then -1 else 1 end as direction
    from stays
    inner join (values ('hospital'), ('department'), ('antibacterial_measure')) as levels (subject_type)
        on (levels.subject_type = 'antibacterial_measure') = (stays.measure <> 'use')
    where levels.subject_type <> 'department' or stays.dept_code is not null
),

months as (
    select
        org_code,
        month_start,
        max(case table_name when 'his_order_exec' then 1 else 0 end) as has_executions,
        max(case table_name when 'his_report' then 1 else 0 end) as has_reports
    from {{ ref('source_month') }}
    where table_name in ('his_order_exec', 'his_report')
    group by org_code, month_start
),

rates as (
    select
        org_code,
        subject_type,
        subject_id,
        measure,
        direction,
        dscg_month as period_start,
        count(*) as n,
        cast(sum(part) as numeric(18, 8)) / count(*) as value,
        cast(sum(strict_part) as numeric(18, 8)) / count(*) as strict_value
    from subject_stays
    group by org_code, subject_type, subject_id, measure, direction, dscg_month
),

compared as (
    select
        rates.*,
        case
            when rates.subject_type = 'hospital' then max_rate.value
            when rates.subject_type = 'department' then max_dept_rate.value
            when rates.measure = 'class1_prophylaxis' then prophylaxis.value
            when rates.measure = 'class1_duration' then long_share.value
            when rates.measure = 'culture_restricted' then restricted.value
            else special.value
        end as threshold,
        floors.value as least_stays,
        coalesce(months.has_executions, 0) as has_executions,
        coalesce(months.has_reports, 0) as has_reports
    from rates
    left join months
        on
            months.org_code = rates.org_code
            and months.month_start = rates.period_start
    {{ threshold_join('max_rate', 'RX05', 'max_rate', 'rates.org_code', 'rates.period_start') }}
    {{
        threshold_join(
            'max_dept_rate', 'RX05', 'max_dept_rate', 'rates.org_code', 'rates.period_start',
            qualifier_sql='rates.subject_id',
        )
    }}
    {{ threshold_join('prophylaxis', 'RX05', 'class1_incision_prophylaxis', 'rates.org_code', 'rates.period_start') }}
    {{ threshold_join('long_share', 'RX05', 'class1_long_share', 'rates.org_code', 'rates.period_start') }}
    {{ threshold_join('restricted', 'RX05', 'culture_rate_restricted', 'rates.org_code', 'rates.period_start') }}
    {{ threshold_join('special', 'RX05', 'culture_rate_special', 'rates.org_code', 'rates.period_start') }}
    {{ threshold_join('floors', 'RX05', 'min_discharges', 'rates.org_code', 'rates.period_start') }}
),

judged as (
    select
        compared.*,
        case
            when has_executions = 0 then 'missing_executions'
            when direction = -1 and has_reports = 0 then 'missing_reports'
            when threshold is null then 'no_target'
            when n < least_stays then 'below_volume'
            when direction * value <= direction * threshold then 'clear'
            when measure = 'class1_duration' and strict_value <= threshold then 'special_operation'
            else 'fired'
        end as verdict
    from compared
),

outcomes as (
    select
        judged.*,
        case when subject_type = 'department' then subject_id end as dept_code,
        {{ add_days(add_months('period_start', 1), -1) }} as period_end,
        {{ outcome_of('verdict', ['missing_executions', 'missing_reports', 'no_target', 'below_volume']) }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        measure as peer_group,
        value / nullif(threshold, 0) as deviation,
        case direction
            when 1 then 1 - threshold / nullif(value, 0)
            else (threshold - value) / nullif(1 - value, 0)
        end as excess_share
    from judged
),

orders_behind as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        orders.order_id,
        orders.amount,
        orders.insured_amount,
        subject_stays.part / cast(outcomes.n as numeric(18, 4)) / count(*) over stay as value,
        -- At risk is what counts in a rate that is too high, and what lacks in one that is too low.
        case when subject_stays.part = (1 + outcomes.direction) / 2 then outcomes.excess_share else 0 end as risk_share
    from outcomes
    inner join subject_stays
        on
            subject_stays.org_code = outcomes.org_code
            and subject_stays.subject_type = outcomes.subject_type
            and subject_stays.subject_id = outcomes.subject_id
            and subject_stays.dscg_month = outcomes.period_start
            and (outcomes.direction = -1 or subject_stays.part = 1)
    inner join {{ ref('int_ward_antibacterial') }} as orders
        on
            orders.org_code = subject_stays.org_code
            and orders.adm_id = subject_stays.adm_id
            and case subject_stays.measure
                when 'use' then true
                when 'culture_restricted' then orders.antibac_class = 2
                when 'culture_special' then orders.antibac_class = 3
                else orders.is_prophylactic
            end
    where outcomes.outcome in ('fired', 'guarded')
    window stay as (
        partition by
            outcomes.org_code, outcomes.subject_type, outcomes.subject_id, outcomes.period_start, orders.adm_id
    )
),

evidence as (
    select
        org_code,
        subject_type,
        subject_id,
        period_start,
        outcome,
        'his_order' as source_table,
        order_id as row_key,
        value,
        amount * risk_share as risk_gross,
        insured_amount * risk_share as risk_fund
    from orders_behind
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'RX05', '1.0.0', 'subject_type', 'with_evidence',
            absent=['doctor_code', 'expected', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
