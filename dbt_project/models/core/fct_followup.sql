-- Grain: one call after discharge that reached somebody or did not.
-- Rule: a relative answered where the note says so (ref.code_label, relative_answer).
with calls as (
    select * from {{ ref('stg_supervision__followup') }}
),

relatives as (
    select distinct
        calls.org_code,
        calls.followup_id
    from calls
    inner join {{ ref('code_label') }} as labels
        on labels.code_set = 'relative_answer' and calls.note like '%' || labels.code || '%'
),

described as (
    select
        calls.org_code,
        calls.followup_id,
        calls.adm_id,
        calls.called_at,
        {{ month_of('calls.called_at') }} as call_month,
        calls.reached,
        relatives.followup_id is not null as by_relative,
        calls.stay_confirmed,
        calls.surgery_confirmed,
        calls.outside_purchase,
        calls.batch_id
    from calls
    left join relatives
        on
            relatives.org_code = calls.org_code
            and relatives.followup_id = calls.followup_id
)

select * from described
