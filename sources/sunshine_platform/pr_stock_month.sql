-- pr_stock_month: one row an item's balance in a store and month. Source: t_stock_month.
-- Balances are not kept by batch: batch_no is empty. Normalised: kind of goods.
select
    hospital_code as org_code,
    store_code,
    case goods_type when '1' then 'drug' when '2' then 'material' end as item_kind,
    hospital_item_code as item_code,
    '' as batch_no,
    month_first as month_start,
    opening as opening_qty,
    came_in as in_qty,
    went_out as out_qty,
    closing as closing_qty,
    counted as counted_qty,
    null as src_updated_at
from t_stock_month
where month_first >= :window_start and month_first < :window_end
