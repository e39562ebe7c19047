-- Grain: one holiday, or one day worked in exchange for one. Source: land.ref_holiday.
with latest as (
    {{ latest_version('ref_holiday', ['calendar_date']) }}
),

typed as (
    select
        org_code,
        calendar_date,
        coalesce(is_holiday, false) as is_holiday,
        coalesce(is_workday_swap, false) as is_workday_swap,
        holiday_name,
        _batch_id as batch_id
    from latest
)

select * from typed
