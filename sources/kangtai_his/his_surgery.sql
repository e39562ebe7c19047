-- his_surgery: one row a procedure. Source: sm_ssap.
-- Normalised: class of incision (0 to 3) and status: an operation without an end is still scheduled.
select
    :org_code as org_code,
    sqdh::text as surgery_id,
    zyh::text as adm_id,
    null as visit_id,
    ssxh as seq,
    zssbz = '1' as is_main,
    ssdm as icd9cm3,
    ssmc as surgery_name,
    case qklb when '0' then '0' when '1' then 'I' when '2' then 'II' when '3' then 'III' end as incision_class,
    ssrl as approach,
    ssys as surgeon_code,
    mzys as anes_doctor_code,
    mzfs as anes_method,
    kssj as start_time,
    jssj as end_time,
    mzkssj as anes_start,
    mzjssj as anes_end,
    case when zfpb = '1' then 'cancelled' when jssj is null then 'scheduled' else 'done' end as status,
    null as src_updated_at
from sm_ssap
where kssj >= :window_start and kssj < :window_end
