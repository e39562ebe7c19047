-- pr_bid_item: one row a line of a bid. Source: t_tender_bid_item.
select
    hospital_code as org_code,
    tender_no as project_id,
    package_no as lot_no,
    supplier_code,
    seq_no as line_no,
    content as item_desc,
    qty,
    price as unit_price,
    amount,
    updt_time as src_updated_at
from t_tender_bid_item
where updt_time >= :window_start and updt_time < :window_end
