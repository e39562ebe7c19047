-- Grain: one inpatient stay and day as the nurses kept it. Source: land.his_nursing_day.
with latest as (
    {{ latest_version('his_nursing_day', ['adm_id', 'care_date']) }}
),

typed as (
    select
        org_code,
        adm_id,
        care_date,
        vitals_cnt,
        nursing_record_cnt,
        coalesce(leave_flag, false) as on_leave,
        _batch_id as batch_id
    from latest
)

select * from typed
