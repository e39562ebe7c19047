-- patients.csv and encounters.csv, one row an organisation and patient seen there. The social
-- security number becomes a keyed hash in the extract. Sex M and F become 1 and 2 (GB/T 2261.1).
select
    'S' || upper(left(replace(encounter.ORGANIZATION, '-', ''), 11)) as org_code,
    patient.Id as patient_id,
    patient.SSN as person_key,
    case patient.GENDER when 'M' then '1' when 'F' then '2' end as sex,
    patient.BIRTHDATE as birth_date,
    null as hi_psn_no,
    null as is_staff,
    null as src_updated_at
from read_csv('{path}/patients.csv', all_varchar = true) as patient
inner join read_csv('{path}/encounters.csv', all_varchar = true) as encounter
    on encounter.PATIENT = patient.Id
group by encounter.ORGANIZATION, patient.Id, patient.SSN, patient.GENDER, patient.BIRTHDATE
