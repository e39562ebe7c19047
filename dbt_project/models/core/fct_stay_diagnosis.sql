{{ config(materialized='view') }}

-- Grain: one coded diagnosis of an inpatient stay, in the month of its admission.
with diagnoses as (
    select * from {{ ref('stg_his__adm_diag') }}
    where icd10 is not null
),

stays as (
    select
        org_code,
        adm_id,
        {{ month_of('adm_time') }} as adm_month
    from {{ ref('stg_his__admission') }}
    where not is_cancelled
),

placed as (
    select
        diagnoses.org_code,
        diagnoses.diag_id,
        diagnoses.adm_id,
        diagnoses.diag_type,
        diagnoses.is_main,
        diagnoses.on_front_page,
        diagnoses.seq,
        diagnoses.icd10,
        stays.adm_month,
        diagnoses.batch_id
    from diagnoses
    inner join stays
        on
            stays.org_code = diagnoses.org_code
            and stays.adm_id = diagnoses.adm_id
)

select * from placed
