-- Grain: one inpatient stay and day as the nurses kept it: what was measured and written down, and leave.
with days as (
    select
        org_code,
        adm_id,
        care_date,
        {{ month_of('care_date') }} as care_month,
        vitals_cnt,
        nursing_record_cnt,
        on_leave,
        batch_id
    from {{ ref('stg_his__nursing_day') }}
)

select * from days
