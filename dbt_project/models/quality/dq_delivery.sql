-- Grain: identity DQ16 by organisation, table and business month: repeated rows, rows that came late, and rows that
-- were changed, added or removed after ordinary runs had stopped looking.
-- Rule: a repeated row is one whose key and content came twice in one extract. A row is late when it comes more
-- than DQ16.max_lag_months after its business month; a table's first run says nothing about that. Of months that no deep
-- reload has read again nothing is known of back-dated changes.
-- Source: arrival_month, backdated_month.
with arrivals as (
    select * from {{ ref('arrival_month') }}
),

duplicates as (
    select
        'DQ16' as identity_id,
        'duplicates' as aspect,
        table_name,
        org_code,
        period_month,
        cast(sum(row_count) as numeric(20, 2)) as numerator,
        cast(sum(row_count + duplicates) as numeric(20, 2)) as denominator,
        cast(0 as numeric(20, 2)) as not_evaluable,
        {{ as_text('null') }} as reason,
        {{ as_text('null') }} as example_key
    from arrivals
    group by table_name, org_code, period_month
),

late as (
    select
        'DQ16' as identity_id,
        'late_arrival' as aspect,
        arrivals.table_name,
        arrivals.org_code,
        arrivals.period_month,
        cast(
            sum(case when not arrivals.is_initial and arrivals.lag_months <= max_lag.value then arrivals.row_count else 0 end)
            as numeric(20, 2)
        ) as numerator,
        cast(sum(case when not arrivals.is_initial then arrivals.row_count else 0 end) as numeric(20, 2)) as denominator,
        cast(sum(case when arrivals.is_initial then arrivals.row_count else 0 end) as numeric(20, 2)) as not_evaluable,
        max(case when arrivals.is_initial then 'initial_load' end) as reason,
        max(
            case
                when not arrivals.is_initial and arrivals.lag_months > max_lag.value
                    then {{ as_text('arrivals.run_month') }}
            end
        ) as example_key
    from arrivals
    {{ threshold_join('max_lag', 'DQ16', 'max_lag_months', 'arrivals.org_code', 'arrivals.period_month') }}
    group by arrivals.table_name, arrivals.org_code, arrivals.period_month
),

backdated as (
    select
        'DQ16' as identity_id,
        'backdated' as aspect,
        table_name,
        org_code,
        period_month,
        cast(case when is_read_again then row_count - change_count else 0 end as numeric(20, 2)) as numerator,
        cast(case when is_read_again then row_count else 0 end as numeric(20, 2)) as denominator,
        cast(case when is_read_again then 0 else row_count end as numeric(20, 2)) as not_evaluable,
        case when not is_read_again then 'not_read_again' end as reason,
        {{ as_text('null') }} as example_key
    from {{ ref('backdated_month') }}
),

identity as (
    select * from duplicates
    union all
    select * from late
    union all
    select * from backdated
)

select * from identity
