-- his_admission: one row a stay. Source: zy_brry.
select
    :org_code as org_code,
    zyh::text as adm_id,
    zyhm as inpatient_no,
    brid::text as patient_id,
    zycs as adm_count,
    ryrq as adm_time,
    cyrq as dscg_time,
    ryks as adm_dept_code,
    cyks as dscg_dept_code,
    rytj as adm_way,
    cyfs as dscg_way,
    zrys as chief_doctor_code,
    zzys as attending_doctor_code,
    brch as bed_no,
    brxz as pay_type,
    ybjzid as hi_mdtrt_id,
    bahm as medrec_no,
    jhry = 'Y' as days_inp_31_flag,
    zfpb = '1' as is_cancelled,
    null as src_updated_at
from zy_brry
where ryrq >= :window_start and ryrq < :window_end
