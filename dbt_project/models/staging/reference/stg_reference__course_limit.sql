-- Grain: the longest course or largest quantity of a drug, by version of its rule set.
-- Source: land.ref_course_limit.
with latest as (
    {{ latest_version('ref_course_limit', ['rule_set', 'version', 'med_list_codg']) }}
),

typed as (
    select
        org_code,
        rule_set,
        version,
        med_list_codg,
        cast(max_days as numeric(6, 1)) as max_days,
        cast(max_qty_min_unit as numeric(18, 4)) as max_qty_min_unit,
        _batch_id as batch_id
    from latest
)

select * from typed
