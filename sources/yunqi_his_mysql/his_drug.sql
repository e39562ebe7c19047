-- his_drug: one row a drug of the hospital's catalogue. Source: base_drug.
-- Normalised: drug class. Strength is per smallest unit, prices per pack, as the source has them.
select
    :org_code as org_code,
    code as drug_code,
    nation_code as med_list_codg,
    usual_name as generic_name,
    good_name as trade_name,
    case type_code
        when '1' then 'western'
        when '2' then 'patent_tcm'
        when '3' then 'herb_piece'
        when '4' then 'preparation'
    end as drug_class,
    prep_name as dosage_form,
    is_injection = '1' as is_injection,
    null as route_default,
    spec,
    dosage as strength_value,
    dosage_unit_name as strength_unit,
    unit_name as pack_unit,
    split_unit_name as min_unit,
    split_ratio as pack_ratio,
    ddd as ddd_value,
    ddd_unit_name as ddd_unit,
    atc_code,
    null as pharm_class,
    antibacterial_code as antibac_class,
    is_basic = '1' as is_essential,
    is_monitor = '1' as is_key_monitored,
    null as is_adjuvant,
    null as special_class,
    is_vbp = '1' as is_vbp_selected,
    vbp_batch,
    is_nego = '1' as is_nego,
    is_solvent = '1' as is_solvent,
    prod_name as mah_name,
    prod_name as manufacturer_name,
    prod_uscc as manufacturer_uscc,
    approval_no,
    last_buy_price as purchase_price,
    price as retail_price,
    unit_name as price_unit,
    null as valid_from,
    null as valid_to,
    updt_time as src_updated_at
from base_drug
