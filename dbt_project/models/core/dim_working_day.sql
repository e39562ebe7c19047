-- Grain: one day from January of the first year with data to the month of the run.
-- Rule: a working day is Monday to Friday and no holiday, or worked in exchange for one. has_calendar says whether the
-- holidays of its year were delivered: without them a working day is a guess.
with holidays as (
    select
        calendar_date,
        is_holiday,
        is_workday_swap
    from {{ ref('stg_reference__holiday') }}
),

calendar_years as (
    select distinct extract(year from calendar_date) as calendar_year
    from holidays
    where is_holiday
),

digits as (
    select digit from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as digits (digit)
),

days as (
    select {{ add_days('months.month_start', '10 * tens.digit + ones.digit') }} as day_date
    from {{ ref('dim_month') }} as months
    cross join digits as tens
    cross join digits as ones
    where
        10 * tens.digit + ones.digit < 31
        and {{ month_of(add_days('months.month_start', '10 * tens.digit + ones.digit')) }} = months.month_start
),

-- The first of January 2024 was a Monday.
described as (
    select
        days.day_date,
        case
            when coalesce(holidays.is_workday_swap, false) then true
            when coalesce(holidays.is_holiday, false) then false
            else mod(mod({{ days_between("date '2024-01-01'", 'days.day_date') }}, 7) + 7, 7) < 5
        end as is_working_day,
        calendar_years.calendar_year is not null as has_calendar
    from days
    left join holidays on days.day_date = holidays.calendar_date
    left join calendar_years on extract(year from days.day_date) = calendar_years.calendar_year
)

select * from described
