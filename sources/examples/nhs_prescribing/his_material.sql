-- epd_*.csv.gz, one row a practice and appliance of BNF chapters 20 to 23: dressings, appliances,
-- incontinence and stoma. They are prescribed and reimbursed, hence billable. The data counts in one
-- unit a product, which it does not name, so that the pack is that unit.
select
    PRACTICE_CODE as org_code,
    BNF_CODE as material_code,
    null as med_list_codg,
    min(BNF_DESCRIPTION) as material_name,
    null as spec,
    null as model,
    null as udi_di,
    null as reg_cert_no,
    null as manufacturer_name,
    null as manufacturer_uscc,
    null as is_implant,
    null as is_high_value,
    null as is_reagent,
    true as is_billable,
    null as is_vbp_selected,
    null as vbp_batch,
    null as pack_unit,
    null as min_unit,
    1 as pack_ratio,
    null as purchase_price,
    null as charge_price,
    null as valid_from,
    null as valid_to,
    null as src_updated_at
from prescribing
where BNF_CODE >= '20'
group by PRACTICE_CODE, BNF_CODE
