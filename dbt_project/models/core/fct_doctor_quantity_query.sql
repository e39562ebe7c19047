-- Grain: one query that shows quantities of drugs by doctor.
-- Rule: what counts prescriptions for a representative touches both at once; other queries are left out.
-- Source: staging.stg_his__access_log.
with queries as (
    select * from {{ ref('stg_his__access_log') }}
    where touches_doctor and touches_drug_qty
),

dated as (
    select
        org_code,
        log_id,
        log_time,
        cast(log_time as date) as log_date,
        {{ month_of('log_time') }} as log_month,
        cast(extract(hour from log_time) as integer) as log_hour,
        coalesce(account, staff_code, 'unknown') as account,
        staff_code,
        app,
        object_name,
        row_count,
        is_exported,
        batch_id
    from queries
)

select * from dated
