-- Grain: one change of an organisation's coders, grouper or payment method (org_code * for the whole region).
-- Source: land.ref_coding_change.
with latest as (
    {{ latest_version('ref_coding_change', ['change_kind', 'changed_on']) }}
),

typed as (
    select
        org_code,
        change_kind,
        changed_on,
        _batch_id as batch_id
    from latest
)

select * from typed
