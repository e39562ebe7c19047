-- his_nursing_day: one row a stay and day. Source: inpt_nurse_day, which the product adds up at night.
select
    :org_code as org_code,
    visit_id::text as adm_id,
    record_date as care_date,
    bed_name as bed_no,
    ward_code,
    vital_num as vitals_cnt,
    record_num as nursing_record_cnt,
    is_leave = '1' as leave_flag,
    is_icu = '1' as icu_flag,
    updt_time as src_updated_at
from inpt_nurse_day
where updt_time >= :window_start and updt_time < :window_end
