-- Grain: one pair of items that may not be billed together, by version of its rule set: code_a stays
-- payable, code_b is contained in it.
-- Rule: valid_from and valid_to are those of the version; a pair whose version is not on the list of
-- versions has no known day of beginning and does not hold.
-- Source: the rule library.
with pairs as (
    select * from {{ ref('stg_reference__mutex_pair') }}
),

versions as (
    select * from {{ ref('dim_rule_version') }}
),

dated as (
    select
        pairs.org_code,
        pairs.rule_set,
        pairs.version,
        pairs.code_a,
        pairs.code_b,
        pairs.window_kind,
        pairs.source_text,
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
