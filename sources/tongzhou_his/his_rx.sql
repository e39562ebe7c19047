-- his_rx: one row a prescription. Source: 门诊处方记录.
-- Normalised: kind and status (处方状态 1 valid, 4 cancelled, 5 returned).
select
    :org_code as org_code,
    to_char(id) as rx_id,
    no as rx_no,
    to_char(挂号id) as visit_id,
    to_char(病人id) as patient_id,
    case 处方类别 when '普通' then 'outpatient' when '急诊' then 'emergency' when '儿科' then 'pediatric' when '麻精一' then 'narcotic_psy1' when '精二' then 'psy2' when '中药' then 'herb' when '长期' then 'long_term' end as rx_kind,
    开嘱医生编号 as doctor_code,
    to_char(开嘱科室id) as dept_code,
    开嘱时间 as rx_time,
    审方药师编号 as review_pharmacist,
    发药人编号 as dispense_pharmacist,
    有效天数 as valid_days,
    case 长期处方 when 1 then 1 when 0 then 0 end as long_term_flag,
    超量说明 as extend_reason,
    case 处方状态 when 1 then 'valid' when 4 then 'cancelled' when 5 then 'returned' end as status,
    作废时间 as cancel_time,
    付数 as herb_doses,
    to_char(结算id) as settle_id,
    null as src_updated_at
from 门诊处方记录
where 开嘱时间 >= to_date(:window_start, 'YYYY-MM-DD HH24:MI:SS')
    and 开嘱时间 < to_date(:window_end, 'YYYY-MM-DD HH24:MI:SS')
