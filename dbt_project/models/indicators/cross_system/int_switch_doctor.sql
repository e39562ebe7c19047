-- Grain: one doctor, selected generic and other drug of its class that is not selected.
-- Rule: see the macro class_switch; the department is that of the last in order of code where there are several.
-- Source: int_switch_week, int_switch_condition.
with weeks as (
    select
        int_switch_week.*,
        doctor_code as unit_code
    from {{ ref('int_switch_week') }} as int_switch_week
),

judged as (
    {{ class_switch('weeks') }}
)

select * from judged
