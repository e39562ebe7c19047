-- Grain: one pair of items that may not be billed together, by version of its rule set.
-- Source: land.ref_mutex_pair.
with latest as (
    {{ latest_version('ref_mutex_pair', ['rule_set', 'version', 'code_a', 'code_b']) }}
),

typed as (
    select
        org_code,
        rule_set,
        version,
        code_a,
        code_b,
        window_kind,
        source_text,
        _batch_id as batch_id
    from latest
)

select * from typed
