-- inpatient.csv.gz, outpatient.csv.gz and beneficiary.csv.gz, one row a claim. The billed amount
-- is not given: medfee_sumamt is what was reimbursed plus the deductible, a missing deductible
-- counting as none; fund_pay_sumamt is what was reimbursed. The claim's last day stands for the
-- time of settlement and of change. Amounts are US dollars, a whole claim each; there are no
-- refunds in the data. Where a person is insured is the state and the county of residence.
with claim as (
    select
        ClaimID, BeneID, Provider, ClaimStartDt, ClaimEndDt, ClmDiagnosisCode_1, '21' as med_type,
        cast(InscClaimAmtReimbursed as decimal(16, 2)) as reimbursed,
        cast(DeductibleAmtPaid as decimal(16, 2)) as deductible
    from read_csv('{path}/inpatient.csv.gz', all_varchar = true, nullstr = 'NA')
    union all
    select
        ClaimID, BeneID, Provider, ClaimStartDt, ClaimEndDt, ClmDiagnosisCode_1, '11' as med_type,
        cast(InscClaimAmtReimbursed as decimal(16, 2)) as reimbursed,
        cast(DeductibleAmtPaid as decimal(16, 2)) as deductible
    from read_csv('{path}/outpatient.csv.gz', all_varchar = true, nullstr = 'NA')
)

select
    claim.Provider as org_code,
    claim.ClaimID as setl_id,
    null as init_setl_id,
    null as medins_setl_id,
    claim.ClaimID as mdtrt_id,
    claim.BeneID as psn_key,
    claim.BeneID as psn_no,
    null as insutype,
    null as psn_type,
    person.Gender as gend,
    person.DOB as brdy,
    null as age,
    person.State || lpad(person.County, 3, '0') as insu_admdvs,
    claim.Provider as fixmedins_code,
    null as hosp_lv,
    claim.ClaimStartDt as begndate,
    claim.ClaimEndDt as enddate,
    cast(claim.ClaimEndDt as timestamp) as setl_time,
    claim.med_type as med_type,
    null as setl_type,
    null as clr_type,
    null as clr_way,
    null as psn_setlway,
    null as mdtrt_cert_type,
    claim.reimbursed + coalesce(claim.deductible, 0) as medfee_sumamt,
    null as fulamt_ownpay_amt,
    null as overlmt_selfpay,
    null as preselfpay_amt,
    null as inscp_amt,
    null as dedc_std,
    null as crt_dedc,
    claim.deductible as act_pay_dedc,
    null as pool_prop_selfpay,
    null as hifp_pay,
    null as cvlserv_pay,
    null as hifes_pay,
    null as hifmi_pay,
    null as hifob_pay,
    null as hifdm_pay,
    null as maf_pay,
    null as othfund_pay,
    claim.reimbursed as fund_pay_sumamt,
    claim.deductible as psn_pay,
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
    cast(claim.ClaimEndDt as timestamp) as updt_time,
    null as src_updated_at
from claim
left join read_csv('{path}/beneficiary.csv.gz', all_varchar = true, nullstr = 'NA') as person
    on person.BeneID = claim.BeneID
where
    cast(claim.ClaimEndDt as timestamp) >= cast(:window_start as timestamp)
    and cast(claim.ClaimEndDt as timestamp) < cast(:window_end as timestamp)
