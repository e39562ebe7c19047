-- his_patient: one row a patient on file. Source: outpt_profile.
-- person_key is the clear identity number: the extract replaces it.
-- A zero date (0000-00-00) stands for none here.
select
    :org_code as org_code,
    cast(id as char) as patient_id,
    cert_no as person_key,
    gender_code as sex,
    nullif(birthday, '0000-00-00') as birth_date,
    insure_no as hi_psn_no,
    is_staff = '1' as is_staff,
    updt_time as src_updated_at
from outpt_profile
where updt_time >= :window_start and updt_time < :window_end
