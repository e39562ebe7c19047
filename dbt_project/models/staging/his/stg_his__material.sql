-- Grain: one material of a hospital's catalogue. Source: land.his_material.
with latest as (
    {{ latest_version('his_material', ['material_code']) }}
),

typed as (
    select
        org_code,
        material_code,
        nullif(trim(med_list_codg), '') as med_list_codg,
        material_name,
        spec,
        pack_unit,
        min_unit,
        cast(pack_ratio as numeric(18, 4)) as pack_ratio,
        coalesce(is_vbp_selected, false) as is_vbp_selected,
        nullif(trim(udi_di), '') as udi_di,
        coalesce(is_implant, false) as is_implant,
        coalesce(is_high_value, false) as is_high_value,
        coalesce(is_reagent, false) as is_reagent,
        coalesce(is_billable, true) as is_billable,
        cast(charge_price as numeric(18, 6)) as charge_price,
        manufacturer_name,
        nullif(trim(manufacturer_uscc), '') as manufacturer_uscc,
        _batch_id as batch_id
    from latest
)

select * from typed
