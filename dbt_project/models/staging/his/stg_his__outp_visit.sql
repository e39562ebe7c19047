-- Grain: one outpatient visit. Source: land.his_outp_visit.
with latest as (
    {{ latest_version('his_outp_visit', ['visit_id']) }}
),

typed as (
    select
        org_code,
        visit_id,
        patient_id,
        register_time,
        visit_time,
        dept_code,
        doctor_code,
        visit_kind,
        is_first_visit,
        coalesce(is_cancelled, false) as is_cancelled,
        nullif(trim(hi_mdtrt_id), '') as hi_mdtrt_id,
        _batch_id as batch_id
    from latest
)

select * from typed
