-- Grain: one largest quantity of an item in a kind of window, by version of its rule set.
-- Rule: valid_from and valid_to are those of the version; a limit whose version is not on the list of
-- versions has no known day of beginning and does not hold.
-- Source: the rule library.
with limits as (
    select * from {{ ref('stg_reference__freq_limit') }}
),

versions as (
    select * from {{ ref('dim_rule_version') }}
),

dated as (
    select
        limits.org_code,
        limits.rule_set,
        limits.version,
        limits.item_code as med_list_codg,
        limits.window_kind,
        limits.window_len,
        limits.max_qty,
        limits.unit,
        versions.valid_from,
        versions.valid_to,
        limits.batch_id
    from limits
    inner join versions
        on
            limits.org_code = versions.org_code
            and limits.rule_set = versions.rule_set
            and limits.version = versions.version
)

select * from dated
