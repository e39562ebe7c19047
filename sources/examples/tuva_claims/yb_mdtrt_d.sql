-- medical_claim_sample.csv of bill types 11x and eligibility_sample.csv, one row a stay: 9. Dates of
-- admission and discharge are empty: the claim's first and last day stand for them. Other claims have
-- no encounter of their own and stay out. Diagnoses are ICD-10-CM without the dot. Of the ways of
-- discharge only those that the national list knows are translated: home (01), another institution
-- (02, 03, 05, 06, 43, 62 to 66), against advice (07), died (20).
with stay as (
    select
        claim_id,
        min(facility_npi) as org_code,
        min(patient_id) as patient_id,
        min(claim_start_date) as first_day,
        max(claim_end_date) as last_day,
        min(rendering_npi) as doctor,
        min(diagnosis_code_1) as main_diagnosis,
        min(procedure_code_1) as main_procedure,
        min(discharge_disposition_code) as disposition
    from medical_claims
    where bill_type_code like '11%'
    group by claim_id
),

person as (
    select
        patient_id,
        min(birth_date) as birth_date,
        min(case gender when 'male' then '1' when 'female' then '2' end) as gender
    from eligibility
    group by patient_id
)

select
    stay.org_code as org_code,
    stay.claim_id as mdtrt_id,
    null as medins_setl_id,
    stay.patient_id as psn_no,
    stay.patient_id as psn_key,
    null as insutype,
    null as psn_type,
    person.gender as gend,
    person.birth_date as brdy,
    stay.org_code as fixmedins_code,
    null as hosp_lv,
    cast(stay.first_day as timestamp) as begntime,
    cast(stay.last_day as timestamp) as endtime,
    '21' as med_type,
    null as rloc_type,
    null as ipt_otp_no,
    null as medrcdno,
    stay.doctor as chfpdr_code,
    null as adm_dept_codg,
    null as adm_dept_name,
    null as adm_bed,
    null as dscg_dept_codg,
    stay.main_diagnosis as dscg_maindiag_code,
    null as dscg_maindiag_name,
    case
        when stay.disposition = '01' then '1'
        when stay.disposition in ('02', '03', '05', '06', '43', '62', '63', '64', '65', '66') then '2'
        when stay.disposition = '07' then '4'
        when stay.disposition = '20' then '5'
    end as dscg_way,
    null as dise_no,
    stay.main_procedure as oprn_oprt_code,
    null as inhosp_stas,
    date_diff('day', cast(stay.first_day as date), cast(stay.last_day as date)) as ipt_days,
    null as refl_old_mdtrt_id,
    '1' as vali_flag,
    cast(stay.last_day as timestamp) as updt_time,
    null as src_updated_at
from stay
left join person
    on person.patient_id = stay.patient_id
where
    cast(stay.last_day as timestamp) >= cast(:window_start as timestamp)
    and cast(stay.last_day as timestamp) < cast(:window_end as timestamp)
