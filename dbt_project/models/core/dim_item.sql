-- Grain: one item that a hospital bills or buys: drug, material or service.
-- Rule: charge_price is what the hospital's own catalogue asks now for one charge_unit: the unit of a service, the
-- smallest unit of a drug or material.
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
        min_unit_price as charge_price,
        min_unit as charge_unit,
        pack_unit,
        pack_ratio,
        {{ as_text('null') }} as udi_di
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
        charge_price,
        min_unit as charge_unit,
        pack_unit,
        pack_ratio,
        udi_di
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
        charge_price,
        unit as charge_unit,
        {{ as_text('null') }} as pack_unit,
        cast(null as numeric(18, 4)) as pack_ratio,
        {{ as_text('null') }} as udi_di
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
