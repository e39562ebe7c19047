-- Grain: one batch that was loaded: the delivery in which a row came, and the landed file that holds it.
-- Source: stg_ops__batch (ops.batch). `qinglian verify` proves that the file still has the hash.
with batches as (
    select * from {{ ref('stg_ops__batch') }}
    where state = 'loaded'
),

described as (
    select
        batch_id,
        source_id,
        table_name,
        as_of,
        extracted_at,
        loaded_at,
        extracted,
        loaded,
        file_path,
        file_sha256
    from batches
)

select * from described
