-- Grain: one fee line of an item that a rule in force calls billed for another, and that other item.
-- Rule: true_unit_price is what the hospital's own catalogue asks for the other item in the unit of the line, the
-- highest where several items have its code; null where no item has, or where the units do not agree.
-- Source: core.fct_fee_line, core.dim_swap_pair, core.dim_item.
with pairs as (
    select * from {{ ref('dim_swap_pair') }}
),

-- Two rule sets may hold the same pair.
swappable_lines as (
    select distinct
        fee_lines.org_code,
        fee_lines.fee_id,
        fee_lines.encounter_type,
        fee_lines.encounter_id,
        fee_lines.item_kind,
        fee_lines.item_code,
        fee_lines.dept_code,
        fee_lines.fee_time,
        fee_lines.service_date,
        fee_lines.service_month,
        fee_lines.unit,
        fee_lines.unit_price,
        fee_lines.net_qty,
        fee_lines.net_amount,
        fee_lines.udi,
        pairs.billed_code,
        pairs.true_code
    from {{ ref('fct_fee_line') }} as fee_lines
    inner join pairs
        on
            fee_lines.med_list_codg = pairs.billed_code
            and fee_lines.service_date between pairs.valid_from and pairs.valid_to
            and (pairs.org_code = '*' or fee_lines.org_code = pairs.org_code)
),

true_codes as (
    select distinct true_code from pairs
),

true_prices as (
    select
        items.org_code,
        true_codes.true_code,
        items.charge_unit as unit,
        max(items.charge_price) as unit_price
    from {{ ref('dim_item') }} as items
    inner join true_codes on items.med_list_codg = true_codes.true_code
    where items.charge_price > 0
    group by items.org_code, true_codes.true_code, items.charge_unit
    union all
    select
        items.org_code,
        true_codes.true_code,
        items.pack_unit as unit,
        max(items.charge_price * items.pack_ratio) as unit_price
    from {{ ref('dim_item') }} as items
    inner join true_codes on items.med_list_codg = true_codes.true_code
    where items.charge_price * items.pack_ratio > 0 and items.pack_unit <> items.charge_unit
    group by items.org_code, true_codes.true_code, items.pack_unit
),

unit_prices as (
    select
        org_code,
        true_code,
        unit,
        max(unit_price) as unit_price
    from true_prices
    group by org_code, true_code, unit
),

priced as (
    select
        swappable_lines.*,
        cast(unit_prices.unit_price as numeric(18, 6)) as true_unit_price
    from swappable_lines
    left join unit_prices
        on
            swappable_lines.org_code = unit_prices.org_code
            and swappable_lines.true_code = unit_prices.true_code
            and swappable_lines.unit = unit_prices.unit
)

select * from priced
