-- Grain: one version of a rule set. Source: land.ref_rule_version.
with latest as (
    {{ latest_version('ref_rule_version', ['rule_set', 'version']) }}
),

typed as (
    select
        org_code,
        rule_set,
        version,
        source_doc,
        cast(published_on as date) as published_on,
        _batch_id as batch_id
    from latest
)

select * from typed
