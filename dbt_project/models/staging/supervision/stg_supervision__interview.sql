-- Grain: one interview by the inspection office. Source: land.sv_interview.
with latest as (
    {{ latest_version('sv_interview', ['interview_id']) }}
),

typed as (
    select
        org_code,
        interview_id,
        party_type,
        nullif(trim(party_code), '') as party_code,
        held_on,
        topic,
        _batch_id as batch_id
    from latest
)

select * from typed
