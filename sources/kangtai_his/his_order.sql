-- his_order: one row an order of a stay. Source: zy_bqyz.
-- Normalised: kind (yzlx) and status (yzzt). Fee lines name their order in yzxh; the product keeps no
-- record of single executions, so it gives no his_order_exec.
select
    :org_code as org_code,
    yzxh::text as order_id,
    null as order_no,
    yzzh as group_no,
    zyh::text as adm_id,
    case yzlx
        when '1' then 'drug'
        when '2' then 'exam'
        when '3' then 'lab'
        when '4' then 'treatment'
        when '5' then 'nursing'
        when '6' then 'surgery'
        when '7' then 'material'
        when '8' then 'diet'
    end as order_kind,
    lsyz = '0' as is_long,
    case when yzlx <> '1' then xmdm end as item_code,
    xmmc as item_name,
    case when yzlx = '1' then xmdm end as drug_code,
    ycjl as dose,
    jldw as dose_unit,
    ypyf as freq_code,
    mrcs as freq_per_day,
    gytj as route_code,
    kssj as start_time,
    tzsj as stop_time,
    ysgh as doctor_code,
    brks as dept_code,
    zxks as exec_dept_code,
    case yzzt
        when '1' then 'active'
        when '2' then 'completed'
        when '3' then 'stopped'
        when '9' then 'cancelled'
    end as status,
    cydy = 'Y' as is_discharge_drug,
    null as src_updated_at
from zy_bqyz
where kssj >= :window_start and kssj < :window_end
