-- his_nursing_day: one row a stay and day. Source: bq_hlrj. Counts are text.
select
    :org_code as org_code,
    zyh::text as adm_id,
    hlrq as care_date,
    brch as bed_no,
    bqdm as ward_code,
    tzcs as vitals_cnt,
    jlcs as nursing_record_cnt,
    qjbz = 'Y' as leave_flag,
    zzjh = 'Y' as icu_flag,
    null as src_updated_at
from bq_hlrj
where hlrq >= :window_start and hlrq < :window_end
