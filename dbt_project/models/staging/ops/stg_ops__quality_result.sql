-- Grain: one batch and contract rule that the gate was asked. Source: ops.quality_result.
with results as (
    select
        batch_id,
        rule_id,
        rule_name_zh,
        source_id,
        coalesce(org_code, '') as org_code,
        table_name,
        dimension,
        severity,
        level,
        evaluated,
        failed,
        not_evaluated,
        not_evaluated_reason
    from {{ source('ops', 'quality_result') }}
    where
        batch_id is not null
        and {{ is_known('batch_id') }}
)

select * from results
