{{ config(materialized='view') }}

-- Grain: one material of a hospital's catalogue.
-- Rule: what carries a device identification or is marked as implant or high-value is traced piece by piece.
with materials as (
    select * from {{ ref('stg_his__material') }}
),

described as (
    select
        org_code,
        material_code,
        material_name,
        med_list_codg,
        pack_unit,
        min_unit,
        pack_ratio,
        charge_price,
        udi_di,
        is_reagent,
        is_billable,
        is_implant or is_high_value or udi_di is not null as is_traced,
        batch_id
    from materials
)

select * from described
