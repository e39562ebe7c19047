-- Grain: one member of staff. Source: land.his_staff.
with latest as (
    {{ latest_version('his_staff', ['staff_code']) }}
),

typed as (
    select
        org_code,
        staff_code,
        staff_name,
        nullif(trim(staff_key), '') as staff_key,
        nullif(trim(hi_staff_code), '') as hi_staff_code,
        dept_code,
        title_level,
        cast(antibac_level as integer) as antibac_level,
        rx_right_from,
        rx_right_to,
        _batch_id as batch_id
    from latest
)

select * from typed
