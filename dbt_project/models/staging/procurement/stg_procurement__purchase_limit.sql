-- Grain: one limit of a region, kind of purchase and period. Source: land.pr_threshold.
with latest as (
    {{ latest_version('pr_threshold', ['region_code', 'category_kind', 'threshold_kind', 'valid_from']) }}
),

typed as (
    select
        org_code,
        trim(region_code) as region_code,
        category_kind,
        threshold_kind,
        cast(amount as numeric(18, 2)) as amount,
        source_doc,
        valid_from,
        valid_to,
        _batch_id as batch_id
    from latest
)

select * from typed
