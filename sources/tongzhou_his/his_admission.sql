-- his_admission: one row a stay. Source: 病案主页.
select
    :org_code as org_code,
    to_char(病人id) || '-' || to_char(主页id) as adm_id,
    to_char(住院号) as inpatient_no,
    to_char(病人id) as patient_id,
    主页id as adm_count,
    入院日期 as adm_time,
    出院日期 as dscg_time,
    to_char(入院科室id) as adm_dept_code,
    to_char(出院科室id) as dscg_dept_code,
    入院方式编码 as adm_way,
    离院方式编码 as dscg_way,
    主任医师编号 as chief_doctor_code,
    主治医师编号 as attending_doctor_code,
    出院病床 as bed_no,
    医疗付款方式 as pay_type,
    医保就诊id as hi_mdtrt_id,
    to_char(病案号) as medrec_no,
    case 再入院计划 when 1 then 1 when 0 then 0 end as days_inp_31_flag,
    nvl(作废, 0) as is_cancelled,
    null as src_updated_at
from 病案主页
where 入院日期 >= to_date(:window_start, 'YYYY-MM-DD HH24:MI:SS')
    and 入院日期 < to_date(:window_end, 'YYYY-MM-DD HH24:MI:SS')
