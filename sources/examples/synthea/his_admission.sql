-- encounters.csv of class inpatient, one row a stay. There is no inpatient number beside the
-- encounter's id; the department is the speciality of the doctor in charge. Times are UTC and stay
-- as they are.
select
    'S' || upper(left(replace(encounter.ORGANIZATION, '-', ''), 11)) as org_code,
    encounter.Id as adm_id,
    encounter.Id as inpatient_no,
    encounter.PATIENT as patient_id,
    null as adm_count,
    cast(encounter.START as timestamp) as adm_time,
    cast(encounter.STOP as timestamp) as dscg_time,
    provider.SPECIALITY as adm_dept_code,
    null as dscg_dept_code,
    null as adm_way,
    null as dscg_way,
    null as chief_doctor_code,
    encounter.PROVIDER as attending_doctor_code,
    null as bed_no,
    null as pay_type,
    null as hi_mdtrt_id,
    null as medrec_no,
    null as days_inp_31_flag,
    false as is_cancelled,
    null as src_updated_at
from read_csv('{path}/encounters.csv', all_varchar = true) as encounter
inner join read_csv('{path}/providers.csv', all_varchar = true) as provider
    on provider.Id = encounter.PROVIDER
where
    encounter.ENCOUNTERCLASS = 'inpatient'
    and cast(encounter.START as timestamp) >= cast(:window_start as timestamp)
    and cast(encounter.START as timestamp) < cast(:window_end as timestamp)
