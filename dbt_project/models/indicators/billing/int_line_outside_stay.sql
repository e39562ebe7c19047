-- Grain: one fee line of a stay whose service lies before the admission or after the discharge, by more
-- than BL13.tolerance_days.
-- Rule: of an open stay only the admission is known. What was charged as an outpatient in the days before
-- an admission may be turned into charges of the stay, and drugs to take home may be charged after it.
-- Source: core.fct_fee_line, core.fct_ward_stay.
with stays as (
    select * from {{ ref('fct_ward_stay') }}
),

windows as (
    select
        stays.org_code,
        stays.adm_id,
        stays.adm_time,
        stays.dscg_time,
        {{ add_hours('stays.adm_time', '-24 * tolerance.value') }} as first_time,
        {{ add_hours('stays.dscg_time', '24 * tolerance.value') }} as last_time,
        {{ add_hours('stays.adm_time', '-24 * pre_admission.value') }} as first_converted,
        {{ add_hours('stays.dscg_time', '24 * discharge_drug.value') }} as last_drug
    from stays
    {{ threshold_join('tolerance', 'BL13', 'tolerance_days', 'stays.org_code', month_of('stays.adm_time')) }}
    {{ threshold_join('pre_admission', 'BL13', 'pre_admission_days', 'stays.org_code', month_of('stays.adm_time')) }}
    {{ threshold_join('discharge_drug', 'BL13', 'discharge_drug_days', 'stays.org_code', month_of('stays.adm_time')) }}
),

outside as (
    select
        lines.org_code,
        lines.fee_id,
        windows.adm_id,
        lines.net_amount,
        case
            when lines.fee_time < windows.adm_time then {{ days_between('lines.fee_time', 'windows.adm_time') }}
            else {{ days_between('windows.dscg_time', 'lines.fee_time') }}
        end as days_off,
        case
            when lines.fee_time < windows.adm_time and lines.fee_time >= windows.first_converted
                then 'pre_admission'
            when lines.item_kind = 'drug' and lines.fee_time > windows.dscg_time and lines.fee_time <= windows.last_drug
                then 'discharge_drugs'
            else 'fired'
        end as verdict
    from {{ ref('fct_fee_line') }} as lines
    inner join windows
        on
            lines.org_code = windows.org_code
            and lines.encounter_id = windows.adm_id
    where
        lines.encounter_type = 'I'
        and (lines.fee_time < windows.first_time or lines.fee_time > windows.last_time)
)

select * from outside
