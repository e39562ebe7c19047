{{ config(materialized='view') }}

-- Grain: one coded diagnosis of an outpatient visit.
with diagnoses as (
    select
        org_code,
        diag_id,
        visit_id,
        icd10,
        is_main,
        diag_time,
        batch_id
    from {{ ref('stg_his__outp_diag') }}
    where icd10 is not null
)

select * from diagnoses
