-- his_material: one row a consumable or reagent. Source: base_material.
-- Purchase price is per pack, charge price per smallest unit, as the source has them.
select
    :org_code as org_code,
    code as material_code,
    nation_code as med_list_codg,
    name as material_name,
    null as spec,
    null as model,
    null as udi_di,
    reg_cert_no,
    prod_name as manufacturer_name,
    prod_uscc as manufacturer_uscc,
    null as is_implant,
    is_high = '1' as is_high_value,
    is_reagent = '1' as is_reagent,
    is_charge = '1' as is_billable,
    is_vbp = '1' as is_vbp_selected,
    null as vbp_batch,
    unit_name as pack_unit,
    split_unit_name as min_unit,
    split_ratio as pack_ratio,
    last_buy_price as purchase_price,
    price as charge_price,
    null as valid_from,
    null as valid_to,
    updt_time as src_updated_at
from base_material
