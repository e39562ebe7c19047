-- his_settle: one row a settlement, outpatient and inpatient. Sources: outpt_settle, inpt_settle.
-- Normalised: kind. A red settlement names the one that it cancels in red_id.
select
    :org_code as org_code,
    cast(id as char) as settle_id,
    cast(red_id as char) as orig_settle_id,
    'O' as encounter_type,
    cast(visit_id as char) as encounter_id,
    settle_no as invoice_no,
    settle_time,
    case settle_type_code when '1' then 'final' when '2' then 'interim' when '3' then 'refund' end as settle_kind,
    total_price as total_amount,
    mi_price as insur_amount,
    acct_pay as acct_amount,
    self_price as cash_amount,
    hosp_price as hosp_amount,
    source_pay_code as pay_channel,
    crte_code as operator_code,
    refund_reason,
    refund_audit_code as refund_approver,
    insure_settle_id as hi_setl_id,
    updt_time as src_updated_at
from outpt_settle
where updt_time >= :window_start and updt_time < :window_end
union all
select
    :org_code as org_code,
    cast(id as char) as settle_id,
    cast(red_id as char) as orig_settle_id,
    'I' as encounter_type,
    cast(visit_id as char) as encounter_id,
    settle_no as invoice_no,
    settle_time,
    case settle_type_code when '1' then 'final' when '2' then 'interim' when '3' then 'refund' end as settle_kind,
    total_price as total_amount,
    mi_price as insur_amount,
    acct_pay as acct_amount,
    self_price as cash_amount,
    hosp_price as hosp_amount,
    source_pay_code as pay_channel,
    crte_code as operator_code,
    refund_reason,
    refund_audit_code as refund_approver,
    insure_settle_id as hi_setl_id,
    updt_time as src_updated_at
from inpt_settle
where updt_time >= :window_start and updt_time < :window_end
