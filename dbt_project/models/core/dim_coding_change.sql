-- Grain: one day on which an organisation's coders, the grouping scheme or the payment method changed (org_code * for
-- the whole region).
-- Source: the rule library.
with changes as (
    select * from {{ ref('stg_reference__coding_change') }}
)

select * from changes
