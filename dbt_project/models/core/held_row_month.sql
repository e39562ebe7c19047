-- Grain: one organisation, landing table and month of which the gate holds rows back.
-- Rule: rows in quarantine by business month, less those that were released since; a row without a month for which the
-- organisation must answer counts in the month of the run that brought it, as in the histogram of lateness.
-- Source: staging.stg_ops__batch_month, staging.stg_ops__batch, core.org_month.
with held as (
    select
        rows_of_batch.org_code,
        batches.table_name,
        coalesce(months.month_start, batches.run_month) as month_start,
        case
            when batches.run_kind = 'release' then rows_of_batch.quarantined - rows_of_batch.row_count
            else rows_of_batch.quarantined
        end as row_count
    from {{ ref('stg_ops__batch_month') }} as rows_of_batch
    inner join {{ ref('stg_ops__batch') }} as batches on batches.batch_id = rows_of_batch.batch_id
    left join {{ ref('org_month') }} as months
        on
            months.org_code = rows_of_batch.org_code
            and months.month_start = rows_of_batch.business_month
            and months.month_start <= batches.run_month
    where batches.state = 'loaded'
),

months as (
    select
        org_code,
        table_name,
        month_start,
        cast(sum(row_count) as bigint) as row_count
    from held
    group by org_code, table_name, month_start
    having sum(row_count) > 0
)

select * from months
