-- pr_receipt: one row a line received into the pharmacy store. Sources: yk_rk02, and yk_rk01 for
-- time, supplier and store. A return to the supplier is a line with a negative quantity.
select
    :org_code as org_code,
    cast(yk_rk01.rkdh as varchar(40)) as receipt_id,
    yk_rk02.mxxh as line_no,
    yk_rk01.rkrq as receipt_time,
    cast(yk_rk01.dddh as varchar(40)) as order_id,
    yk_rk02.ddmxxh as order_line_no,
    yk_rk01.dwxh as supplier_code,
    yk_rk01.ykdm as store_code,
    case yk_rk02.wplb when '1' then 'drug' when '2' then 'material' end as item_kind,
    yk_rk02.ypxh as item_code,
    yk_rk02.scph as batch_no,
    try_convert(date, yk_rk02.yxrq, 112) as expiry_date,
    null as udi,
    yk_rk02.rksl as qty,
    yk_rk02.rkdw as unit,
    yk_rk02.rksl * yk_rk02.zxbz as qty_min_unit,
    yk_rk02.jhjg as unit_price,
    yk_rk02.jhje as amount,
    yk_rk02.fphm as invoice_no,
    case when yk_rk02.zpbz = 'Y' then 1 when yk_rk02.zpbz is not null then 0 end as is_gift,
    case when yk_rk02.jxbz = 'Y' then 1 when yk_rk02.jxbz is not null then 0 end as is_consignment,
    yk_rk01.ysgh as acceptor_code,
    yk_rk01.bggh as keeper_code,
    null as src_updated_at
from yk_rk02
inner join yk_rk01 on yk_rk01.rkdh = yk_rk02.rkdh
where yk_rk01.rkrq >= convert(datetime, :window_start, 120) and yk_rk01.rkrq < convert(datetime, :window_end, 120)
