-- Grain: one inpatient stay of the HIS that was not cancelled.
-- Rule: the department is that of discharge, else of admission; a stay of less than a day counts as one.
with stays as (
    select * from {{ ref('stg_his__admission') }}
    where not is_cancelled
),

departments as (
    select * from {{ ref('dim_department') }}
),

described as (
    select
        stays.org_code,
        stays.adm_id,
        stays.patient_id,
        stays.hi_mdtrt_id,
        stays.adm_time,
        stays.dscg_time,
        stays.dscg_way as discharge_way,
        {{ month_of('stays.dscg_time') }} as dscg_month,
        coalesce(stays.dscg_dept_code, stays.adm_dept_code) as dept_code,
        departments.std_dept_code,
        cast(greatest(1, {{ days_between('stays.adm_time', 'stays.dscg_time') }}) as integer) as stay_days,
        stays.batch_id
    from stays
    left join departments
        on
            departments.org_code = stays.org_code
            and departments.dept_code = coalesce(stays.dscg_dept_code, stays.adm_dept_code)
)

select * from described
