-- Grain: one drug of a hospital's catalogue. Source: land.his_drug.
with latest as (
    {{ latest_version('his_drug', ['drug_code']) }}
),

typed as (
    select
        org_code,
        drug_code,
        nullif(trim(med_list_codg), '') as med_list_codg,
        generic_name,
        trade_name,
        drug_class,
        dosage_form,
        spec,
        cast(strength_value as numeric(18, 6)) as strength_value,
        strength_unit,
        pack_unit,
        min_unit,
        cast(pack_ratio as numeric(18, 4)) as pack_ratio,
        cast(ddd_value as numeric(18, 6)) as ddd_value,
        ddd_unit,
        atc_code,
        nullif(trim(pharm_class), '') as pharm_class,
        cast(antibac_class as integer) as antibac_class,
        nullif(trim(special_class), '') as special_class,
        is_injection,
        is_essential,
        coalesce(is_solvent, false) as is_solvent,
        coalesce(is_key_monitored, false) as is_flagged_key_monitored,
        coalesce(is_vbp_selected, false) as is_vbp_selected,
        coalesce(is_nego, false) as is_nego,
        cast(retail_price as numeric(18, 6)) as retail_price,
        nullif(trim(price_unit), '') as price_unit,
        manufacturer_name,
        nullif(trim(manufacturer_uscc), '') as manufacturer_uscc,
        _batch_id as batch_id
    from latest
)

select * from typed
