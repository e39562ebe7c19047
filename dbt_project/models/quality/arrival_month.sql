-- Grain: one organisation, table, business month and month of arrival: the histogram of lateness.
-- Rule: rows leave out repeated and vanished ones and include those in quarantine; the business month of rows
-- without one, or with one that the organisation need not answer for, is the month of the run that brought them;
-- a table's first run brings its history and is marked.
-- Source: staging.stg_ops__batch_month, staging.stg_ops__batch, core.org_month.
with brought as (
    select
        rows_of_batch.org_code,
        batches.table_name,
        coalesce(months.month_start, batches.run_month) as period_month,
        batches.run_month,
        batches.is_initial,
        rows_of_batch.row_count,
        rows_of_batch.duplicates,
        rows_of_batch.vanished,
        rows_of_batch.quarantined,
        rows_of_batch.amount,
        rows_of_batch.quarantined_amount
    from {{ ref('stg_ops__batch_month') }} as rows_of_batch
    inner join {{ ref('stg_ops__batch') }} as batches on rows_of_batch.batch_id = batches.batch_id
    left join {{ ref('org_month') }} as months
        on
            rows_of_batch.org_code = months.org_code
            and rows_of_batch.business_month = months.month_start
            and months.month_start <= batches.run_month
),

arrived as (
    select
        org_code,
        table_name,
        period_month,
        run_month,
        is_initial,
        {{ months_between('period_month', 'run_month') }} as lag_months,
        cast(sum(row_count) as bigint) as row_count,
        cast(sum(duplicates) as bigint) as duplicates,
        cast(sum(vanished) as bigint) as vanished,
        cast(sum(quarantined) as bigint) as quarantined,
        cast(sum(amount) as numeric(18, 2)) as amount,
        cast(sum(quarantined_amount) as numeric(18, 2)) as quarantined_amount
    from brought
    group by org_code, table_name, period_month, run_month, is_initial
)

select * from arrived
