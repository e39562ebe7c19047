-- pr_contract_item: one row a line of a contract. Source: t_contract_item. Normalised: kind of goods.
-- A framework agrees on prices only: its quantities and amounts are null.
select
    hospital_code as org_code,
    contract_no as contract_id,
    line_no,
    case goods_type
        when '1' then 'drug'
        when '2' then 'material'
        when '3' then 'reagent'
        when '4' then 'equipment'
        when '5' then 'service'
        when '6' then 'works'
    end as item_kind,
    hospital_item_code as item_code,
    category_code,
    qty,
    unit,
    price as unit_price,
    amount,
    updt_time as src_updated_at
from t_contract_item
where updt_time >= :window_start and updt_time < :window_end
