-- Grain: one source, table and month of the business dates for which it was run.
-- Rule: what became of the rows that were extracted. Of a batch that was rejected, or has not been loaded yet, no row
-- has an end, so that it counts among batches only. A repeat, which found everything as it was, is no delivery.
-- difference is zero where nothing was lost.
-- Source: stg_ops__batch (ops.batch).
with batches as (
    select * from {{ ref('stg_ops__batch') }}
    where not is_repeat
),

-- Whose rows a source has: one hospital's where all that came are of it.
owners as (
    select
        batches.source_id,
        case when count(distinct held.org_code) = 1 then min(held.org_code) end as org_code
    from {{ ref('stg_ops__batch_month') }} as held
    inner join batches on held.batch_id = batches.batch_id
    where held.row_count > 0 and held.org_code <> ''
    group by batches.source_id
),

months as (
    select
        source_id,
        table_name,
        run_month,
        count(*) as batches,
        sum(case when state = 'rejected' then 1 else 0 end) as rejected_batches,
        sum(case when state = 'landed' then 1 else 0 end) as waiting_batches,
        sum(case when state = 'loaded' then extracted else 0 end) as extracted,
        sum(case when state = 'loaded' then unchanged else 0 end) as unchanged,
        sum(case when state = 'loaded' then loaded else 0 end) as loaded,
        sum(case when state = 'loaded' then quarantined else 0 end) as quarantined,
        sum(case when state = 'loaded' then duplicates else 0 end) as duplicates,
        sum(case when state = 'loaded' then vanished else 0 end) as vanished,
        max(as_of) as last_as_of,
        max(loaded_at) as last_loaded_at,
        max(latest_at) as latest_at
    from batches
    group by source_id, table_name, run_month
),

accounts as (
    select
        months.*,
        owners.org_code,
        extracted - unchanged - loaded - quarantined - duplicates as difference
    from months
    left join owners on months.source_id = owners.source_id
)

select * from accounts
