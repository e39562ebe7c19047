-- Grain: one hospital, selected generic and other drug of its class that is not selected.
-- Rule: cost_ratio is the cost per DDD of the other drug over that of the generic, of the hospital's lines after the selection,
-- where there are none of all lines of the window. shortage_share is the part of the months from the selection on, with stock
-- balances of the hospital, in which no store had the generic (null without any). first_month is the drug's first at the
-- hospital, history_start the first month of any.
-- Source: int_switch_line, core.fct_stock_month, core.dim_drug, core.fct_prescription_line.
with lines as (
    select * from {{ ref('int_switch_line') }}
),

costs as (
    select
        org_code,
        generic,
        drug_name,
        max(selected_on) as selected_on,
        max(case when is_selected then 1 else 0 end) as is_selected,
        max(rx_month) as last_month,
        coalesce(
            sum(case when week >= 0 and ddds > 0 then amount end)
            / nullif(sum(case when week >= 0 and ddds > 0 then ddds end), 0),
            sum(case when ddds > 0 then amount end) / nullif(sum(case when ddds > 0 then ddds end), 0)
        ) as cost_per_ddd
    from lines
    group by org_code, generic, drug_name
),

firsts as (
    select
        org_code,
        generic_name,
        min(rx_month) as first_month
    from {{ ref('fct_prescription_line') }}
    group by org_code, generic_name
),

histories as (
    select
        org_code,
        min(first_month) as history_start
    from firsts
    group by org_code
),

last_months as (
    select
        org_code,
        generic,
        max(selected_on) as selected_on,
        max(last_month) as last_month
    from costs
    group by org_code, generic
),

stocked_months as (
    select distinct
        org_code,
        month_start
    from {{ ref('fct_stock_month') }}
    where item_kind = 'drug'
),

generic_months as (
    select distinct
        balances.org_code,
        drugs.generic_name,
        balances.month_start
    from {{ ref('fct_stock_month') }} as balances
    inner join {{ ref('dim_drug') }} as drugs
        on
            drugs.org_code = balances.org_code
            and drugs.drug_code = balances.item_code
    where balances.item_kind = 'drug' and (balances.opening_qty > 0 or balances.in_qty > 0 or balances.closing_qty > 0)
),

shortages as (
    select
        last_months.org_code,
        last_months.generic,
        cast(sum(case when generic_months.month_start is null then 1 else 0 end) as numeric(18, 4))
        / nullif(count(*), 0) as shortage_share
    from last_months
    inner join stocked_months
        on
            stocked_months.org_code = last_months.org_code
            and stocked_months.month_start between {{ month_of('last_months.selected_on') }} and last_months.last_month
    left join generic_months
        on
            generic_months.org_code = last_months.org_code
            and generic_months.generic_name = last_months.generic
            and generic_months.month_start = stocked_months.month_start
    group by last_months.org_code, last_months.generic
),

conditions as (
    select
        others.org_code,
        others.generic,
        others.drug_name,
        cast(others.cost_per_ddd as numeric(18, 4)) as cost_per_ddd,
        cast(others.cost_per_ddd / nullif(generics.cost_per_ddd, 0) as numeric(18, 4)) as cost_ratio,
        cast(shortages.shortage_share as numeric(18, 4)) as shortage_share,
        firsts.first_month,
        histories.history_start
    from costs as others
    left join costs as generics
        on
            generics.org_code = others.org_code
            and generics.generic = others.generic
            and generics.drug_name = others.generic
    left join shortages
        on
            shortages.org_code = others.org_code
            and shortages.generic = others.generic
    left join firsts
        on
            firsts.org_code = others.org_code
            and firsts.generic_name = others.drug_name
    left join histories on histories.org_code = others.org_code
    where others.is_selected = 0
)

select * from conditions
