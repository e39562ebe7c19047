-- Grain: one department. Source: land.his_dept.
with latest as (
    {{ latest_version('his_dept', ['dept_code']) }}
),

typed as (
    select
        org_code,
        dept_code,
        dept_name,
        nullif(trim(std_dept_code), '') as std_dept_code,
        nullif(trim(hi_dept_code), '') as hi_dept_code,
        dept_kind,
        coalesce(is_active, false) as is_active,
        _batch_id as batch_id
    from latest
)

select * from typed
