-- his_admission: one row a stay. Source: zy_brry.
select
    :org_code as org_code,
    cast(zyh as varchar(40)) as adm_id,
    zyhm as inpatient_no,
    cast(brid as varchar(40)) as patient_id,
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
    case when jhry = 'Y' then 1 when jhry is not null then 0 end as days_inp_31_flag,
    case when zfpb = '1' then 1 when zfpb is not null then 0 end as is_cancelled,
    null as src_updated_at
from zy_brry
where ryrq >= convert(datetime, :window_start, 120) and ryrq < convert(datetime, :window_end, 120)
