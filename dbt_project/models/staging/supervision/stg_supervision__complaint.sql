-- Grain: one complaint. Source: land.sv_complaint.
with latest as (
    {{ latest_version('sv_complaint', ['complaint_id']) }}
),

typed as (
    select
        org_code,
        complaint_id,
        topic,
        received_at,
        nullif(trim(encounter_id), '') as encounter_id,
        status,
        verified,
        _batch_id as batch_id
    from latest
)

select * from typed
