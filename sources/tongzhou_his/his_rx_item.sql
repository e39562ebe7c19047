-- his_rx_item: one row a prescription line. Sources: 门诊处方明细, and 门诊处方记录 for its time.
select
    :org_code as org_code,
    to_char(门诊处方明细.id) as rx_item_id,
    to_char(门诊处方明细.处方id) as rx_id,
    to_char(门诊处方明细.组号) as group_no,
    门诊处方明细.药品编码 as drug_code,
    门诊处方明细.单次用量 as dose,
    门诊处方明细.剂量单位 as dose_unit,
    门诊处方明细.执行频次 as freq_code,
    门诊处方明细.日频次 as freq_per_day,
    门诊处方明细.给药途径 as route_code,
    门诊处方明细.天数 as days_supply,
    门诊处方明细.数量 as qty,
    门诊处方明细.单位 as qty_unit,
    门诊处方明细.售价数量 as qty_min_unit,
    门诊处方明细.单价 as unit_price,
    门诊处方明细.金额 as amount,
    门诊处方明细.皮试结果 as skin_test,
    null as note,
    nvl(门诊处方明细.自备药, 0) as is_self_provided,
    null as src_updated_at
from 门诊处方明细
inner join 门诊处方记录 on 门诊处方记录.id = 门诊处方明细.处方id
where 门诊处方记录.开嘱时间 >= to_date(:window_start, 'YYYY-MM-DD HH24:MI:SS')
    and 门诊处方记录.开嘱时间 < to_date(:window_end, 'YYYY-MM-DD HH24:MI:SS')
