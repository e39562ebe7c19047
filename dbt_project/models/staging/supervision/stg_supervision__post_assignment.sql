-- Grain: one period of a member of staff in a post. Source: land.sv_post_assignment.
with latest as (
    {{ latest_version('sv_post_assignment', ['staff_code', 'post_code', 'start_on']) }}
),

typed as (
    select
        org_code,
        staff_code,
        post_code,
        coalesce(is_key_post, false) as is_key_post,
        start_on,
        end_on,
        cast(rotation_limit_months as integer) as rotation_limit_months,
        _batch_id as batch_id
    from latest
)

select * from typed
