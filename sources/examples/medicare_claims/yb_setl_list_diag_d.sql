-- inpatient.csv.gz and outpatient.csv.gz, one row a diagnosis of a claim, by its position of ten; the
-- first is the principal one. ICD-9-CM without the dot, names are not given. A code that a claim
-- repeats stands there as often as the claim has it.
with claim as (
    select
        Provider, ClaimID, ClaimEndDt,
        unnest(range(1, 11)) as position,
        unnest([
            ClmDiagnosisCode_1, ClmDiagnosisCode_2, ClmDiagnosisCode_3, ClmDiagnosisCode_4,
            ClmDiagnosisCode_5, ClmDiagnosisCode_6, ClmDiagnosisCode_7, ClmDiagnosisCode_8,
            ClmDiagnosisCode_9, ClmDiagnosisCode_10
        ]) as diag_code
    from read_csv('{path}/inpatient.csv.gz', all_varchar = true, nullstr = 'NA')
    union all
    select
        Provider, ClaimID, ClaimEndDt,
        unnest(range(1, 11)) as position,
        unnest([
            ClmDiagnosisCode_1, ClmDiagnosisCode_2, ClmDiagnosisCode_3, ClmDiagnosisCode_4,
            ClmDiagnosisCode_5, ClmDiagnosisCode_6, ClmDiagnosisCode_7, ClmDiagnosisCode_8,
            ClmDiagnosisCode_9, ClmDiagnosisCode_10
        ]) as diag_code
    from read_csv('{path}/outpatient.csv.gz', all_varchar = true, nullstr = 'NA')
)

select
    Provider as org_code,
    ClaimID || '/' || position as setl_list_diag_id,
    ClaimID as setl_id,
    ClaimID as mdtrt_id,
    null as diag_type,
    case when position = 1 then '1' else '0' end as maindiag_flag,
    diag_code as diag_code,
    null as diag_name,
    null as adm_cond_type,
    null as setl_list_sn,
    '1' as vali_flag,
    cast(ClaimEndDt as timestamp) as updt_time,
    null as src_updated_at
from claim
where
    diag_code is not null
    and cast(ClaimEndDt as timestamp) >= cast(:window_start as timestamp)
    and cast(ClaimEndDt as timestamp) < cast(:window_end as timestamp)
