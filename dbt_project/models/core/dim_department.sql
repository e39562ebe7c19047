-- Grain: one department of a hospital.
-- Rule: a standard code unknown to ref.std_department falls back to its parent (03.99 to 03).
with departments as (
    select * from {{ ref('stg_his__dept') }}
),

standard as (
    select * from {{ ref('std_department') }}
),

grouped as (
    select
        departments.org_code,
        departments.dept_code,
        departments.dept_name,
        departments.std_dept_code,
        coalesce(own.discipline_group, parent.discipline_group) as discipline_group,
        departments.dept_kind,
        departments.is_active,
        departments.batch_id
    from departments
    left join standard as own on departments.std_dept_code = own.std_dept_code
    left join standard as parent on split_part(departments.std_dept_code, '.', 1) = parent.std_dept_code
)

select * from grouped
