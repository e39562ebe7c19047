-- Grain: one diagnosis or operation code by which no case is grouped, by version of its rule set.
-- Rule: valid_from and valid_to are those of the version; a code whose version is not on the list of
-- versions has no known day of beginning and does not hold.
-- Source: the rule library.
with codes as (
    select * from {{ ref('stg_reference__ungrouped_code') }}
),

versions as (
    select * from {{ ref('dim_rule_version') }}
),

dated as (
    select
        codes.org_code,
        codes.rule_set,
        codes.version,
        codes.code_kind,
        codes.code,
        versions.valid_from,
        versions.valid_to,
        codes.batch_id
    from codes
    inner join versions
        on
            codes.org_code = versions.org_code
            and codes.rule_set = versions.rule_set
            and codes.version = versions.version
)

select * from dated
