{{ config(materialized='view') }}

-- Grain: one outpatient visit that was not cancelled.
with visits as (
    select
        org_code,
        visit_id,
        visit_kind,
        visit_time,
        dept_code,
        doctor_code,
        batch_id
    from {{ ref('stg_his__outp_visit') }}
    where not is_cancelled
)

select * from visits
