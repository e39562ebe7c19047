-- inpatient.csv.gz and beneficiary.csv.gz, one row a stay. Outpatient claims have no encounter of
-- their own and stay out. Diagnoses are ICD-9-CM without the dot; the first one is the principal
-- one. The way of discharge is not given. The source stamps no changes: updt_time is the last day
-- of the claim.
select
    stay.Provider as org_code,
    stay.ClaimID as mdtrt_id,
    null as medins_setl_id,
    stay.BeneID as psn_no,
    stay.BeneID as psn_key,
    null as insutype,
    null as psn_type,
    person.Gender as gend,
    person.DOB as brdy,
    stay.Provider as fixmedins_code,
    null as hosp_lv,
    cast(stay.AdmissionDt as timestamp) as begntime,
    cast(stay.DischargeDt as timestamp) as endtime,
    '21' as med_type,
    null as rloc_type,
    null as ipt_otp_no,
    null as medrcdno,
    stay.AttendingPhysician as chfpdr_code,
    null as adm_dept_codg,
    null as adm_dept_name,
    null as adm_bed,
    null as dscg_dept_codg,
    stay.ClmDiagnosisCode_1 as dscg_maindiag_code,
    null as dscg_maindiag_name,
    null as dscg_way,
    null as dise_no,
    stay.ClmProcedureCode_1 as oprn_oprt_code,
    null as inhosp_stas,
    date_diff('day', cast(stay.AdmissionDt as date), cast(stay.DischargeDt as date)) as ipt_days,
    null as refl_old_mdtrt_id,
    '1' as vali_flag,
    cast(stay.ClaimEndDt as timestamp) as updt_time,
    null as src_updated_at
from read_csv('{path}/inpatient.csv.gz', all_varchar = true, nullstr = 'NA') as stay
left join read_csv('{path}/beneficiary.csv.gz', all_varchar = true, nullstr = 'NA') as person
    on person.BeneID = stay.BeneID
where
    cast(stay.ClaimEndDt as timestamp) >= cast(:window_start as timestamp)
    and cast(stay.ClaimEndDt as timestamp) < cast(:window_end as timestamp)
