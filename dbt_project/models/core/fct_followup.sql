-- Grain: one call after discharge that reached somebody or did not.
-- Rule: a relative answered, or nobody who knows the patient, where the note says so (ref.code_label, relative_answer and
-- wrong_number). `denied_what` is the gravest of what the answers speak against.
with calls as (
    select * from {{ ref('stg_supervision__followup') }}
),

labels as (
    select * from {{ ref('code_label') }}
),

noted as (
    select
        calls.org_code,
        calls.followup_id,
        max(case when labels.code_set = 'relative_answer' then 1 else 0 end) as by_relative,
        max(case when labels.code_set = 'wrong_number' then 1 else 0 end) as is_wrong_number
    from calls
    inner join labels
        on labels.code_set in ('relative_answer', 'wrong_number') and calls.note like '%' || labels.code || '%'
    group by calls.org_code, calls.followup_id
),

described as (
    select
        calls.org_code,
        calls.followup_id,
        calls.adm_id,
        calls.called_at,
        {{ month_of('calls.called_at') }} as call_month,
        calls.reached,
        coalesce(noted.by_relative, 0) = 1 as by_relative,
        coalesce(noted.is_wrong_number, 0) = 1 as is_wrong_number,
        calls.stay_confirmed,
        calls.surgery_confirmed,
        calls.outside_purchase,
        case
            when not calls.reached then null
            when not calls.stay_confirmed then 'stay'
            when not calls.surgery_confirmed then 'surgery'
            when calls.outside_purchase then 'outside_purchase'
        end as denied_what,
        calls.batch_id
    from calls
    left join noted
        on
            noted.org_code = calls.org_code
            and noted.followup_id = calls.followup_id
),

labelled as (
    select
        described.*,
        labels.label_zh as denied_label
    from described
    left join labels on labels.code_set = 'denied_what' and labels.code = described.denied_what
)

select * from labelled
