-- Grain: one code by which no case is grouped, by version of its rule set. Source: land.ref_ungrouped_code.
with latest as (
    {{ latest_version('ref_ungrouped_code', ['rule_set', 'version', 'code_kind', 'code']) }}
),

typed as (
    select
        org_code,
        rule_set,
        version,
        code_kind,
        code,
        _batch_id as batch_id
    from latest
)

select * from typed
