-- his_patient: one row a patient on file. Source: ms_brda, read whole: it has no time of change.
-- person_key is the clear identity number: the extract replaces it.
select
    :org_code as org_code,
    cast(brid as varchar(40)) as patient_id,
    sfzh as person_key,
    brxb as sex,
    try_convert(date, csny, 112) as birth_date,
    ybkh as hi_psn_no,
    case when bzgbz = 'Y' then 1 when bzgbz is not null then 0 end as is_staff,
    null as src_updated_at
from ms_brda
