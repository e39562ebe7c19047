-- Grain: one insurance settlement. Source: land.yb_setl_d.
with latest as (
    {{ latest_version('yb_setl_d', ['setl_id']) }}
),

typed as (
    select
        org_code,
        setl_id,
        nullif(trim(init_setl_id), '') as init_setl_id,
        mdtrt_id,
        coalesce(nullif(trim(psn_key), ''), psn_no) as person_key,
        gend,
        brdy,
        nullif(trim(insu_admdvs), '') as insu_admdvs,
        begndate,
        enddate,
        setl_time,
        {{ month_of('setl_time') }} as setl_month,
        med_type,
        cast(medfee_sumamt as numeric(18, 2)) as medfee_sumamt,
        cast(fulamt_ownpay_amt as numeric(18, 2)) as fulamt_ownpay_amt,
        cast(overlmt_selfpay as numeric(18, 2)) as overlmt_selfpay,
        cast(preselfpay_amt as numeric(18, 2)) as preselfpay_amt,
        cast(inscp_amt as numeric(18, 2)) as inscp_amt,
        cast(hifp_pay as numeric(18, 2)) as hifp_pay,
        cast(cvlserv_pay as numeric(18, 2)) as cvlserv_pay,
        cast(hifes_pay as numeric(18, 2)) as hifes_pay,
        cast(hifmi_pay as numeric(18, 2)) as hifmi_pay,
        cast(hifob_pay as numeric(18, 2)) as hifob_pay,
        cast(hifdm_pay as numeric(18, 2)) as hifdm_pay,
        cast(maf_pay as numeric(18, 2)) as maf_pay,
        cast(othfund_pay as numeric(18, 2)) as othfund_pay,
        cast(fund_pay_sumamt as numeric(18, 2)) as fund_pay_sumamt,
        cast(psn_pay as numeric(18, 2)) as psn_pay,
        cast(acct_pay as numeric(18, 2)) as acct_pay,
        cast(acct_mulaid_pay as numeric(18, 2)) as acct_mulaid_pay,
        cast(cash_payamt as numeric(18, 2)) as cash_payamt,
        cast(ownpay_hosp_part as numeric(18, 2)) as ownpay_hosp_part,
        refd_setl_flag,
        mid_setl_flag,
        vali_flag,
        _batch_id as batch_id
    from latest
)

select * from typed
