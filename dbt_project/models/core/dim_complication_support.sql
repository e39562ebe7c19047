-- Grain: one kind of record that supports a complication, by version of its rule set.
-- Rule: valid_from and valid_to are those of the version; a row whose version is not on the list of
-- versions has no known day of beginning and does not hold.
-- Source: the rule library.
with supports as (
    select * from {{ ref('stg_reference__complication_support') }}
),

versions as (
    select * from {{ ref('dim_rule_version') }}
),

dated as (
    select
        supports.org_code,
        supports.rule_set,
        supports.version,
        supports.icd_prefix,
        supports.grade,
        supports.evidence_kind,
        supports.evidence_code,
        versions.valid_from,
        versions.valid_to,
        supports.batch_id
    from supports
    inner join versions
        on
            supports.org_code = versions.org_code
            and supports.rule_set = versions.rule_set
            and supports.version = versions.version
)

select * from dated
