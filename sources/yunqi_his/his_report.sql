-- his_report: one row a report. Source: medic_result.
-- Normalised: kind (1 examination, 2 laboratory, 3 pathology) and status (1 registered, 3 reported,
-- 9 cancelled).
select
    :org_code as org_code,
    id::text as report_id,
    case type_code when '1' then 'exam' when '2' then 'lab' when '3' then 'pathology' end as report_kind,
    case is_inpt when '1' then 'I' else 'O' end as encounter_type,
    visit_id::text as encounter_id,
    profile_id::text as patient_id,
    apply_no as apply_id,
    advice_id::text as order_id,
    item_code,
    item_name,
    collection_time as sample_time,
    exec_time,
    report_time,
    exec_dept_code,
    report_code as reporter_code,
    case status_code when '1' then 'registered' when '3' then 'reported' when '9' then 'cancelled' end as status,
    device_no as device_id,
    updt_time as src_updated_at
from medic_result
where updt_time >= :window_start and updt_time < :window_end
