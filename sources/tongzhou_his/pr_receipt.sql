-- pr_receipt: one row a line received into a store. Source: 药品收发记录, documents of kind 1
-- (external receipt). A return to the supplier has a negative quantity.
select
    :org_code as org_code,
    no as receipt_id,
    序号 as line_no,
    审核日期 as receipt_time,
    订单号 as order_id,
    订单序号 as order_line_no,
    供应商编码 as supplier_code,
    to_char(库房id) as store_code,
    case 材质 when '卫材' then 'material' else 'drug' end as item_kind,
    药品编码 as item_code,
    批号 as batch_no,
    trunc(效期) as expiry_date,
    null as udi,
    实际数量 / 药库包装 as qty,
    药库单位 as unit,
    实际数量 as qty_min_unit,
    成本价 * 药库包装 as unit_price,
    成本金额 as amount,
    发票号 as invoice_no,
    nvl(赠送, 0) as is_gift,
    nvl(代销, 0) as is_consignment,
    验收人编号 as acceptor_code,
    审核人编号 as keeper_code,
    null as src_updated_at
from 药品收发记录
where
    单据 = 1
    and 审核日期 >= to_date(:window_start, 'YYYY-MM-DD HH24:MI:SS')
    and 审核日期 < to_date(:window_end, 'YYYY-MM-DD HH24:MI:SS')
