-- his_charge_item: one row a charge item with its present price. Source: gy_ylsf.
select
    :org_code as org_code,
    fyxh as item_code,
    ybdm as med_list_codg,
    fymc as item_name,
    fygb as item_category,
    fydw as unit,
    fydj as charge_price,
    null as intension,
    null as excluded,
    bzxx as price_note,
    case when zdjz = 'Y' then 1 when zdjz is not null then 0 end as is_auto_billed,
    try_convert(date, qyrq, 112) as valid_from,
    null as valid_to,
    null as src_updated_at
from gy_ylsf
