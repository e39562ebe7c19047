-- Grain: one call to a patient after discharge. Source: land.sv_followup. An answer that nobody gave is null.
with latest as (
    {{ latest_version('sv_followup', ['followup_id']) }}
),

typed as (
    select
        org_code,
        followup_id,
        adm_id,
        called_at,
        coalesce(reached, false) as reached,
        stay_confirmed,
        surgery_confirmed,
        outside_purchase,
        nullif(trim(note), '') as note,
        _batch_id as batch_id
    from latest
)

select * from typed
