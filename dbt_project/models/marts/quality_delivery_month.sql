-- Grain: one source, table and month of the business dates for which it was run.
-- Rule: extracted = unchanged + loaded + quarantined + duplicates over the batches that were loaded; difference says by
-- how many rows that fails. What was read again and found as it was counts once. Source: quality.delivery_month.
with accounts as (
    select * from {{ ref('delivery_month') }}
),

tables as (
    {{ landing_tables() }}
),

labels as (
    select * from {{ ref('code_label') }}
    where code_set = 'system'
),

typed as (
    select
        cast(accounts.source_id as varchar(100)) as source_id,
        cast(accounts.org_code as varchar(12)) as org_code,
        cast(labels.label_zh as varchar(60)) as system_zh,
        cast(accounts.table_name as varchar(40)) as table_name,
        cast(tables.table_zh as varchar(60)) as table_zh,
        cast(accounts.run_month as date) as run_month,
        cast(accounts.batches as integer) as batches,
        cast(accounts.rejected_batches as integer) as rejected_batches,
        cast(accounts.waiting_batches as integer) as waiting_batches,
        cast(accounts.extracted as bigint) as extracted,
        cast(accounts.unchanged as bigint) as unchanged,
        cast(accounts.loaded as bigint) as loaded,
        cast(accounts.quarantined as bigint) as quarantined,
        cast(accounts.duplicates as bigint) as duplicates,
        cast(accounts.vanished as bigint) as vanished,
        cast(accounts.difference as bigint) as difference,
        cast(accounts.last_as_of as date) as last_as_of,
        cast(accounts.last_loaded_at as timestamp) as last_loaded_at,
        cast(accounts.latest_at as timestamp) as latest_at
    from accounts
    left join tables on accounts.table_name = tables.table_name
    left join labels on tables.domain = labels.code
)

select * from typed
