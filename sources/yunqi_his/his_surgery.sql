-- his_surgery: one row a procedure. Source: oper_info_record.
-- Normalised: status (1 scheduled, 3 done, 9 cancelled). Class of incision as the product has it.
select
    :org_code as org_code,
    id::text as surgery_id,
    visit_id::text as adm_id,
    null as visit_id,
    rank as seq,
    is_main = '1' as is_main,
    oper_disease_icd9 as icd9cm3,
    oper_name as surgery_name,
    notched_code as incision_class,
    approach_name as approach,
    doctor_code as surgeon_code,
    ana_doctor_code as anes_doctor_code,
    ana_code as anes_method,
    oper_start_time as start_time,
    oper_end_time as end_time,
    ana_start_time as anes_start,
    ana_end_time as anes_end,
    case status_code when '1' then 'scheduled' when '3' then 'done' when '9' then 'cancelled' end as status,
    updt_time as src_updated_at
from oper_info_record
where updt_time >= :window_start and updt_time < :window_end
