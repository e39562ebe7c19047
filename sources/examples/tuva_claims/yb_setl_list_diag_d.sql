-- medical_claim_sample.csv of bill types 11x, one row a diagnosis of a stay, by its position of 25 on
-- the claim; the first is the principal one. ICD-10-CM without the dot, names are not given.
with stay as (
    select
        claim_id,
        facility_npi,
        max(claim_end_date) as last_day,
        unnest(range(1, 26)) as position,
        unnest([
            max(diagnosis_code_1), max(diagnosis_code_2), max(diagnosis_code_3),
            max(diagnosis_code_4), max(diagnosis_code_5), max(diagnosis_code_6),
            max(diagnosis_code_7), max(diagnosis_code_8), max(diagnosis_code_9),
            max(diagnosis_code_10), max(diagnosis_code_11), max(diagnosis_code_12),
            max(diagnosis_code_13), max(diagnosis_code_14), max(diagnosis_code_15),
            max(diagnosis_code_16), max(diagnosis_code_17), max(diagnosis_code_18),
            max(diagnosis_code_19), max(diagnosis_code_20), max(diagnosis_code_21),
            max(diagnosis_code_22), max(diagnosis_code_23), max(diagnosis_code_24),
            max(diagnosis_code_25)
        ]) as diag_code
    from medical_claims
    where bill_type_code like '11%'
    group by claim_id, facility_npi
)

select
    facility_npi as org_code,
    claim_id || '/' || position as setl_list_diag_id,
    claim_id as setl_id,
    claim_id as mdtrt_id,
    null as diag_type,
    case when position = 1 then '1' else '0' end as maindiag_flag,
    diag_code as diag_code,
    null as diag_name,
    null as adm_cond_type,
    null as setl_list_sn,
    '1' as vali_flag,
    cast(last_day as timestamp) as updt_time,
    null as src_updated_at
from stay
where
    diag_code is not null
    and cast(last_day as timestamp) >= cast(:window_start as timestamp)
    and cast(last_day as timestamp) < cast(:window_end as timestamp)
