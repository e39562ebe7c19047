-- Grain: one doctor, department, selected generic, other drug of its class that is not selected, and week.
-- Rule: all weeks in which the doctor prescribed the class; without a DDD a line counts in `undosed` alone.
-- Source: int_switch_line.
with lines as (
    select * from {{ ref('int_switch_line') }}
),

doctor_weeks as (
    select
        org_code,
        generic,
        selected_on,
        doctor_code,
        dept_code,
        week,
        count(*) as class_lines,
        sum(case when drug_name = generic then 1 else 0 end) as generic_lines,
        sum(case when ddds is null then 1 else 0 end) as undosed,
        sum(coalesce(ddds, 0)) as class_ddds
    from lines
    group by org_code, generic, selected_on, doctor_code, dept_code, week
),

substitutes as (
    select distinct
        org_code,
        generic,
        dept_code,
        drug_name
    from lines
    where not is_selected
),

drug_weeks as (
    select
        org_code,
        generic,
        doctor_code,
        dept_code,
        drug_name,
        week,
        sum(coalesce(ddds, 0)) as drug_ddds
    from lines
    where not is_selected
    group by org_code, generic, doctor_code, dept_code, drug_name, week
),

weeks as (
    select
        doctor_weeks.org_code,
        doctor_weeks.generic,
        doctor_weeks.selected_on,
        doctor_weeks.doctor_code,
        doctor_weeks.dept_code,
        substitutes.drug_name,
        doctor_weeks.week,
        doctor_weeks.class_lines,
        doctor_weeks.generic_lines,
        doctor_weeks.undosed,
        cast(doctor_weeks.class_ddds as numeric(18, 4)) as class_ddds,
        cast(coalesce(drug_weeks.drug_ddds, 0) as numeric(18, 4)) as drug_ddds
    from doctor_weeks
    -- One key of two columns: PostgreSQL expects a single row from three, and loops over all drug_weeks for each.
    inner join substitutes
        on
            substitutes.org_code || '|' || substitutes.dept_code = doctor_weeks.org_code || '|' || doctor_weeks.dept_code
            and substitutes.generic = doctor_weeks.generic
    left join drug_weeks
        on
            drug_weeks.org_code = doctor_weeks.org_code
            and drug_weeks.generic = doctor_weeks.generic
            and drug_weeks.doctor_code = doctor_weeks.doctor_code
            and drug_weeks.dept_code = doctor_weeks.dept_code
            and drug_weeks.drug_name = substitutes.drug_name
            and drug_weeks.week = doctor_weeks.week
)

select * from weeks
