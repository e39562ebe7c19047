-- Grain: one matter to be rectified under a notice. Source: land.sv_rectification.
with latest as (
    {{ latest_version('sv_rectification', ['rect_id']) }}
),

typed as (
    select
        org_code,
        rect_id,
        notice_id,
        nullif(trim(indicator_id), '') as indicator_id,
        entity_type,
        entity_code,
        status,
        closed_on,
        cast(refunded_amount as numeric(18, 2)) as refunded_amount,
        _batch_id as batch_id
    from latest
)

select * from typed
