-- Grain: one component of a package that is to be billed as one item, by version of its rule set.
-- Rule: a row holds while its version does, and within its own dates where it has some; a row whose version is
-- not on the list of versions has no known day of beginning and does not hold.
-- Source: the rule library.
with bundles as (
    select * from {{ ref('stg_reference__charge_bundle') }}
),

versions as (
    select * from {{ ref('dim_rule_version') }}
),

dated as (
    select
        bundles.org_code,
        bundles.rule_set,
        bundles.version,
        bundles.parent_code,
        bundles.component_code,
        bundles.bundle_kind,
        bundles.min_components,
        bundles.window_kind,
        bundles.source_text,
        greatest(versions.valid_from, coalesce(bundles.valid_from, versions.valid_from)) as valid_from,
        least(versions.valid_to, coalesce(bundles.valid_to, versions.valid_to)) as valid_to,
        bundles.batch_id
    from bundles
    inner join versions
        on
            bundles.org_code = versions.org_code
            and bundles.rule_set = versions.rule_set
            and bundles.version = versions.version
),

valid as (
    select * from dated
    where valid_from <= valid_to
)

select * from valid
