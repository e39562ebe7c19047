-- Grain: one patient record of a hospital. Source: HIS patient register.
with patients as (
    select
        org_code,
        patient_id,
        person_key,
        birth_date,
        batch_id
    from {{ ref('stg_his__patient') }}
)

select * from patients
