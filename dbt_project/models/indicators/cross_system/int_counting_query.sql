-- Grain: one query that shows quantities of drugs by doctor, with what XS10 says of it.
-- Rule: suspicious is at least XS10.bulk_rows rows, an export, or an hour outside XS10.day_start to XS10.day_end. What the
-- white list permits (seed access_white_list) is guarded: a scheduled job at any hour, the holder of a post in its
-- application in working hours, both without an export unless it may.
-- Source: core.fct_doctor_quantity_query, core.fct_post_assignment, ref.access_white_list.
with queries as (
    select * from {{ ref('fct_doctor_quantity_query') }}
),

permissions as (
    select * from {{ ref('access_white_list') }}
),

limited as (
    select
        queries.*,
        bulk_rows.value as bulk_rows,
        queries.log_hour < day_start.value or queries.log_hour >= day_end.value as is_off_hours
    from queries
    {{ threshold_join('bulk_rows', 'XS10', 'bulk_rows', 'queries.org_code', 'queries.log_month') }}
    {{ threshold_join('day_start', 'XS10', 'day_start', 'queries.org_code', 'queries.log_month') }}
    {{ threshold_join('day_end', 'XS10', 'day_end', 'queries.org_code', 'queries.log_month') }}
),

permitted as (
    select
        limited.org_code,
        limited.log_id,
        max(case when permissions.match_on = 'account' then 1 else 0 end) as by_account
    from limited
    inner join permissions
        on
            permissions.app = limited.app
            and (permissions.may_export or not limited.is_exported)
    left join {{ ref('fct_post_assignment') }} as posts
        on
            permissions.match_on = 'post'
            and posts.org_code = limited.org_code
            and posts.staff_code = limited.staff_code
            and posts.post_code = permissions.code
            and limited.log_date between posts.start_on and coalesce(posts.end_on, limited.log_date)
    where
        (permissions.match_on = 'account' and permissions.code = limited.account)
        or (posts.staff_code is not null and not limited.is_off_hours)
    group by limited.org_code, limited.log_id
),

judged as (
    select
        limited.*,
        case
            when limited.row_count is null and not limited.is_exported and not limited.is_off_hours then 'missing_row_count'
            when
                not limited.is_exported and not limited.is_off_hours
                and coalesce(limited.row_count, 0) < limited.bulk_rows
                then 'clear'
            when permitted.by_account = 1 then 'scheduled_job'
            when permitted.by_account = 0 then 'white_listed'
            else 'fired'
        end as verdict
    from limited
    left join permitted
        on
            permitted.org_code = limited.org_code
            and permitted.log_id = limited.log_id
)

select * from judged
