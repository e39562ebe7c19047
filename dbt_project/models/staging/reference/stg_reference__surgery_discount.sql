-- Grain: the share of its price at which an operation of a group is payable, by version of its rule set.
-- Source: land.ref_surgery_discount.
with latest as (
    {{ latest_version('ref_surgery_discount', ['rule_set', 'version', 'grp', 'item_code']) }}
),

typed as (
    select
        org_code,
        rule_set,
        version,
        grp,
        item_code,
        rank_rule,
        cast(discount as numeric(5, 4)) as discount,
        _batch_id as batch_id
    from latest
)

select * from typed
