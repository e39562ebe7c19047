-- Grain: one patient record. Source: land.his_patient.
with latest as (
    {{ latest_version('his_patient', ['patient_id']) }}
),

typed as (
    select
        org_code,
        patient_id,
        person_key,
        birth_date,
        _batch_id as batch_id
    from latest
)

select * from typed
