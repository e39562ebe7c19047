-- Grain: one pair of items that are billed for one another, by version of its rule set.
-- Source: land.ref_swap_pair.
with latest as (
    {{ latest_version('ref_swap_pair', ['rule_set', 'version', 'billed_code', 'true_code']) }}
),

typed as (
    select
        org_code,
        rule_set,
        version,
        billed_code,
        true_code,
        note,
        _batch_id as batch_id
    from latest
)

select * from typed
