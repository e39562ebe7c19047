-- Grain: one window (that of a series of visits, or of a placebo date) that the history covers, and day of it, before or after.
-- Rule: after are the days up to XS04.post_days behind each visit of the series (behind the placebo date); the days of its
-- visits, though they follow another, and those between such spans count for neither.
-- Source: int_visit_trial, int_product_visit, core.fct_prescription.
with series as (
    select
        window_key,
        org_code,
        doctor_code,
        product,
        trial_date,
        pre_start,
        post_end,
        is_placebo
    from {{ ref('int_visit_trial') }}
    where is_covered and not is_placebo
),

placebos as (
    select
        window_key,
        min(org_code) as org_code,
        min(doctor_code) as doctor_code,
        min(product) as product,
        min(trial_date) as trial_date,
        min(pre_start) as pre_start,
        min(post_end) as post_end,
        1 = 1 as is_placebo
    from {{ ref('int_visit_trial') }}
    where is_covered and is_placebo
    group by window_key
),

trials as (
    select * from series
    union all
    select * from placebos
),

visits as (
    select * from {{ ref('int_product_visit') }}
),

days as (
    select distinct cast(rx_time as date) as rx_date
    from {{ ref('fct_prescription') }}
),

window_days as (
    select
        trials.window_key,
        days.rx_date,
        max(case when days.rx_date < trials.trial_date then 0 else 1 end) as is_after
    from trials
    inner join days on days.rx_date between trials.pre_start and trials.post_end
    left join visits
        on
            not trials.is_placebo
            and visits.org_code = trials.org_code
            and visits.doctor_code = trials.doctor_code
            and visits.product = trials.product
            and visits.series_start = trials.trial_date
    {{ threshold_join('post', 'XS04', 'post_days', 'trials.org_code', month_of('trials.trial_date')) }}
    where
        days.rx_date < trials.trial_date
        or (
            days.rx_date > coalesce(visits.visit_date, trials.trial_date)
            and {{ days_between('coalesce(visits.visit_date, trials.trial_date)', 'days.rx_date') }} <= post.value
        )
    group by trials.window_key, days.rx_date
),

visit_days as (
    select
        series.window_key,
        visits.visit_date
    from series
    inner join visits
        on
            visits.org_code = series.org_code
            and visits.doctor_code = series.doctor_code
            and visits.product = series.product
            and visits.series_start = series.trial_date
),

counted as (
    select window_days.*
    from window_days
    left join visit_days
        on
            visit_days.window_key = window_days.window_key
            and visit_days.visit_date = window_days.rx_date
    where visit_days.window_key is null
)

select * from counted
