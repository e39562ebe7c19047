-- Grain: one package of the rule library that a hospital's own catalogue has a price for.
-- Rule: the highest price where several items have the package's code.
-- Source: core.dim_charge_bundle, core.dim_item.
with packages as (
    select distinct parent_code from {{ ref('dim_charge_bundle') }}
),

priced as (
    select
        items.org_code,
        packages.parent_code,
        min(items.item_code) as item_code,
        cast(max(items.charge_price) as numeric(18, 6)) as package_price
    from {{ ref('dim_item') }} as items
    inner join packages on items.med_list_codg = packages.parent_code
    where items.charge_price > 0
    group by items.org_code, packages.parent_code
)

select * from priced
