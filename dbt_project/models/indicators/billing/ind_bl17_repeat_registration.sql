-- Grain: one organisation, department and month in which registrations were charged.
-- Rule: BL17, a second registration or consultation fee of one person in one standard department within
-- BL17.window_hours of the first, for the same illness or a follow-up (一号管三天). The finding is the
-- later fee.
-- Source: core.fct_fee_line, core.fct_outp_visit.
with registration_lines as (
    select * from {{ ref('fct_fee_line') }}
    where encounter_type = 'O' and item_category in ('02', '12', '13') and net_amount > 0
),

visits as (
    select * from {{ ref('fct_outp_visit') }}
),

pairs as (
    select * from {{ ref('int_registration_pair') }}
),

judged_lines as (
    select
        registration_lines.org_code,
        registration_lines.fee_id,
        visits.dept_code as subject_id,
        registration_lines.service_month as period_start,
        registration_lines.net_amount,
        coalesce(pairs.verdict, 'clear') as verdict
    from registration_lines
    inner join visits
        on
            registration_lines.org_code = visits.org_code
            and registration_lines.encounter_id = visits.visit_id
    left join pairs
        on
            registration_lines.org_code = pairs.org_code
            and registration_lines.encounter_id = pairs.visit_id
),

outcomes as (
    select
        judged_lines.*,
        {{ outcome_of('verdict', ['missing_diagnosis']) }} as outcome
    from judged_lines
),

evidence as (
    {{ line_evidence('outcomes', 'fee_id', '1', 'line.net_amount') }}
),

department_months as (
    {{
        subject_months('outcomes', {
            'dept_code': 'subject_id',
            'repeats': "sum(case when outcome = 'fired' then 1 else 0 end)",
        })
    }}
),

with_evidence as (
    {{ with_evidence('department_months', 'evidence') }}
),

with_limit as (
    select
        with_evidence.*,
        hours.value as threshold
    from with_evidence
    {{ threshold_join('hours', 'BL17', 'window_hours', 'with_evidence.org_code', 'with_evidence.period_start') }}
),

indicator as (
    {{
        indicator_rows(
            'BL17', '1.0.0', "'department'", 'with_limit', value='repeats',
            absent=['doctor_code', 'expected', 'peer_group', 'peer_n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
