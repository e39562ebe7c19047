-- Grain: one code of the insurance edition for a code of the clinical one, by version of its rule set.
-- Rule: valid_from and valid_to are those of the version; a row whose version is not on the list of
-- versions has no known day of beginning and does not hold.
-- Source: the rule library.
with codes as (
    select * from {{ ref('stg_reference__code_map') }}
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
        codes.clinical_code,
        codes.insurance_code,
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
