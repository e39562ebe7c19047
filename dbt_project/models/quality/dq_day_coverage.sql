-- Grain: identity DQ12 by organisation, table with daily business and month; it counts days.
-- Rule: a day without a single row is a day not covered. Months that begin after the run are not asked for.
-- Source: day_coverage.
with identity as (
    select
        'DQ12' as identity_id,
        'days' as aspect,
        table_name,
        org_code,
        month_start as period_month,
        cast(least(days_with_rows, day_count) as numeric(20, 2)) as numerator,
        cast(day_count as numeric(20, 2)) as denominator,
        cast(0 as numeric(20, 2)) as not_evaluable,
        {{ as_text('null') }} as reason,
        case
            when days_with_rows < day_count
                then
                    coalesce({{ as_text('first_date') }}, '—') || '/' || coalesce({{ as_text('last_date') }}, '—')
        end as example_key
    from {{ ref('day_coverage') }}
    where day_count > 0
)

select * from identity
