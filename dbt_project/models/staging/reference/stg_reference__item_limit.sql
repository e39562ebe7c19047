-- Grain: one kind of limit on paying for an item, by version of its rule set. Source: land.ref_item_limit.
with latest as (
    {{ latest_version('ref_item_limit', ['rule_set', 'version', 'item_code', 'limit_kind']) }}
),

typed as (
    select
        org_code,
        rule_set,
        version,
        item_code,
        limit_kind,
        cast(age_min as numeric(5, 2)) as age_min,
        cast(age_max as numeric(5, 2)) as age_max,
        nullif(trim(sex), '') as sex,
        nullif(trim(dept_pattern), '') as dept_pattern,
        nullif(trim(icd_pattern), '') as icd_pattern,
        nullif(trim(note), '') as note,
        _batch_id as batch_id
    from latest
)

select * from typed
