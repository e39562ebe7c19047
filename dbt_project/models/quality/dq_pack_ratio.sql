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

-- What lacks one of the four is compared with nothing.
compared as (
    select
        products.*,
        med_list_codg is not null
        and manufacturer_name is not null
        and pack_unit is not null
        and min_unit is not null
        and min(pack_ratio) over same_pack < max(pack_ratio) over same_pack as ratios_differ
    from products
    window same_pack as (partition by med_list_codg, manufacturer_name, pack_unit, min_unit)
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
        compared.pack_ratio > 0 and not coalesce(compared.ratios_differ, false) as holds
    from charged
    inner join compared
        on
            charged.org_code = compared.org_code
            and charged.item_kind = compared.item_kind
            and charged.item_code = compared.item_code
),

identity as (
    {{ identity_month('DQ11', 'his_drug', "checked where item_kind = 'drug'") }}
    union all
    {{ identity_month('DQ11', 'his_material', "checked where item_kind = 'material'") }}
)

select * from identity
