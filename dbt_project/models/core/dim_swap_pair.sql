-- Grain: one pair of items that are billed for one another, by version of its rule set: billed_code is charged,
-- true_code is what was given or done.
-- Rule: valid_from and valid_to are those of the version; a pair whose version is not on the list of
-- versions has no known day of beginning and does not hold.
-- Source: the rule library.
with pairs as (
    select * from {{ ref('stg_reference__swap_pair') }}
),

versions as (
    select * from {{ ref('dim_rule_version') }}
),

dated as (
    select
        pairs.org_code,
        pairs.rule_set,
        pairs.version,
        pairs.billed_code,
        pairs.true_code,
        pairs.note,
        versions.valid_from,
        versions.valid_to,
        pairs.batch_id
    from pairs
    inner join versions
        on
            pairs.org_code = versions.org_code
            and pairs.rule_set = versions.rule_set
            and pairs.version = versions.version
)

select * from dated
