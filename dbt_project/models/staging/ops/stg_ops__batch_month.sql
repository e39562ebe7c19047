-- Grain: one batch, organisation and business month of the rows that it holds. Source: ops.batch_month.
-- Rule: group_key stands for organisation and month together, either of which a broken row may lack.
with rows_of_batches as (
    select
        batch_id,
        coalesce(org_code, '') as org_code,
        business_month,
        coalesce(org_code, '') || '|' || coalesce({{ as_text('business_month') }}, '') as group_key,
        rows as row_count,
        quarantined,
        duplicates,
        vanished,
        amount,
        quarantined_amount
    from {{ source('ops', 'batch_month') }}
    where {{ is_known('batch_id') }}
)

select * from rows_of_batches
