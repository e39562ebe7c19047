-- medical_claim_sample.csv and eligibility_sample.csv, one row a claim. An institutional claim repeats
-- its totals on every line, a professional one has an amount a line: the former are taken once, the
-- latter added up. medfee_sumamt is the charge, fund_pay_sumamt what the plan paid, once less than
-- nothing; what the patient paid is not given. Paid dates are empty: the claim's last day stands for
-- the time of settlement and of change. Bill types 11x are stays (21), all else is outpatient (11).
with claim as (
    select
        claim_id,
        min(coalesce(facility_npi, billing_npi, rendering_npi)) as org_code,
        min(patient_id) as patient_id,
        min(claim_start_date) as first_day,
        max(claim_end_date) as last_day,
        case when min(bill_type_code) like '11%' then '21' else '11' end as med_type,
        case min(claim_type)
            when 'institutional' then max(cast(charge_amount as decimal(16, 2)))
            else sum(cast(charge_amount as decimal(16, 2)))
        end as charged,
        case min(claim_type)
            when 'institutional' then max(cast(paid_amount as decimal(16, 2)))
            else sum(cast(paid_amount as decimal(16, 2)))
        end as paid
    from medical_claims
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
    claim.org_code as org_code,
    claim.claim_id as setl_id,
    null as init_setl_id,
    null as medins_setl_id,
    claim.claim_id as mdtrt_id,
    claim.patient_id as psn_key,
    claim.patient_id as psn_no,
    null as insutype,
    null as psn_type,
    person.gender as gend,
    person.birth_date as brdy,
    null as age,
    null as insu_admdvs,
    claim.org_code as fixmedins_code,
    null as hosp_lv,
    claim.first_day as begndate,
    claim.last_day as enddate,
    cast(claim.last_day as timestamp) as setl_time,
    claim.med_type as med_type,
    null as setl_type,
    null as clr_type,
    null as clr_way,
    null as psn_setlway,
    null as mdtrt_cert_type,
    claim.charged as medfee_sumamt,
    null as fulamt_ownpay_amt,
    null as overlmt_selfpay,
    null as preselfpay_amt,
    null as inscp_amt,
    null as dedc_std,
    null as crt_dedc,
    null as act_pay_dedc,
    null as pool_prop_selfpay,
    null as hifp_pay,
    null as cvlserv_pay,
    null as hifes_pay,
    null as hifmi_pay,
    null as hifob_pay,
    null as hifdm_pay,
    null as maf_pay,
    null as othfund_pay,
    claim.paid as fund_pay_sumamt,
    null as psn_pay,
    null as acct_pay,
    null as cash_payamt,
    null as ownpay_hosp_part,
    null as acct_mulaid_pay,
    null as refd_setl_flag,
    null as mid_setl_flag,
    null as cal_ipt_cnt,
    null as year,
    null as dise_no,
    null as dise_name,
    null as invono,
    '1' as vali_flag,
    cast(claim.last_day as timestamp) as updt_time,
    null as src_updated_at
from claim
left join person
    on person.patient_id = claim.patient_id
where
    cast(claim.last_day as timestamp) >= cast(:window_start as timestamp)
    and cast(claim.last_day as timestamp) < cast(:window_end as timestamp)
