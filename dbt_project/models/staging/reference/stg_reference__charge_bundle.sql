-- Grain: one component of a package that is to be billed as one item, by version of its rule set.
-- Source: land.ref_charge_bundle.
with latest as (
    {{ latest_version('ref_charge_bundle', ['rule_set', 'version', 'parent_code', 'component_code']) }}
),

typed as (
    select
        org_code,
        rule_set,
        version,
        parent_code,
        component_code,
        bundle_kind,
        cast(min_components as integer) as min_components,
        window_kind,
        valid_from,
        valid_to,
        source_text,
        _batch_id as batch_id
    from latest
)

select * from typed
