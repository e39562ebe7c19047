-- his_patient: one row a patient on file. Source: 病人信息, read whole: it has no time of change.
-- person_key is the clear identity number: the extract replaces it.
select
    :org_code as org_code,
    to_char(病人id) as patient_id,
    身份证号 as person_key,
    case 性别 when '男' then '1' when '女' then '2' end as sex,
    trunc(出生日期) as birth_date,
    医保号 as hi_psn_no,
    case 职工标志 when 1 then 1 when 0 then 0 end as is_staff,
    null as src_updated_at
from 病人信息
