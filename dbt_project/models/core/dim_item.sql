-- Grain: one item that a hospital bills or buys: drug, material or service.
-- Rule: charge_price is the one that the hospital's own catalogue holds now; of drugs none is kept here.
with drugs as (
    select
        org_code,
        'drug' as item_kind,
        drug_code as item_code,
        generic_name as item_name,
        med_list_codg,
        manufacturer_name,
        manufacturer_uscc,
        is_vbp_selected,
        cast(null as numeric(18, 6)) as charge_price
    from {{ ref('dim_drug') }}
),

materials as (
    select
        org_code,
        'material' as item_kind,
        material_code as item_code,
        material_name as item_name,
        med_list_codg,
        manufacturer_name,
        manufacturer_uscc,
        is_vbp_selected,
        charge_price
    from {{ ref('stg_his__material') }}
),

services as (
    select
        org_code,
        'service' as item_kind,
        item_code,
        item_name,
        med_list_codg,
        {{ as_text('null') }} as manufacturer_name,
        {{ as_text('null') }} as manufacturer_uscc,
        1 = 0 as is_vbp_selected,
        charge_price
    from {{ ref('stg_his__charge_item') }}
),

items as (
    select * from drugs
    union all
    select * from materials
    union all
    select * from services
)

select * from items
