-- Grain: one procedure. Source: land.his_surgery.
with latest as (
    {{ latest_version('his_surgery', ['surgery_id']) }}
),

typed as (
    select
        org_code,
        surgery_id,
        nullif(trim(adm_id), '') as adm_id,
        nullif(trim(icd9cm3), '') as icd9cm3,
        nullif(trim(incision_class), '') as incision_class,
        nullif(trim(approach), '') as approach,
        start_time,
        end_time,
        anes_start,
        anes_end,
        status,
        _batch_id as batch_id
    from latest
)

select * from typed
