-- Grain: one inpatient stay that has ended and was called about, or complained of, in the month in which it began.
-- Rule: XS13, the patient says that there was no stay, or no operation, and it was billed. One answer that confirms
-- outweighs the denials; what a relative says is guarded, and so is what is no contradiction by itself: a complaint about
-- charges within 90 days, something bought outside.
-- Source: core.fct_followup, core.fct_fee_complaint, core.fct_ward_stay, core.fct_encounter_cost.
with answers as (
    select
        org_code,
        adm_id,
        max(case when reached then 1 else 0 end) as is_reached,
        max(case when reached and not stay_confirmed then 1 else 0 end) as is_stay_denied,
        max(case when reached and not stay_confirmed and not by_relative then 1 else 0 end) as is_stay_denied_by_patient,
        max(case when reached and stay_confirmed then 1 else 0 end) as is_stay_confirmed,
        max(case when reached and not surgery_confirmed then 1 else 0 end) as is_surgery_denied,
        max(case when reached and not surgery_confirmed and not by_relative then 1 else 0 end)
            as is_surgery_denied_by_patient,
        max(case when reached and surgery_confirmed then 1 else 0 end) as is_surgery_confirmed,
        max(case when reached and outside_purchase then 1 else 0 end) as has_outside_purchase,
        count(*) as call_count
    from {{ ref('fct_followup') }}
    group by org_code, adm_id
),

costs as (
    select
        org_code,
        encounter_id,
        end_date,
        amount,
        surgery_amount
    from {{ ref('fct_encounter_cost') }}
    where encounter_type = 'I'
),

complaints as (
    select
        complaints.org_code,
        complaints.encounter_id,
        min(complaints.received_at) as received_at
    from {{ ref('fct_fee_complaint') }} as complaints
    group by complaints.org_code, complaints.encounter_id
),

stays as (
    select
        stays.org_code,
        stays.adm_id,
        coalesce(stays.hi_mdtrt_id, stays.adm_id) as subject_id,
        stays.dept_code,
        {{ month_of('stays.adm_time') }} as period_start,
        costs.amount,
        costs.surgery_amount,
        costs.end_date,
        answers.is_reached,
        answers.is_stay_denied,
        answers.is_stay_denied_by_patient,
        answers.is_stay_confirmed,
        answers.is_surgery_denied,
        answers.is_surgery_denied_by_patient,
        answers.is_surgery_confirmed,
        answers.has_outside_purchase,
        answers.call_count,
        complaints.received_at
    from {{ ref('fct_ward_stay') }} as stays
    inner join costs
        on
            costs.org_code = stays.org_code
            and costs.encounter_id = stays.adm_id
    left join answers
        on
            answers.org_code = stays.org_code
            and answers.adm_id = stays.adm_id
    left join complaints
        on
            complaints.org_code = stays.org_code
            and complaints.encounter_id = stays.adm_id
    where answers.adm_id is not null or complaints.encounter_id is not null
),

compared as (
    select
        stays.*,
        case
            when is_stay_denied = 1 and is_stay_confirmed = 0 then amount
            when is_surgery_denied = 1 and is_surgery_confirmed = 0 then surgery_amount
            else 0
        end as denied_amount
    from stays
),

judged as (
    select
        compared.*,
        case
            when
                compared.denied_amount > 0
                and (compared.is_stay_denied_by_patient = 1 or compared.is_surgery_denied_by_patient = 1)
                then 'fired'
            when compared.denied_amount > 0 then 'relative_answered'
            when compared.is_stay_denied = 1 and compared.is_stay_confirmed = 1 then 'confirmed_on_another_call'
            when
                compared.is_surgery_denied = 1
                and compared.is_surgery_confirmed = 1
                and compared.surgery_amount > 0
                then 'confirmed_on_another_call'
            when {{ days_between('compared.end_date', 'compared.received_at') }} <= complaint_days.value then 'complaint_only'
            when coalesce(compared.is_reached, 0) = 0 then 'not_reached'
            when compared.has_outside_purchase = 1 then 'outside_purchase_only'
            else 'clear'
        end as verdict
    from compared
    {{ threshold_join('complaint_days', 'XS13', 'complaint_days', 'compared.org_code', 'compared.period_start') }}
),

outcomes as (
    select
        judged.*,
        {{ add_days(add_months('period_start', 1), -1) }} as period_end,
        {{ outcome_of('verdict', ['not_reached']) }} as outcome,
        verdict as reason,
        'red' as zone,
        '疑点' as state,
        coalesce(call_count, 0) as n
    from judged
),

exceeding as (
    select
        org_code,
        adm_id,
        subject_id,
        period_start,
        outcome,
        amount,
        denied_amount,
        is_stay_denied
    from outcomes
    where outcome in ('fired', 'guarded') and denied_amount > 0
),

stay_lines as (
    select
        exceeding.org_code,
        exceeding.subject_id,
        exceeding.period_start,
        exceeding.outcome,
        lines.fee_id,
        lines.net_amount
    from exceeding
    inner join {{ ref('fct_fee_line') }} as lines
        on
            lines.org_code = exceeding.org_code
            and lines.encounter_type = 'I'
            and lines.encounter_id = exceeding.adm_id
    left join {{ ref('code_label') }} as surgery
        on surgery.code_set = 'cost_group' and surgery.code = lines.item_category and surgery.category = 'surgery'
    where exceeding.is_stay_denied = 1 or surgery.code is not null
),

evidence as (
    {{ line_evidence('stay_lines', 'fee_id', 'line.net_amount') }}
    union all
    select
        calls.org_code,
        exceeding.subject_id,
        exceeding.period_start,
        exceeding.outcome,
        'sv_followup' as source_table,
        calls.followup_id as row_key,
        0 as value,
        0 as risk_gross,
        0 as risk_fund
    from exceeding
    inner join {{ ref('fct_followup') }} as calls
        on
            calls.org_code = exceeding.org_code
            and calls.adm_id = exceeding.adm_id
            and calls.reached
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'XS13', '1.0.0', "'encounter'", 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=['doctor_code', 'threshold', 'expected', 'peer_group', 'peer_n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
