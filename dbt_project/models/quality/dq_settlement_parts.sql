-- Grain: identities DQ3 to DQ6 by organisation and month of settlement.
-- Rule: total, cash, fund and scope of each valid insurance settlement equal the sum of their parts, refunds
-- included; a part that is not given makes the sum unknown.
-- Source: staging.stg_insurance__setl_d.
with settlements as (
    select
        org_code,
        setl_month as period_month,
        setl_id as row_key,
        medfee_sumamt - (fund_pay_sumamt + psn_pay + ownpay_hosp_part) as total_difference,
        cash_payamt - (psn_pay - coalesce(acct_pay, 0)) as cash_difference,
        coalesce(acct_mulaid_pay, 0) as mutual_aid,
        fund_pay_sumamt - (
            hifp_pay + cvlserv_pay + hifes_pay + hifmi_pay + hifob_pay + hifdm_pay + maf_pay + othfund_pay
        ) as fund_difference,
        medfee_sumamt - (fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_amt) as scope_difference
    from {{ ref('stg_insurance__setl_d') }}
    where vali_flag = '1'
),

checked as (
    select
        settlements.org_code,
        settlements.period_month,
        settlements.row_key,
        abs(settlements.total_difference) <= total_tolerance.value as total_holds,
        abs(settlements.cash_difference) <= cash_tolerance.value
        or abs(settlements.cash_difference + settlements.mutual_aid) <= cash_tolerance.value as cash_holds,
        abs(settlements.fund_difference) <= fund_tolerance.value as fund_holds,
        abs(settlements.scope_difference) <= scope_tolerance.value as scope_holds
    from settlements
    {{ threshold_join('total_tolerance', 'DQ3', 'tolerance', 'settlements.org_code', 'settlements.period_month') }}
    {{ threshold_join('cash_tolerance', 'DQ4', 'tolerance', 'settlements.org_code', 'settlements.period_month') }}
    {{ threshold_join('fund_tolerance', 'DQ5', 'tolerance', 'settlements.org_code', 'settlements.period_month') }}
    {{ threshold_join('scope_tolerance', 'DQ6', 'tolerance', 'settlements.org_code', 'settlements.period_month') }}
),

identity as (
    {{ identity_month('DQ3', 'yb_setl_d', 'checked', holds='total_holds') }}
    union all
    {{ identity_month('DQ4', 'yb_setl_d', 'checked', holds='cash_holds') }}
    union all
    {{ identity_month('DQ5', 'yb_setl_d', 'checked', holds='fund_holds') }}
    union all
    {{ identity_month('DQ6', 'yb_setl_d', 'checked', holds='scope_holds') }}
)

select * from identity
