-- Grain: one department, selected generic and other drug of its class that is not selected.
-- Rule: see the macro class_switch. Where doctors of the department fire themselves, what is left without them must have risen
-- by XS05.share_jump as well: what one doctor explains is no finding about the others (doctors_explain).
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
        int_switch_week.*,
        dept_code as unit_code
    from {{ ref('int_switch_week') }} as int_switch_week
    where dept_code is not null
),

rest_weeks as (
    select weeks.*
    from weeks
    left join fired
        on
            fired.org_code = weeks.org_code
            and fired.generic = weeks.generic
            and fired.drug_name = weeks.drug_name
            and fired.unit_code = weeks.doctor_code
    where fired.unit_code is null
),

rests as (
    {{ class_switch_level('rest_weeks') }}
),

switches as (
    {{ class_switch('weeks') }}
),

judged as (
    select
        switches.org_code,
        switches.generic,
        switches.drug_name,
        switches.unit_code,
        switches.dept_code,
        switches.selected_on,
        switches.lines_before,
        switches.lines_after,
        switches.share_before,
        switches.share_after,
        switches.level_change,
        switches.level_error,
        switches.p_value,
        switches.q_value,
        switches.cost_ratio,
        switches.red_jump,
        case
            when switches.verdict = 'fired' and coalesce(rests.level_change, 0) < switches.share_jump then 'doctors_explain'
            else switches.verdict
        end as verdict
    from switches
    left join rests
        on
            rests.org_code = switches.org_code
            and rests.generic = switches.generic
            and rests.drug_name = switches.drug_name
            and rests.unit_code = switches.unit_code
)

select * from judged
