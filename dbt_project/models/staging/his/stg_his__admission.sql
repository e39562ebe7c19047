-- Grain: one inpatient stay. Source: land.his_admission.
with latest as (
    {{ latest_version('his_admission', ['adm_id']) }}
),

typed as (
    select
        org_code,
        adm_id,
        patient_id,
        adm_time,
        dscg_time,
        adm_dept_code,
        dscg_dept_code,
        nullif(trim(dscg_way), '') as dscg_way,
        nullif(trim(hi_mdtrt_id), '') as hi_mdtrt_id,
        coalesce(is_cancelled, false) as is_cancelled,
        _batch_id as batch_id
    from latest
)

select * from typed
