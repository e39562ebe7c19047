-- Grain: one batch, row rule, organisation and business month with a failure or a row that could not be
-- judged. Source: ops.quality_month.
with counts as (
    select
        batch_id,
        rule_id,
        coalesce(org_code, '') || '|' || coalesce({{ as_text('business_month') }}, '') as group_key,
        failed,
        not_evaluated
    from {{ source('ops', 'quality_month') }}
    where {{ is_known('batch_id') }}
)

select * from counts
