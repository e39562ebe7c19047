-- his_report: one row a report. Source: yj_bgd.
-- Normalised: kind (JC examination, JY laboratory, BL pathology) and status. Fee lines do not name their
-- report; encounter and item do.
select
    :org_code as org_code,
    bgdh::text as report_id,
    case bglb when 'JC' then 'exam' when 'JY' then 'lab' when 'BL' then 'pathology' end as report_kind,
    case mzzy when '2' then 'I' else 'O' end as encounter_type,
    jzlsh::text as encounter_id,
    brid::text as patient_id,
    sqdh as apply_id,
    yzxh::text as order_id,
    xmdm as item_code,
    xmmc as item_name,
    cyrq as sample_time,
    jcrq as exec_time,
    bgrq as report_time,
    zxks as exec_dept_code,
    bgys as reporter_code,
    case bgzt when '检查中' then 'registered' when '已发布' then 'reported' when '已撤销' then 'cancelled' end as status,
    sbbh as device_id,
    null as src_updated_at
from yj_bgd
where jcrq >= :window_start and jcrq < :window_end
