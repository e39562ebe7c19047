-- Grain: one kind of limit on paying for a drug, by version of its rule set. Source: land.ref_drug_limit.
with latest as (
    {{ latest_version('ref_drug_limit', ['rule_set', 'version', 'med_list_codg', 'limit_kind']) }}
),

typed as (
    select
        org_code,
        rule_set,
        version,
        med_list_codg,
        limit_kind,
        nullif(trim(icd_pattern), '') as icd_pattern,
        cast(age_min as numeric(5, 2)) as age_min,
        cast(age_max as numeric(5, 2)) as age_max,
        nullif(trim(sex), '') as sex,
        nullif(trim(org_level_min), '') as org_level_min,
        nullif(trim(med_types), '') as med_types,
        nullif(trim(insutypes), '') as insutypes,
        nullif(trim(note), '') as note,
        _batch_id as batch_id
    from latest
)

select * from typed
