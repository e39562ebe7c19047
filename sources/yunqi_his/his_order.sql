-- his_order: one row an order of a stay. Source: inpt_advice.
-- Normalised: kind (01 to 08) and status (1 running, 3 completed, 4 stopped, 9 cancelled). The
-- product has one code column for drugs and items.
select
    :org_code as org_code,
    id::text as order_id,
    order_no,
    group_no,
    visit_id::text as adm_id,
    case type_code
        when '01' then 'drug'
        when '02' then 'exam'
        when '03' then 'lab'
        when '04' then 'treatment'
        when '05' then 'nursing'
        when '06' then 'surgery'
        when '07' then 'material'
        when '08' then 'diet'
    end as order_kind,
    is_long = '1' as is_long,
    case when type_code <> '01' then item_code end as item_code,
    item_name,
    case when type_code = '01' then item_code end as drug_code,
    dosage as dose,
    dosage_unit as dose_unit,
    rate_code as freq_code,
    rate_num as freq_per_day,
    usage_code as route_code,
    start_time,
    stop_time,
    doctor_code,
    dept_code,
    exec_dept_code,
    case status_code
        when '1' then 'active'
        when '3' then 'completed'
        when '4' then 'stopped'
        when '9' then 'cancelled'
    end as status,
    is_out_drug = '1' as is_discharge_drug,
    updt_time as src_updated_at
from inpt_advice
where updt_time >= :window_start and updt_time < :window_end
