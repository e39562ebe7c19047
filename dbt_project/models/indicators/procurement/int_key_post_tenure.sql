-- Grain: one member of staff and key post, and stretch of time in it.
-- Rule: periods with no more than PR14.max_break_days between them are one stretch, so that a short break is no rotation; its
-- months are those of the periods. The limit is the register's, else PR14.rotation_months. What is still going on counts to
-- the end of what the organisation sent, or the day of the detection.
-- Source: core.fct_post_assignment, core.source_month.
with histories as (
    select
        org_code,
        least({{ add_days(add_months('max(month_start)', 1), -1) }}, {{ detect_date() }}) as last_day
    from {{ ref('source_month') }}
    group by org_code
),

assignments as (
    select
        assignments.*,
        least(coalesce(assignments.end_on, histories.last_day), histories.last_day) as known_end,
        max_break.value as max_break_days,
        cast(coalesce(assignments.rotation_limit_months, rotation.value) as integer) as limit_months
    from {{ ref('fct_post_assignment') }} as assignments
    inner join histories on histories.org_code = assignments.org_code
    {{ threshold_join('max_break', 'PR14', 'max_break_days', 'assignments.org_code', month_of(detect_date())) }}
    {{ threshold_join('rotation', 'PR14', 'rotation_months', 'assignments.org_code', month_of(detect_date())) }}
    where assignments.is_key_post and assignments.start_on <= histories.last_day
),

spaced as (
    select
        assignments.*,
        lag(known_end) over (partition by org_code, staff_code, post_code order by start_on) as previous_end
    from assignments
),

marked as (
    select
        spaced.*,
        case
            when previous_end is null or {{ days_between('previous_end', 'start_on') }} > max_break_days then start_on
        end as opening_date
    from spaced
),

stretched as (
    select
        org_code,
        staff_code,
        post_code,
        start_on,
        known_end,
        end_on,
        limit_months,
        max(opening_date) over (
            partition by org_code, staff_code, post_code order by start_on rows between unbounded preceding and current row
        ) as stretch_start,
        {{ months_between('start_on', 'known_end') }}
        - case when extract(day from known_end) < extract(day from start_on) then 1 else 0 end as months
    from marked
),

tenures as (
    select
        stretched.*,
        sum(months) over (partition by org_code, staff_code, post_code, stretch_start) as stretch_months,
        max(known_end) over (partition by org_code, staff_code, post_code, stretch_start) as stretch_end,
        min(limit_months) over (partition by org_code, staff_code, post_code, stretch_start) as stretch_limit
    from stretched
)

select * from tenures
