-- Grain: one organisation, patient and month in which the patient's visits of thirty days reached
-- BL14.min_visits; who came less often is not judged.
-- Rule: BL14, a person's outpatient visits at all hospitals in BL14.window_days reach BL14.max_visits_30d
-- (频繁门诊; GZ10000204002). The window that ends with the month's busiest visit counts; the finding is the
-- part of its visits beyond the limit.
-- Source: core.fct_outp_visit, core.fct_fee_line, ref.treatment_course.
with frequent_visits as (
    select * from {{ ref('int_frequent_visit') }}
),

ranked as (
    select
        frequent_visits.*,
        row_number() over (
            partition by org_code, person_id, visit_month
            order by visit_count - course_count desc, visit_count desc, visit_date desc, visit_id
        ) as place
    from frequent_visits
),

judged as (
    select
        ranked.org_code,
        ranked.patient_id as subject_id,
        ranked.person_id,
        ranked.dept_code,
        ranked.visit_month as period_start,
        {{ add_days(add_months('ranked.visit_month', 1), -1) }} as period_end,
        ranked.visit_date as window_end,
        ranked.window_days,
        ranked.visit_count,
        visit_limit.value as threshold,
        ranked.visit_count - visit_limit.value + 1 as excess_count,
        case
            when ranked.visit_count < visit_limit.value then 'clear'
            when ranked.visit_count - ranked.course_count < visit_limit.value then 'treatment_course'
            when ranked.visit_count - ranked.course_count - ranked.undiagnosed_count < visit_limit.value
                then 'missing_diagnosis'
            else 'fired'
        end as verdict
    from ranked
    {{ threshold_join('visit_limit', 'BL14', 'max_visits_30d', 'ranked.org_code', 'ranked.visit_month') }}
    where ranked.place = 1
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

window_visits as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        visits.visit_id,
        outcomes.excess_count / outcomes.visit_count as excess_share
    from outcomes
    inner join {{ ref('fct_outp_visit') }} as visits
        on
            outcomes.org_code = visits.org_code
            and outcomes.person_id = visits.person_id
            and cast(visits.register_time as date) <= outcomes.window_end
            and {{ days_between('visits.register_time', 'outcomes.window_end') }} < outcomes.window_days
    where outcomes.outcome in ('fired', 'guarded') and visits.visit_kind <> 'physical_exam'
),

charged as (
    select
        window_visits.org_code,
        window_visits.visit_id,
        window_visits.period_start,
        sum(fee_lines.net_amount) as amount,
        sum(fee_lines.net_amount * coalesce(insured_shares.insured_share, 0)) as insured_amount
    from window_visits
    inner join {{ ref('fct_fee_line') }} as fee_lines
        on
            window_visits.org_code = fee_lines.org_code
            and window_visits.visit_id = fee_lines.encounter_id
            and fee_lines.encounter_type = 'O'
    left join {{ ref('int_insured_share') }} as insured_shares
        on
            fee_lines.org_code = insured_shares.org_code
            and fee_lines.fee_id = insured_shares.fee_id
    group by window_visits.org_code, window_visits.visit_id, window_visits.period_start
),

evidence as (
    select
        window_visits.org_code,
        window_visits.subject_id,
        window_visits.period_start,
        window_visits.outcome,
        'his_outp_visit' as source_table,
        window_visits.visit_id as row_key,
        1 as value,
        coalesce(charged.amount, 0) * window_visits.excess_share as risk_gross,
        coalesce(charged.insured_amount, 0) * window_visits.excess_share as risk_fund
    from window_visits
    left join charged
        on
            window_visits.org_code = charged.org_code
            and window_visits.visit_id = charged.visit_id
            and window_visits.period_start = charged.period_start
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
