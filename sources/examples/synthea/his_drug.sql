-- medications.csv, one row an organisation and RxNorm code prescribed there. RxNorm's name of the
-- product stands as generic name, since nothing else is given; every product is a western drug.
-- The record counts dispenses, so a dispense is the only unit. No strength, no DDD, no list codes.
select
    'S' || upper(left(replace(encounter.ORGANIZATION, '-', ''), 11)) as org_code,
    medication.CODE as drug_code,
    null as med_list_codg,
    min(medication.DESCRIPTION) as generic_name,
    null as trade_name,
    'western' as drug_class,
    null as dosage_form,
    null as is_injection,
    null as route_default,
    null as spec,
    null as strength_value,
    null as strength_unit,
    'dispense' as pack_unit,
    'dispense' as min_unit,
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
from read_csv('{path}/medications.csv', all_varchar = true) as medication
inner join read_csv('{path}/encounters.csv', all_varchar = true) as encounter
    on encounter.Id = medication.ENCOUNTER
group by encounter.ORGANIZATION, medication.CODE
