-- Grain: one prescription line of a class of drugs, and generic of the class that volume-based purchasing selected for the
-- hospital for the first time within XS05.window_weeks of it.
-- Rule: `week` counts from the first day of the selection, below 0 before it. Children's prescriptions and drugs brought
-- along are left out.
-- Source: int_switch_member, core.fct_prescription_line.
with switches as (
    select * from {{ ref('int_switch_member') }}
),

lines as (
    select
        lines.org_code,
        lines.rx_item_id,
        lines.doctor_code,
        lines.dept_code,
        switches.generic,
        switches.selected_on,
        switches.class_code,
        switches.drug_name,
        switches.is_selected,
        cast(floor({{ days_between('switches.selected_on', 'lines.rx_time') }} / 7.0) as integer) as week,
        lines.rx_month,
        lines.ddds,
        lines.amount
    from {{ ref('fct_prescription_line') }} as lines
    inner join switches
        -- One key of one column: by the index of organisations all lines would be read once for each drug.
        on
            switches.org_code || '|' || switches.drug_name = lines.org_code || '|' || lines.generic_name
            and cast(lines.rx_time as date) between switches.first_day and switches.last_day
    where not lines.is_self_provided and lines.rx_kind <> 'pediatric' and lines.qty_min_unit > 0
)

select * from lines
