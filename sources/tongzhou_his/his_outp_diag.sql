-- his_outp_diag: one row a diagnosis of a visit. Sources: 病人诊断记录, 疾病编码目录 for the code.
select
    :org_code as org_code,
    to_char(病人诊断记录.id) as diag_id,
    to_char(病人诊断记录.挂号id) as visit_id,
    病人诊断记录.诊断次序 as seq,
    case 病人诊断记录.诊断次序 when 1 then 1 else 0 end as is_main,
    疾病编码目录.医保编码 as icd10,
    病人诊断记录.诊断描述 as diag_name,
    病人诊断记录.证候编码 as tcm_code,
    病人诊断记录.记录日期 as diag_time,
    null as src_updated_at
from 病人诊断记录
left join 疾病编码目录 on 疾病编码目录.id = 病人诊断记录.疾病id
where 病人诊断记录.记录日期 >= to_date(:window_start, 'YYYY-MM-DD HH24:MI:SS')
    and 病人诊断记录.记录日期 < to_date(:window_end, 'YYYY-MM-DD HH24:MI:SS')
