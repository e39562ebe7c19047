-- Grain: one diagnosis of an inpatient stay. Source: land.his_adm_diag.
with latest as (
    {{ latest_version('his_adm_diag', ['diag_id']) }}
),

typed as (
    select
        org_code,
        diag_id,
        adm_id,
        diag_type,
        coalesce(is_main, false) as is_main,
        coalesce(on_front_page, diag_type = 'dscg', false) as on_front_page,
        seq,
        nullif(trim(icd10), '') as icd10,
        _batch_id as batch_id
    from latest
)

select * from typed
