-- Grain: one organisation and landing table from which rows of the organisation have come.
-- Rule: the months between the first and the last delivery. A delivery is a loaded batch that holds rows of the organisation:
-- it speaks for the window that was read, up to the day for which it was run, and for the months of its rows.
-- Source: staging.stg_ops__batch, stg_ops__batch_month.
with batches as (
    select * from {{ ref('stg_ops__batch') }}
    where state = 'loaded'
),

held as (
    select
        batch_id,
        org_code,
        min(business_month) as first_month,
        max(business_month) as last_month
    from {{ ref('stg_ops__batch_month') }}
    where row_count > 0
    group by batch_id, org_code
),

spans as (
    select
        held.org_code,
        batches.table_name,
        min(least(held.first_month, {{ month_of('batches.window_start') }})) as first_month,
        max(greatest(held.last_month, batches.run_month)) as last_month
    from held
    inner join batches on batches.batch_id = held.batch_id
    group by held.org_code, batches.table_name
)

select * from spans
