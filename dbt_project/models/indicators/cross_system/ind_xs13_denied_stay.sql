-- Grain: one inpatient stay that has ended and was called about, or complained of, in the month in which it began.
-- Rule: XS13, the patient says that there was no stay, or no operation, and it was billed. One answer that confirms
-- outweighs the denials; one denial alone is yellow. What a relative says is guarded, and so are a wrong number and what is
-- no contradiction by itself: a complaint about charges within 90 days, something bought outside. Who was reached and was
-- not asked, or did not know, confirms nothing. `peer_group` names what was denied (ref.code_label, denied_what).
-- Source: core.fct_followup, core.fct_fee_complaint, core.fct_ward_stay, core.fct_encounter_cost.
with calls as (
    select
        org_code,
        adm_id,
        stay_confirmed,
        surgery_confirmed,
        outside_purchase,
        reached and not is_wrong_number as is_answered,
        reached and not is_wrong_number and not by_relative as is_patient,
        reached and is_wrong_number as is_wrong_number
    from {{ ref('fct_followup') }}
),

answers as (
    select
        org_code,
        adm_id,
        max(case when is_answered then 1 else 0 end) as is_reached,
        max(case when is_wrong_number then 1 else 0 end) as is_wrong_number,
        sum(case when is_patient and not stay_confirmed then 1 else 0 end) as stay_denials,
        max(case when is_answered and not stay_confirmed then 1 else 0 end) as is_stay_denied,
        max(case when is_wrong_number and not stay_confirmed then 1 else 0 end) as is_stay_denied_elsewhere,
        max(case when is_answered and stay_confirmed then 1 else 0 end) as is_stay_confirmed,
        sum(case when is_patient and not surgery_confirmed then 1 else 0 end) as surgery_denials,
        max(case when is_answered and not surgery_confirmed then 1 else 0 end) as is_surgery_denied,
        max(case when is_wrong_number and not surgery_confirmed then 1 else 0 end) as is_surgery_denied_elsewhere,
        max(case when is_answered and surgery_confirmed then 1 else 0 end) as is_surgery_confirmed,
        max(case when is_answered and outside_purchase then 1 else 0 end) as has_outside_purchase,
        count(*) as call_count
    from calls
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
        answers.is_wrong_number,
        answers.stay_denials,
        answers.is_stay_denied,
        answers.is_stay_denied_elsewhere,
        answers.is_stay_confirmed,
        answers.surgery_denials,
        answers.is_surgery_denied,
        answers.is_surgery_denied_elsewhere,
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

denied as (
    select
        stays.*,
        stay_denials > 0 and is_stay_confirmed = 0 and amount > 0 as patient_denies_stay,
        surgery_denials > 0 and is_surgery_confirmed = 0 and surgery_amount > 0 as patient_denies_surgery,
        is_stay_denied = 1 and is_stay_confirmed = 0 and amount > 0 as somebody_denies_stay,
        is_surgery_denied = 1 and is_surgery_confirmed = 0 and surgery_amount > 0 as somebody_denies_surgery,
        is_stay_denied = 1 and amount > 0 as stay_was_denied,
        is_surgery_denied = 1 and surgery_amount > 0 as surgery_was_denied,
        is_stay_denied_elsewhere = 1 and is_stay_confirmed = 0 and amount > 0 as stranger_denies_stay,
        is_surgery_denied_elsewhere = 1 and is_surgery_confirmed = 0 and surgery_amount > 0 as stranger_denies_surgery
    from stays
),

judged as (
    select
        denied.*,
        red_denials.value as red_denials,
        case
            when denied.patient_denies_stay or denied.patient_denies_surgery then 'fired'
            when denied.somebody_denies_stay or denied.somebody_denies_surgery then 'relative_answered'
            when denied.stay_was_denied or denied.surgery_was_denied then 'confirmed_on_another_call'
            when denied.stranger_denies_stay or denied.stranger_denies_surgery then 'wrong_number'
            when {{ days_between('denied.end_date', 'denied.received_at') }} <= complaint_days.value then 'complaint_only'
            when coalesce(denied.is_reached, 0) = 0 and denied.is_wrong_number = 1 then 'wrong_number'
            when coalesce(denied.is_reached, 0) = 0 then 'not_reached'
            when denied.amount > 0 and denied.is_stay_denied = 0 and denied.is_stay_confirmed = 0 then 'missing_answer'
            when
                denied.surgery_amount > 0
                and denied.is_surgery_denied = 0
                and denied.is_surgery_confirmed = 0
                then 'missing_answer'
            when denied.has_outside_purchase = 1 then 'outside_purchase_only'
            else 'clear'
        end as verdict
    from denied
    {{ threshold_join('complaint_days', 'XS13', 'complaint_days', 'denied.org_code', 'denied.period_start') }}
    {{ threshold_join('red_denials', 'XS13', 'red_denials', 'denied.org_code', 'denied.period_start') }}
),

-- What the patient denies comes before what others deny.
compared as (
    select
        judged.*,
        case
            when patient_denies_stay then 'stay'
            when patient_denies_surgery then 'surgery'
            when stay_was_denied or stranger_denies_stay then 'stay'
            when surgery_was_denied or stranger_denies_surgery then 'surgery'
            when has_outside_purchase = 1 then 'outside_purchase'
        end as denied_what,
        case
            when patient_denies_stay then amount
            when patient_denies_surgery then surgery_amount
            when somebody_denies_stay then amount
            when somebody_denies_surgery then surgery_amount
            when verdict <> 'wrong_number' then 0
            when stranger_denies_stay then amount
            when stranger_denies_surgery then surgery_amount
            else 0
        end as denied_amount,
        case when patient_denies_stay then stay_denials when patient_denies_surgery then surgery_denials else 0 end
            as patient_denials
    from judged
),

outcomes as (
    select
        compared.*,
        {{ add_days(add_months('period_start', 1), -1) }} as period_end,
        {{ outcome_of('verdict', ['not_reached', 'missing_answer']) }} as outcome,
        verdict as reason,
        denied_what as peer_group,
        case when patient_denials >= red_denials then 'red' else 'yellow' end as zone,
        case when patient_denials >= red_denials then '疑点' else '线索' end as state,
        coalesce(call_count, 0) as n
    from compared
),

exceeding as (
    select
        org_code,
        adm_id,
        subject_id,
        period_start,
        outcome,
        denied_what,
        denied_amount
    from outcomes
    where outcome in ('fired', 'guarded') and denied_what is not null
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
    where
        exceeding.denied_amount > 0
        and (exceeding.denied_what = 'stay' or surgery.code is not null)
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
            absent=['doctor_code', 'threshold', 'expected', 'peer_n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
