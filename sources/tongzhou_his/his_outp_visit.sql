-- his_outp_visit: one row a registration. Source: 病人挂号记录.
-- Normalised: kind of visit; 记录状态 2 and 3 are a registration that was taken back.
select
    :org_code as org_code,
    to_char(id) as visit_id,
    to_char(病人id) as patient_id,
    no as register_no,
    登记时间 as register_time,
    执行时间 as visit_time,
    to_char(执行部门id) as dept_code,
    执行人编号 as doctor_code,
    case when 急诊 = 1 then 'emergency' when 慢病 = 1 then 'chronic' else 'outpatient' end as visit_kind,
    null as register_fee_item_code,
    case when 记录状态 in (2, 3) then 1 else 0 end as is_cancelled,
    case 复诊 when 1 then 0 when 0 then 1 end as is_first_visit,
    医疗付款方式 as pay_type,
    医保就诊id as hi_mdtrt_id,
    null as src_updated_at
from 病人挂号记录
where 登记时间 >= to_date(:window_start, 'YYYY-MM-DD HH24:MI:SS')
    and 登记时间 < to_date(:window_end, 'YYYY-MM-DD HH24:MI:SS')
