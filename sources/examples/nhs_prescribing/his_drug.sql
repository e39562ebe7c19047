-- epd_*.csv.gz, one row a practice and product of BNF chapters 01 to 19; 20 to 23 are appliances and
-- stand in his_material. The BNF's name of the product, brand or generic, stands as generic name, since
-- nothing else is given; every product is a western drug. The data counts in one unit a product, which
-- it does not name, so that the pack is that unit. Prices change by month and stand in yb_sel.
select
    PRACTICE_CODE as org_code,
    BNF_CODE as drug_code,
    null as med_list_codg,
    min(BNF_DESCRIPTION) as generic_name,
    null as trade_name,
    'western' as drug_class,
    null as dosage_form,
    null as is_injection,
    null as route_default,
    null as spec,
    null as strength_value,
    null as strength_unit,
    null as pack_unit,
    null as min_unit,
    1 as pack_ratio,
    null as ddd_value,
    null as ddd_unit,
    null as atc_code,
    null as pharm_class,
    null as antibac_class,
    null as is_essential,
    null as is_key_monitored,
    null as is_adjuvant,
    null as special_class,
    null as is_vbp_selected,
    null as vbp_batch,
    null as is_nego,
    null as is_solvent,
    null as mah_name,
    null as manufacturer_name,
    null as manufacturer_uscc,
    null as approval_no,
    null as purchase_price,
    null as retail_price,
    null as price_unit,
    null as valid_from,
    null as valid_to,
    null as src_updated_at
from prescribing
where BNF_CODE < '20'
group by PRACTICE_CODE, BNF_CODE
