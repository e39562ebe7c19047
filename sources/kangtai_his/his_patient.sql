-- his_patient: one row a patient on file. Source: ms_brda, read whole: it has no time of change.
-- person_key is the clear identity number: the extract replaces it.
select
    :org_code as org_code,
    brid::text as patient_id,
    sfzh as person_key,
    brxb as sex,
    to_date(csny, 'YYYYMMDD') as birth_date,
    ybkh as hi_psn_no,
    bzgbz = 'Y' as is_staff,
    null as src_updated_at
from ms_brda
