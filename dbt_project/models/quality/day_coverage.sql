{#- Tables with business on every day: relation and day of a row. Others may pause for weeks. -#}
{% set daily = [
    ('his_fee', 'fct_fee_line', 'service_date'),
    ('yb_fee_list_d', 'fct_insurance_line', 'service_date'),
    ('his_rx', 'fct_prescription', 'cast(rx_time as date)'),
    ('his_outp_visit', 'stg_his__outp_visit', 'cast(visit_time as date)'),
    ('his_settle', 'stg_his__settle', 'cast(settle_time as date)'),
    ('yb_setl_d', 'stg_insurance__setl_d', 'cast(setl_time as date)'),
] %}

-- Grain: one organisation, table with daily business and month for which the organisation must answer.
-- Rule: days count up to the day of the run; first_date and last_date are business dates of the month.
-- Source: the facts and staging views of these tables, core.org_month.
with days as (
    {%- for table, relation, day in daily %}
    select distinct
        '{{ table }}' as table_name,
        org_code,
        {{ day }} as business_date
    from {{ ref(relation) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

months as (
    select
        org_code,
        month_start,
        {{ days_between('month_start', 'least(' ~ add_months('month_start', 1) ~ ', ' ~ add_days(detect_date(), 1) ~ ')') }}
            as day_count
    from {{ ref('org_month') }}
),

tables as (
    select distinct table_name from days
),

counted as (
    select
        table_name,
        org_code,
        {{ month_of('business_date') }} as month_start,
        count(*) as days_with_rows,
        min(business_date) as first_date,
        max(business_date) as last_date
    from days
    where business_date is not null
    group by table_name, org_code, {{ month_of('business_date') }}
),

covered as (
    select
        months.org_code,
        tables.table_name,
        months.month_start,
        cast(months.day_count as integer) as day_count,
        cast(coalesce(counted.days_with_rows, 0) as integer) as days_with_rows,
        counted.first_date,
        counted.last_date
    from months
    cross join tables
    left join counted
        on
            months.org_code = counted.org_code
            and tables.table_name = counted.table_name
            and months.month_start = counted.month_start
)

select * from covered
