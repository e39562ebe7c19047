-- Grain: one line with DDDs of a drug of which the hospital's catalogue holds a selected and another product of the
-- same generic name and form. Prescriptions of children and what the patient brought are left out.
-- Rule: is_excused, where no store held the selected product in the month, at its start, in between or at its end;
-- null where the month has no stock balances of the hospital.
-- Source: core.fct_prescription_line, core.dim_drug, core.fct_stock_month.
with products as (
    select
        org_code,
        drug_code,
        generic_name || '|' || dosage_form as equivalent,
        is_vbp_selected
    from {{ ref('dim_drug') }}
    where generic_name is not null and dosage_form is not null
),

equivalents as (
    select
        org_code,
        equivalent
    from products
    group by org_code, equivalent
    having
        max(case when is_vbp_selected then 1 else 0 end) = 1
        and min(case when is_vbp_selected then 1 else 0 end) = 0
),

members as (
    select products.*
    from products
    inner join equivalents
        on
            equivalents.org_code = products.org_code
            and equivalents.equivalent = products.equivalent
),

balances as (
    select * from {{ ref('fct_stock_month') }}
    where item_kind = 'drug'
),

stocked_months as (
    select distinct
        org_code,
        month_start
    from balances
),

in_stock as (
    select distinct
        members.org_code,
        members.equivalent,
        balances.month_start
    from members
    inner join balances
        on
            balances.org_code = members.org_code
            and balances.item_code = members.drug_code
    where members.is_vbp_selected and (balances.opening_qty > 0 or balances.in_qty > 0 or balances.closing_qty > 0)
),

lines as (
    select
        lines.org_code,
        lines.rx_item_id,
        lines.rx_id,
        lines.doctor_code,
        lines.dept_code,
        lines.rx_month,
        cast(date_trunc('quarter', lines.rx_month) as date) as quarter_start,
        members.equivalent,
        members.is_vbp_selected,
        lines.ddds,
        lines.amount,
        case when stocked_months.org_code is not null then in_stock.org_code is null end as is_excused
    from {{ ref('fct_prescription_line') }} as lines
    -- One key of one column: by the index of organisations all lines would be read once for each drug.
    inner join members
        on members.org_code || '|' || members.drug_code = lines.org_code || '|' || lines.drug_code
    left join stocked_months
        on
            stocked_months.org_code = lines.org_code
            and stocked_months.month_start = lines.rx_month
    left join in_stock
        on
            in_stock.org_code = members.org_code
            and in_stock.equivalent = members.equivalent
            and in_stock.month_start = lines.rx_month
    where not lines.is_self_provided and lines.rx_kind <> 'pediatric'
)

select * from lines
