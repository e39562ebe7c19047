-- Grain: one department, selected generic and other drug of its class that is not selected.
-- Rule: see the macro class_switch, without the lines of doctors who fire themselves: what one doctor explains is no finding
-- about the others.
-- Source: int_switch_week, int_switch_doctor, int_switch_condition.
with fired as (
    select
        org_code,
        generic,
        drug_name,
        unit_code
    from {{ ref('int_switch_doctor') }}
    where verdict = 'fired'
),

weeks as (
    select
        weeks.*,
        weeks.dept_code as unit_code
    from {{ ref('int_switch_week') }} as weeks
    left join fired
        on
            fired.org_code = weeks.org_code
            and fired.generic = weeks.generic
            and fired.drug_name = weeks.drug_name
            and fired.unit_code = weeks.doctor_code
    where fired.unit_code is null and weeks.dept_code is not null
),

judged as (
    {{ class_switch('weeks') }}
)

select * from judged
