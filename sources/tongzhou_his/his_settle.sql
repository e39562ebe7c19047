-- his_settle: one row a settlement. Sources: 门诊结算记录, 住院结算记录.
-- Normalised: kind. A refund names the settlement that it cancels.
select
    :org_code as org_code,
    to_char(id) as settle_id,
    to_char(原结算id) as orig_settle_id,
    'O' as encounter_type,
    to_char(挂号id) as encounter_id,
    实际票号 as invoice_no,
    收费时间 as settle_time,
    case 结算性质 when 1 then 'final' when 2 then 'interim' when 3 then 'refund' end as settle_kind,
    结算金额 as total_amount,
    医保基金 as insur_amount,
    个人帐户 as acct_amount,
    现金 as cash_amount,
    医院承担 as hosp_amount,
    结算方式 as pay_channel,
    操作员编号 as operator_code,
    退费原因 as refund_reason,
    退费审核人编号 as refund_approver,
    医保结算id as hi_setl_id,
    null as src_updated_at
from 门诊结算记录
where 收费时间 >= to_date(:window_start, 'YYYY-MM-DD HH24:MI:SS')
    and 收费时间 < to_date(:window_end, 'YYYY-MM-DD HH24:MI:SS')
union all
select
    :org_code as org_code,
    to_char(id) as settle_id,
    to_char(原结算id) as orig_settle_id,
    'I' as encounter_type,
    to_char(病人id) || '-' || to_char(主页id) as encounter_id,
    实际票号 as invoice_no,
    收费时间 as settle_time,
    case 结算性质 when 1 then 'final' when 2 then 'interim' when 3 then 'refund' end as settle_kind,
    结算金额 as total_amount,
    医保基金 as insur_amount,
    个人帐户 as acct_amount,
    现金 as cash_amount,
    医院承担 as hosp_amount,
    结算方式 as pay_channel,
    操作员编号 as operator_code,
    退费原因 as refund_reason,
    退费审核人编号 as refund_approver,
    医保结算id as hi_setl_id,
    null as src_updated_at
from 住院结算记录
where 收费时间 >= to_date(:window_start, 'YYYY-MM-DD HH24:MI:SS')
    and 收费时间 < to_date(:window_end, 'YYYY-MM-DD HH24:MI:SS')
