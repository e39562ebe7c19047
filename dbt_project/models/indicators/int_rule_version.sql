-- Grain: one indicator, organisation and stretch of time: the version of the rule there and then.
-- Rule: version of the method + digest of the thresholds that hold: which rows (scope, first day) and their values. A
-- new row makes a new version from its first day on for those whom it reaches; the end of a row changes nothing before
-- it. Organisations with the same rows have the same version. Form: Semantic Versioning, digest as build metadata.
with thresholds as (
    select
        indicator_id,
        method_version,
        org_code,
        valid_from,
        valid_to,
        threshold_of || '.' || param || '|' || qualifier || '|' || scope || '|' || {{ as_text('set_on') }}
        || '|' || {{ as_text('cast(value as numeric(18, 4))') }} as entry
    from {{ ref('int_rule_threshold') }}
),

sets as (
    select
        indicator_id,
        method_version,
        org_code,
        valid_from,
        valid_to,
        md5({{ text_list('entry') }}) as digest
    from thresholds
    group by indicator_id, method_version, org_code, valid_from, valid_to
),

versions as (
    select
        indicator_id,
        org_code,
        valid_from,
        valid_to,
        method_version || '+' || substring(digest, 1, 8) as rule_version
    from sets
)

select * from versions
