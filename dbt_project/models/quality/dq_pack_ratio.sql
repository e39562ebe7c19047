-- Grain: identity DQ11 by organisation, table and month in which a drug or material was charged.
-- Rule: the pack ratio is above 0 and the same wherever the product, its manufacturer and both units are.
-- Source: item_month, staging.stg_his__drug, staging.stg_his__material.
with products as (
    select
        org_code,
        'drug' as item_kind,
        drug_code as item_code,
        med_list_codg,
        manufacturer_name,
        pack_unit,
        min_unit,
        pack_ratio
    from {{ ref('stg_his__drug') }}
    union all
    select
        org_code,
        'material' as item_kind,
        material_code as item_code,
        med_list_codg,
        manufacturer_name,
        pack_unit,
        min_unit,
        pack_ratio
    from {{ ref('stg_his__material') }}
),

ratios as (
    select
        med_list_codg,
        manufacturer_name,
        pack_unit,
        min_unit,
        count(distinct pack_ratio) as ratio_count
    from products
    where med_list_codg is not null and manufacturer_name is not null
    group by med_list_codg, manufacturer_name, pack_unit, min_unit
),

charged as (
    select distinct
        org_code,
        service_month,
        item_kind,
        item_code
    from {{ ref('item_month') }}
    where item_kind in ('drug', 'material')
),

checked as (
    select
        charged.org_code,
        charged.service_month as period_month,
        charged.item_kind,
        charged.item_code as row_key,
        products.pack_ratio > 0 and coalesce(ratios.ratio_count, 1) <= 1 as holds
    from charged
    inner join products
        on
            charged.org_code = products.org_code
            and charged.item_kind = products.item_kind
            and charged.item_code = products.item_code
    left join ratios
        on
            products.med_list_codg = ratios.med_list_codg
            and products.manufacturer_name = ratios.manufacturer_name
            and products.pack_unit = ratios.pack_unit
            and products.min_unit = ratios.min_unit
),

identity as (
    {{ identity_month('DQ11', 'his_drug', "checked where item_kind = 'drug'") }}
    union all
    {{ identity_month('DQ11', 'his_material', "checked where item_kind = 'material'") }}
)

select * from identity
