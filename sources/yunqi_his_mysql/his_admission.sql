-- his_admission: one row a stay. Source: inpt_visit.
-- A zero date (0000-00-00) stands for none here.
select
    :org_code as org_code,
    cast(id as char) as adm_id,
    in_no as inpatient_no,
    cast(profile_id as char) as patient_id,
    in_count as adm_count,
    in_time as adm_time,
    nullif(out_time, '0000-00-00 00:00:00') as dscg_time,
    in_dept_code as adm_dept_code,
    out_dept_code as dscg_dept_code,
    in_mode_code as adm_way,
    out_mode_code as dscg_way,
    zz_doctor_code as chief_doctor_code,
    jz_doctor_code as attending_doctor_code,
    bed_name as bed_no,
    pay_type_code as pay_type,
    medical_regno as hi_mdtrt_id,
    case_no as medrec_no,
    is_readmit_plan = '1' as days_inp_31_flag,
    is_cancel = '1' as is_cancelled,
    updt_time as src_updated_at
from inpt_visit
where updt_time >= :window_start and updt_time < :window_end
