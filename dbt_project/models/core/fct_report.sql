-- Grain: one report of an examination, laboratory test or pathology.
-- Rule: a report counts from the day on which the examination was done, whether or not it is out yet.
with reports as (
    select
        org_code,
        report_id,
        report_kind,
        encounter_type,
        encounter_id,
        item_code,
        item_name,
        sample_time,
        exec_time,
        {{ month_of('coalesce(exec_time, report_time)') }} as exec_month,
        report_time,
        status,
        batch_id
    from {{ ref('stg_his__report') }}
)

select * from reports
