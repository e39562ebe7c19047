-- Grain: one organisation, key-monitored drug (generic name) and month with valid prescriptions or hand-outs in wards.
-- Rule: DDDs of the month, without what an indication supports, beside the mean of the three months before. The p-value
-- is that of a compound Poisson count of courses (a prescription, or a patient of a ward): the variance of a sum of
-- their DDDs is the sum of their squares.
-- Source: peers.peer_key_use.
with courses as (
    select
        org_code,
        generic_name,
        use_month as rx_month,
        source_table,
        course_id,
        sum(amount) as amount,
        sum(case when ddds is not null then amount else 0 end) as known_amount,
        sum(coalesce(ddds, 0)) as ddds
    from {{ ref('peer_key_use') }}
    where not is_supported
    group by org_code, generic_name, use_month, source_table, course_id
),

products as (
    select
        org_code,
        generic_name,
        rx_month,
        count(*) as prescriptions,
        sum(amount) as amount,
        sum(known_amount) / nullif(sum(amount), 0) as ddd_coverage,
        sum(ddds) as ddds,
        sum(ddds * ddds) as ddds_variance
    from courses
    group by org_code, generic_name, rx_month
),

histories as (
    select
        own.org_code,
        own.generic_name,
        own.rx_month,
        count(past.rx_month) as previous_months,
        sum(past.ddds) / 3 as previous_mean,
        sum(past.ddds_variance) / 9 as previous_variance
    from products as own
    left join products as past
        on
            past.org_code = own.org_code
            and past.generic_name = own.generic_name
            and past.rx_month < own.rx_month
            and past.rx_month >= {{ add_months('own.rx_month', '-3') }}
    group by own.org_code, own.generic_name, own.rx_month
),

compared as (
    select
        products.org_code,
        products.generic_name,
        products.rx_month,
        cast(products.prescriptions as integer) as prescriptions,
        cast(products.amount as numeric(18, 2)) as amount,
        cast(products.ddd_coverage as numeric(9, 8)) as ddd_coverage,
        cast(products.ddds as numeric(18, 4)) as ddds,
        cast(histories.previous_months as integer) as previous_months,
        cast(histories.previous_mean as numeric(18, 4)) as previous_mean,
        case
            when histories.previous_months = 3 and products.ddds_variance + histories.previous_variance > 0
                then cast(
                    (products.ddds - histories.previous_mean)
                    / sqrt(products.ddds_variance + histories.previous_variance) as numeric(18, 4)
                )
        end as z_score
    from products
    inner join histories
        on
            histories.org_code = products.org_code
            and histories.generic_name = products.generic_name
            and histories.rx_month = products.rx_month
)

select * from compared
