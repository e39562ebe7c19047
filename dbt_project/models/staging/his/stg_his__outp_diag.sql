-- Grain: one diagnosis of an outpatient visit. Source: land.his_outp_diag.
with latest as (
    {{ latest_version('his_outp_diag', ['diag_id']) }}
),

typed as (
    select
        org_code,
        diag_id,
        visit_id,
        seq,
        coalesce(is_main, false) as is_main,
        nullif(trim(icd10), '') as icd10,
        diag_time,
        _batch_id as batch_id
    from latest
)

select * from typed
