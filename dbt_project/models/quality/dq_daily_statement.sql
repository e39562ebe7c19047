-- Grain: identity DQ17 by organisation and month; it counts days.
-- Rule: the valid settlements of a day, refunds included, add up to the insurer's statement of the day. A day
-- without either side counts as zero there; a day after the organisation's last statement is not yet stated.
-- Source: staging.stg_insurance__setl_d, staging.stg_insurance__stmt_d.
with settled as (
    select
        org_code,
        cast(setl_time as date) as business_date,
        sum(medfee_sumamt) as amount
    from {{ ref('stg_insurance__setl_d') }}
    where vali_flag = '1' and setl_time is not null
    group by org_code, cast(setl_time as date)
),

stated as (
    select
        org_code,
        stmt_begndate as business_date,
        sum(medfee_sumamt) as amount
    from {{ ref('stg_insurance__stmt_d') }}
    group by org_code, stmt_begndate
),

spans as (
    select
        org_code,
        min(business_date) as first_date,
        max(business_date) as last_date
    from stated
    group by org_code
),

days as (
    select
        coalesce(stated.org_code, settled.org_code) as org_code,
        coalesce(stated.business_date, settled.business_date) as business_date,
        coalesce(settled.amount, 0) - coalesce(stated.amount, 0) as difference
    from stated
    full outer join settled
        on
            stated.org_code = settled.org_code
            and stated.business_date = settled.business_date
),

checked as (
    select
        days.org_code,
        {{ month_of('days.business_date') }} as period_month,
        {{ as_text('days.business_date') }} as row_key,
        case
            when days.business_date between spans.first_date and spans.last_date
                then abs(days.difference) <= tolerance.value
        end as holds,
        case when spans.org_code is null then 'missing_table:yb_stmt_d' else 'not_yet_stated' end as reason
    from days
    left join spans on days.org_code = spans.org_code
    {{ threshold_join('tolerance', 'DQ17', 'tolerance', 'days.org_code', month_of('days.business_date')) }}
),

identity as (
    {{ identity_month('DQ17', 'yb_stmt_d', 'checked', aspect='days', reason='reason') }}
)

select * from identity
