-- pr_order: one row a line of a purchase order. Sources: t_purchase_order, t_purchase_order_item.
-- Normalised: kind of goods and status (90 cancelled). Unit and price stay as ordered.
select
    t_purchase_order.hospital_code as org_code,
    t_purchase_order.order_no as order_id,
    t_purchase_order_item.line_no,
    t_purchase_order.order_time,
    t_purchase_order.supplier_code,
    t_purchase_order.contract_no as contract_id,
    null as project_id,
    case t_purchase_order_item.goods_type when '1' then 'drug' when '2' then 'material' end as item_kind,
    t_purchase_order_item.hospital_item_code as item_code,
    t_purchase_order_item.national_code as med_list_codg,
    t_purchase_order_item.category_code,
    t_purchase_order_item.qty,
    t_purchase_order_item.unit,
    t_purchase_order_item.price as unit_price,
    t_purchase_order_item.amount,
    t_purchase_order.is_platform = '1' as is_platform,
    t_purchase_order.is_urgent = '1' as is_emergency,
    t_purchase_order.dept_code as requester_dept_code,
    t_purchase_order.buyer_code as handler_code,
    t_purchase_order.approver_code,
    case t_purchase_order.status when '90' then 'cancelled' else 'received' end as status,
    null as src_updated_at
from t_purchase_order
inner join t_purchase_order_item on t_purchase_order_item.order_no = t_purchase_order.order_no
where t_purchase_order.order_time >= :window_start and t_purchase_order.order_time < :window_end
