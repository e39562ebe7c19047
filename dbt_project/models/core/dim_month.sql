-- Grain: one month from January of the first year with data to the month of the run.
-- Rule: has_data from the first month in which any organisation sent dated rows.
with observed as (
    select
        min(month_start) as first_month,
        cast(extract(year from min(month_start)) as integer) as first_year,
        cast(extract(year from {{ detect_date() }}) as integer) as last_year
    from {{ ref('source_month') }}
),

digits as (
    select digit from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as digits (digit)
),

years as (
    select
        observed.first_month,
        observed.first_year + 10 * tens.digit + ones.digit as year_number
    from observed
    cross join digits as tens
    cross join digits as ones
    where observed.first_year + 10 * tens.digit + ones.digit <= observed.last_year
),

months as (
    select
        make_date(years.year_number, numbers.month_number, 1) as month_start,
        years.first_month
    from years
    cross join (
        values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)
    ) as numbers (month_number)
),

elapsed as (
    select
        month_start,
        month_start >= first_month as has_data
    from months
    where month_start <= {{ detect_date() }}
)

select * from elapsed
