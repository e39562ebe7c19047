-- pr_receipt: one row a line of a delivery. Source: t_delivery. Normalised: kind of goods.
select
    hospital_code as org_code,
    delivery_no as receipt_id,
    line_no,
    delivery_time as receipt_time,
    order_no as order_id,
    line_no as order_line_no,
    supplier_code,
    store_code,
    case goods_type when '1' then 'drug' when '2' then 'material' end as item_kind,
    hospital_item_code as item_code,
    batch_no,
    expires_on as expiry_date,
    udi,
    qty,
    unit,
    min_qty as qty_min_unit,
    price as unit_price,
    amount,
    invoice_no,
    is_gift = '1' as is_gift,
    is_consignment = '1' as is_consignment,
    acceptor_code,
    keeper_code,
    null as src_updated_at
from t_delivery
where delivery_time >= :window_start and delivery_time < :window_end
