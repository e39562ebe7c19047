-- his_outp_visit: one row a registration. Sources: outpt_register and, once the patient was seen,
-- outpt_visit. Normalised: kind of visit (national med_type of the registration).
select
    :org_code as org_code,
    cast(outpt_register.id as char) as visit_id,
    cast(outpt_register.profile_id as char) as patient_id,
    outpt_register.register_no,
    outpt_register.register_time,
    outpt_visit.visit_time,
    outpt_register.dept_code,
    outpt_register.doctor_code,
    case outpt_register.source_code
        when '13' then 'emergency'
        when '14' then 'chronic'
        else 'outpatient'
    end as visit_kind,
    null as register_fee_item_code,
    outpt_register.is_cancel = '1' as is_cancelled,
    outpt_visit.is_first = '1' as is_first_visit,
    outpt_visit.pay_type_code as pay_type,
    outpt_visit.medical_regno as hi_mdtrt_id,
    greatest(outpt_register.updt_time, coalesce(outpt_visit.updt_time, outpt_register.updt_time)) as src_updated_at
from outpt_register
left join outpt_visit on outpt_visit.register_id = outpt_register.id
where
    greatest(outpt_register.updt_time, coalesce(outpt_visit.updt_time, outpt_register.updt_time)) >= :window_start
    and greatest(outpt_register.updt_time, coalesce(outpt_visit.updt_time, outpt_register.updt_time)) < :window_end
