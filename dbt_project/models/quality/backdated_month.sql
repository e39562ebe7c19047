-- Grain: one organisation, table and business month: rows that came, rows that were changed after ordinary runs had
-- stopped looking, and whether a deep reload has read the month again.
-- Rule: a month counts as read again when a deep batch of its source reaches into it, or has found a change in it.
-- The month of a change outside the organisation's months is that of the run that found it, as in arrival_month.
-- Source: arrival_month, staging.stg_ops__backdated_change, staging.stg_ops__batch, staging.stg_ops__batch_month.
with arrivals as (
    select
        org_code,
        table_name,
        period_month,
        sum(row_count) as row_count
    from {{ ref('arrival_month') }}
    group by org_code, table_name, period_month
),

batches as (
    select * from {{ ref('stg_ops__batch') }}
),

months as (
    select * from {{ ref('org_month') }}
),

-- The organisations that a source gives a table of.
served as (
    select distinct
        batches.source_id,
        batches.table_name,
        rows_of_batch.org_code
    from batches
    inner join {{ ref('stg_ops__batch_month') }} as rows_of_batch on batches.batch_id = rows_of_batch.batch_id
),

read_again as (
    select distinct
        served.org_code,
        served.table_name,
        months.month_start as period_month
    from batches
    inner join served on batches.source_id = served.source_id and batches.table_name = served.table_name
    inner join months
        on
            served.org_code = months.org_code
            and months.month_start >= {{ month_of('batches.window_start') }}
            and months.month_start < batches.ordinary_from
    where batches.state = 'loaded'
),

changes as (
    select
        found.org_code,
        found.table_name,
        coalesce(months.month_start, batches.run_month) as period_month,
        count(distinct found.row_key_hash) as change_count
    from {{ ref('stg_ops__backdated_change') }} as found
    inner join batches on found.batch_id = batches.batch_id
    left join months on found.org_code = months.org_code and found.month_start = months.month_start
    group by found.org_code, found.table_name, coalesce(months.month_start, batches.run_month)
),

counted as (
    select
        coalesce(arrivals.org_code, changes.org_code) as org_code,
        coalesce(arrivals.table_name, changes.table_name) as table_name,
        coalesce(arrivals.period_month, changes.period_month) as period_month,
        cast(greatest(coalesce(arrivals.row_count, 0), coalesce(changes.change_count, 0)) as bigint) as row_count,
        cast(coalesce(changes.change_count, 0) as bigint) as change_count
    from arrivals
    full outer join changes
        on
            arrivals.org_code = changes.org_code
            and arrivals.table_name = changes.table_name
            and arrivals.period_month = changes.period_month
),

judged as (
    select
        counted.*,
        read_again.org_code is not null or counted.change_count > 0 as is_read_again
    from counted
    left join read_again
        on
            counted.org_code = read_again.org_code
            and counted.table_name = read_again.table_name
            and counted.period_month = read_again.period_month
)

select * from judged
