-- his_charge_item: one row a charge item with its present price. Source: base_item.
-- A zero date (0000-00-00) stands for none here.
select
    :org_code as org_code,
    code as item_code,
    nation_code as med_list_codg,
    name as item_name,
    type_code as item_category,
    unit_name as unit,
    one_price as charge_price,
    intension,
    except_content as excluded,
    remark as price_note,
    is_auto = '1' as is_auto_billed,
    nullif(valid_date, '0000-00-00') as valid_from,
    null as valid_to,
    updt_time as src_updated_at
from base_item
