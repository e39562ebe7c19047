-- Grain: one row that a deep reload found added, changed or removed before what ordinary runs read.
-- Source: ops.backdated_change.
with changes as (
    select
        batch_id,
        source_id,
        org_code,
        table_name,
        month_start,
        row_key_hash,
        kind
    from {{ source('ops', 'backdated_change') }}
    where {{ is_known('batch_id') }}
)

select * from changes
