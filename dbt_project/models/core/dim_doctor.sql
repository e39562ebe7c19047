-- Grain: one member of staff who can sign; doctor_code is the staff code of the HIS.
with staff as (
    select * from {{ ref('stg_his__staff') }}
),

departments as (
    select * from {{ ref('dim_department') }}
),

placed as (
    select
        staff.org_code,
        staff.staff_code as doctor_code,
        staff.staff_name as doctor_name,
        staff.hi_staff_code,
        staff.staff_key is not null as has_key,
        staff.dept_code,
        departments.dept_name,
        departments.std_dept_code,
        departments.discipline_group,
        staff.title_level,
        staff.antibac_level,
        staff.rx_right_from,
        staff.rx_right_to,
        staff.batch_id
    from staff
    left join departments
        on
            staff.org_code = departments.org_code
            and staff.dept_code = departments.dept_code
)

select * from placed
