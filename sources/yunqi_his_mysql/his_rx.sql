-- his_rx: one row a prescription. Source: outpt_prescribe.
-- Normalised: kind (1 to 5) and status (1 valid, 9 cancelled, 8 returned).
-- A zero date (0000-00-00) stands for none here.
select
    :org_code as org_code,
    cast(id as char) as rx_id,
    order_no as rx_no,
    cast(visit_id as char) as visit_id,
    cast(profile_id as char) as patient_id,
    case prescribe_type_code
        when '1' then 'outpatient'
        when '2' then 'emergency'
        when '3' then 'pediatric'
        when '4' then 'herb'
        when '5' then 'long_term'
    end as rx_kind,
    doctor_code,
    dept_code,
    crte_time as rx_time,
    audit_code as review_pharmacist,
    dist_code as dispense_pharmacist,
    valid_days,
    is_long = '1' as long_term_flag,
    long_reason as extend_reason,
    case status_code
        when '1' then 'valid'
        when '8' then 'returned'
        when '9' then 'cancelled'
    end as status,
    nullif(cancel_time, '0000-00-00 00:00:00') as cancel_time,
    herb_num as herb_doses,
    null as settle_id,
    updt_time as src_updated_at
from outpt_prescribe
where updt_time >= :window_start and updt_time < :window_end
