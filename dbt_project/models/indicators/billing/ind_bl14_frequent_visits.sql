-- Grain: one organisation, patient and month in which the patient's visits of thirty days reached
-- BL14.min_visits; who came less often is not judged.
-- Rule: BL14, a person's outpatient visits at all hospitals in BL14.window_days reach BL14.max_visits_30d
-- (频繁门诊; GZ10000204002). The window that ends with the month's busiest visit counts; the finding is the
-- part of its visits beyond the limit.
-- Source: core.fct_outp_visit, core.fct_fee_line, ref.treatment_course.
with busiest as (
    select * from {{ ref('int_frequent_visit') }}
    where is_busiest
),

charges as (
    select * from {{ ref('int_frequent_charge') }}
),

judged as (
    select
        busiest.org_code,
        busiest.patient_id as subject_id,
        busiest.person_id,
        busiest.dept_code,
        busiest.visit_month as period_start,
        {{ add_days(add_months('busiest.visit_month', 1), -1) }} as period_end,
        busiest.visit_count,
        visit_limit.value as threshold,
        (busiest.visit_count - visit_limit.value + 1) / busiest.visit_count as excess_share,
        case
            when busiest.visit_count < visit_limit.value then 'clear'
            when busiest.visit_count - busiest.course_count < visit_limit.value then 'treatment_course'
            when busiest.visit_count - busiest.course_count - busiest.undiagnosed_count < visit_limit.value
                then 'missing_diagnosis'
            else 'fired'
        end as verdict
    from busiest
    {{ threshold_join('visit_limit', 'BL14', 'max_visits_30d', 'busiest.org_code', 'busiest.visit_month') }}
),

outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', ['missing_diagnosis']) }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state
    from judged
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'his_outp_visit' as source_table,
        charges.visit_id as row_key,
        1 as value,
        charges.amount * outcomes.excess_share as risk_gross,
        charges.insured_amount * outcomes.excess_share as risk_fund
    from outcomes
    inner join charges
        on
            outcomes.org_code = charges.org_code
            and outcomes.person_id = charges.person_id
            and outcomes.period_start = charges.visit_month
    where outcomes.outcome in ('fired', 'guarded')
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'BL14', '1.0.0', "'patient'", 'with_evidence', value='visit_count',
            absent=['doctor_code', 'expected', 'peer_group', 'peer_n', 'n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
