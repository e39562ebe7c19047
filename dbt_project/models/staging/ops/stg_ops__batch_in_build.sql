{{ config(materialized='table') }}

-- Grain: one loaded batch that the core facts do not contain yet. Source: ops.batch.
with in_build as (
    select
        batch_id,
        table_name
    from {{ source('ops', 'batch') }}
    where
        state = 'loaded'
        and {{ batches_to_build('batch_id') }}
        and {{ is_known('batch_id') }}
)

select * from in_build
