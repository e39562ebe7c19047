-- inpatient.csv.gz, outpatient.csv.gz and beneficiary.csv.gz, one row a claim: a stay is an encounter
-- of kind 21, an outpatient claim one of kind 11, whose first and last day stand for its times.
-- Diagnoses are ICD-9-CM without the dot; the first one is the principal one. The attending physician
-- is the doctor in charge. The way of discharge is not given. The source stamps no changes: updt_time
-- is the last day of the claim.
with encounter as (
    select
        ClaimID, BeneID, Provider, AdmissionDt as first_day, DischargeDt as last_day, ClaimEndDt,
        AttendingPhysician, ClmDiagnosisCode_1, ClmProcedureCode_1, '21' as med_type,
        date_diff('day', cast(AdmissionDt as date), cast(DischargeDt as date)) as days
    from read_csv('{path}/inpatient.csv.gz', all_varchar = true, nullstr = 'NA')
    union all
    select
        ClaimID, BeneID, Provider, ClaimStartDt as first_day, ClaimEndDt as last_day, ClaimEndDt,
        AttendingPhysician, ClmDiagnosisCode_1, ClmProcedureCode_1, '11' as med_type,
        null as days
    from read_csv('{path}/outpatient.csv.gz', all_varchar = true, nullstr = 'NA')
)

select
    encounter.Provider as org_code,
    encounter.ClaimID as mdtrt_id,
    null as medins_setl_id,
    encounter.BeneID as psn_no,
    encounter.BeneID as psn_key,
    null as insutype,
    null as psn_type,
    person.Gender as gend,
    person.DOB as brdy,
    encounter.Provider as fixmedins_code,
    null as hosp_lv,
    cast(encounter.first_day as timestamp) as begntime,
    cast(encounter.last_day as timestamp) as endtime,
    encounter.med_type as med_type,
    null as rloc_type,
    null as ipt_otp_no,
    null as medrcdno,
    encounter.AttendingPhysician as chfpdr_code,
    null as adm_dept_codg,
    null as adm_dept_name,
    null as adm_bed,
    null as dscg_dept_codg,
    encounter.ClmDiagnosisCode_1 as dscg_maindiag_code,
    null as dscg_maindiag_name,
    null as dscg_way,
    null as dise_no,
    encounter.ClmProcedureCode_1 as oprn_oprt_code,
    null as inhosp_stas,
    encounter.days as ipt_days,
    null as refl_old_mdtrt_id,
    '1' as vali_flag,
    cast(encounter.ClaimEndDt as timestamp) as updt_time,
    null as src_updated_at
from encounter
left join read_csv('{path}/beneficiary.csv.gz', all_varchar = true, nullstr = 'NA') as person
    on person.BeneID = encounter.BeneID
where
    cast(encounter.ClaimEndDt as timestamp) >= cast(:window_start as timestamp)
    and cast(encounter.ClaimEndDt as timestamp) < cast(:window_end as timestamp)
