-- Grain: one doctor (doctor_switch) or department (department_switch), selected generic and other drug of its class that is
-- not selected; in the month of the first day of the selection.
-- Rule: XS05, after volume-based purchasing selected a generic the share of the other drug in the DDDs of the class has risen
-- at once by XS05.share_jump (interrupted time series by week, one-sided p < 0.01, false discovery rate held) and over the
-- whole window as well, and a DDD of it costs XS05.cost_per_ddd_ratio times as much. A department is judged without doctors
-- who fire. A launch and a shortage of the generic are guarded. `value` is the change in level, `expected` the share before,
-- `deviation` the ratio of costs. At risk is what the excess of the drug cost beyond the same DDDs of the generic.
-- Source: int_switch_doctor, int_switch_department, int_switch_line.
with switches as (
    select
        'doctor_switch' as subject_type,
        unit_code as doctor_code,
        int_switch_doctor.*
    from {{ ref('int_switch_doctor') }} as int_switch_doctor
    union all
    select
        'department_switch' as subject_type,
        {{ as_text('null') }} as doctor_code,
        int_switch_department.*
    from {{ ref('int_switch_department') }} as int_switch_department
),

outcomes as (
    select
        org_code,
        subject_type,
        unit_code || '|' || generic || '|' || drug_name as subject_id,
        unit_code,
        generic,
        drug_name,
        doctor_code,
        dept_code,
        {{ month_of('selected_on') }} as period_start,
        {{ add_days(add_months(month_of('selected_on'), 1), -1) }} as period_end,
        {{
            outcome_of(
                'verdict', ['too_early', 'short_history', 'below_volume', 'missing_ddd', 'missing_price', 'missing_stock']
            )
        }} as outcome,
        verdict as reason,
        'yellow' as zone,
        '线索' as state,
        cast(level_change as numeric(18, 4)) as level_change,
        cast(share_before as numeric(18, 4)) as expected,
        cost_ratio as deviation,
        lines_before + lines_after as n,
        p_value,
        q_value,
        least(1, level_change / nullif(share_after, 0)) * (1 - 1 / nullif(cost_ratio, 0)) as excess_share
    from switches
),

fired_doctors as (
    select * from outcomes
    where subject_type = 'doctor_switch' and outcome = 'fired'
),

drug_lines as (
    select * from {{ ref('int_switch_line') }}
    where week >= 0
),

counted as (
    select
        outcomes.org_code,
        outcomes.subject_type,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        outcomes.level_change * drug_lines.ddds
        / nullif(sum(drug_lines.ddds) over (
            partition by outcomes.org_code, outcomes.subject_type, outcomes.subject_id
        ), 0) as value,
        drug_lines.rx_item_id,
        drug_lines.amount * outcomes.excess_share as risk_gross
    from outcomes
    inner join drug_lines
        on
            drug_lines.org_code = outcomes.org_code
            and drug_lines.generic = outcomes.generic
            and drug_lines.drug_name = outcomes.drug_name
            and case outcomes.subject_type
                when 'doctor_switch' then drug_lines.doctor_code else drug_lines.dept_code
            end = outcomes.unit_code
    left join fired_doctors
        on
            outcomes.subject_type = 'department_switch'
            and fired_doctors.org_code = drug_lines.org_code
            and fired_doctors.generic = drug_lines.generic
            and fired_doctors.drug_name = drug_lines.drug_name
            and fired_doctors.unit_code = drug_lines.doctor_code
    where
        outcomes.outcome in ('fired', 'guarded')
        and drug_lines.ddds > 0
        and fired_doctors.unit_code is null
),

evidence as (
    {{ line_evidence('counted', 'rx_item_id', 'line.value', 'line.risk_gross', typed=true) }}
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence', typed=true) }}
),

indicator as (
    {{
        indicator_rows(
            'XS05', '1.0.0', 'subject_type', 'with_evidence', value='coalesce(evidence_value, level_change)',
            absent=['threshold', 'peer_group', 'peer_n'],
        )
    }}
)

select * from indicator
