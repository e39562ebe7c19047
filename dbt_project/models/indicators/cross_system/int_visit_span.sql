-- Grain: one window (that of a series of visits, or of a placebo date) that the history covers, and span of days in it,
-- before or after.
-- Rule: before are the days from pre_start to the one before the first visit (the placebo date); after those up to
-- XS04.post_days behind each visit, but no further than the day before the next. So the days of visits and those between
-- such spans count for neither.
-- Source: int_visit_trial, int_product_visit.
with trials as (
    select
        trials.*,
        post.value as post_days
    from {{ ref('int_visit_trial') }} as trials
    {{ threshold_join('post', 'XS04', 'post_days', 'trials.org_code', month_of('trials.trial_date')) }}
    where trials.is_covered
),

-- Placebo dates of one day are one window.
windows as (
    select
        window_key,
        min(trial_date) as trial_date,
        min(pre_start) as pre_start
    from trials
    group by window_key
),

befores as (
    select
        window_key,
        0 as is_after,
        pre_start as first_day,
        {{ add_days('trial_date', -1) }} as last_day
    from windows
),

-- The next visit may continue a series that was cut.
followed as (
    select
        int_product_visit.*,
        lead(visit_date) over (partition by org_code, doctor_code, product order by visit_date) as next_date
    from {{ ref('int_product_visit') }} as int_product_visit
),

visits as (
    select
        trials.window_key,
        trials.post_days,
        visits.visit_date,
        visits.next_date
    from trials
    inner join followed as visits
        on
            visits.org_code = trials.org_code
            and visits.doctor_code = trials.doctor_code
            and visits.product = trials.product
            and visits.series_start = trials.trial_date
    where not trials.is_placebo
    union all
    select
        window_key,
        min(post_days) as post_days,
        min(trial_date) as visit_date,
        cast(null as date) as next_date
    from trials
    where is_placebo
    group by window_key
),

afters as (
    select
        window_key,
        1 as is_after,
        {{ add_days('visit_date', 1) }} as first_day,
        least(
            {{ add_days('visit_date', 'cast(post_days as integer)') }}, {{ add_days('next_date', -1) }}
        ) as last_day
    from visits
),

spans as (
    select * from befores
    union all
    select * from afters
    where first_day <= last_day
)

select * from spans
