-- Grain: one group of prescriptions of int_split_sheet, with what they hold together and at most alone.
-- Rule: drugs by generic name as in RX01, herbs, solvents, skin tests and controlled drugs counted apart (all_names), since
-- the law wants them on sheets of their own; days of one drug over all sheets as in RX02, where they pass its
-- limit by at least one smallest pack and no sheet does alone.
-- Source: int_split_sheet, int_supply_line, core.fct_prescription_line.
with sheets as (
    select * from {{ ref('int_split_sheet') }}
),

lines as (
    select * from {{ ref('fct_prescription_line') }}
),

names as (
    select
        sheets.org_code,
        sheets.group_key,
        sheets.rx_id,
        coalesce(lines.generic_name, lines.drug_code) as drug_name,
        max(
            case
                when
                    lines.drug_class in ('western', 'patent_tcm', 'preparation')
                    and not lines.is_solvent and not coalesce(lines.is_skin_test, false)
                    and lines.special_class is null
                    then 1
                else 0
            end
        ) as is_counted
    from sheets
    inner join lines
        on
            lines.org_code = sheets.org_code
            and lines.rx_id = sheets.rx_id
    group by sheets.org_code, sheets.group_key, sheets.rx_id, coalesce(lines.generic_name, lines.drug_code)
),

drugs_together as (
    select
        org_code,
        group_key,
        count(distinct drug_name) as all_names,
        count(distinct case when is_counted = 1 then drug_name end) as drugs
    from names
    group by org_code, group_key
),

sheet_drugs as (
    select
        org_code,
        group_key,
        rx_id,
        sum(is_counted) as drugs
    from names
    group by org_code, group_key, rx_id
),

drugs_alone as (
    select
        org_code,
        group_key,
        max(drugs) as drugs
    from sheet_drugs
    group by org_code, group_key
),

supplies as (
    select
        sheets.org_code,
        sheets.group_key,
        supply_lines.drug_name,
        count(distinct sheets.rx_id) as drug_sheets,
        sum(supply_lines.supply) as days_together,
        max(supply_lines.supply) as days_alone,
        max(supply_lines.supply_limit) as supply_limit,
        max(coalesce(supply_lines.pack_days, 0)) as pack_days
    from sheets
    inner join {{ ref('int_supply_line') }} as supply_lines
        on
            supply_lines.org_code = sheets.org_code
            and supply_lines.rx_id = sheets.rx_id
            and not supply_lines.is_used_by_pack
    group by sheets.org_code, sheets.group_key, supply_lines.drug_name
),

long_supplies as (
    select
        org_code,
        group_key,
        max(case when days_together - supply_limit >= pack_days then 1 else 0 end) as has_long_supply
    from supplies
    where drug_sheets > 1 and days_together > supply_limit and days_alone <= supply_limit
    group by org_code, group_key
),

groups as (
    select
        sheets.org_code,
        sheets.group_key,
        sheets.group_scope,
        max(sheets.rx_month) as rx_month,
        max(sheets.main_icd3) as main_icd3,
        max(case when sheets.last_rank = 1 then sheets.doctor_code end) as doctor_code,
        max(case when sheets.last_rank = 1 then sheets.dept_code end) as dept_code,
        count(*) as sheets,
        max(case when sheets.long_term_flag then 1 else 0 end) as has_long_term,
        max(case when sheets.extend_reason is not null then 1 else 0 end) as has_reason,
        cast(sum(sheets.amount) as numeric(18, 2)) as amount_together,
        cast(max(sheets.amount) as numeric(18, 2)) as amount_alone
    from sheets
    group by sheets.org_code, sheets.group_key, sheets.group_scope
),

measured as (
    select
        groups.*,
        drugs_together.drugs as drugs_together,
        drugs_together.all_names,
        drugs_alone.drugs as drugs_alone,
        long_supplies.has_long_supply
    from groups
    inner join drugs_together
        on drugs_together.org_code = groups.org_code and drugs_together.group_key = groups.group_key
    inner join drugs_alone
        on drugs_alone.org_code = groups.org_code and drugs_alone.group_key = groups.group_key
    left join long_supplies
        on long_supplies.org_code = groups.org_code and long_supplies.group_key = groups.group_key
)

select * from measured
