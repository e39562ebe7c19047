-- Grain: one largest quantity of an item in a kind of window, by version of its rule set.
-- Source: land.ref_freq_limit.
with latest as (
    {{ latest_version('ref_freq_limit', ['rule_set', 'version', 'item_code', 'window_kind']) }}
),

typed as (
    select
        org_code,
        rule_set,
        version,
        item_code,
        window_kind,
        cast(window_len as numeric(8, 2)) as window_len,
        cast(max_qty as numeric(18, 4)) as max_qty,
        nullif(trim(unit), '') as unit,
        _batch_id as batch_id
    from latest
)

select * from typed
