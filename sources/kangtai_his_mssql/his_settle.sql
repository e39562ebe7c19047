-- his_settle: one row a settlement, outpatient and inpatient. Sources: ms_mzxx, zy_zyjs.
-- Normalised: kind (jslx 5 at discharge or visit, 1 interim, 9 refund).
select
    :org_code as org_code,
    cast(jsxh as varchar(40)) as settle_id,
    cast(thxh as varchar(40)) as orig_settle_id,
    'O' as encounter_type,
    cast(jzxh as varchar(40)) as encounter_id,
    fphm as invoice_no,
    sfrq as settle_time,
    case jslx when '5' then 'final' when '1' then 'interim' when '9' then 'refund' end as settle_kind,
    zjje as total_amount,
    ybje as insur_amount,
    zhje as acct_amount,
    xjje as cash_amount,
    0 as hosp_amount,
    fkfs as pay_channel,
    czgh as operator_code,
    tfyy as refund_reason,
    tfsh as refund_approver,
    ybjsid as hi_setl_id,
    null as src_updated_at
from ms_mzxx
where sfrq >= convert(datetime, :window_start, 120) and sfrq < convert(datetime, :window_end, 120)
union all
select
    :org_code as org_code,
    cast(jsxh as varchar(40)) as settle_id,
    cast(thxh as varchar(40)) as orig_settle_id,
    'I' as encounter_type,
    cast(zyh as varchar(40)) as encounter_id,
    fphm as invoice_no,
    jsrq as settle_time,
    case jslx when '5' then 'final' when '1' then 'interim' when '9' then 'refund' end as settle_kind,
    zjje as total_amount,
    ybje as insur_amount,
    zhje as acct_amount,
    xjje as cash_amount,
    0 as hosp_amount,
    fkfs as pay_channel,
    czgh as operator_code,
    tfyy as refund_reason,
    tfsh as refund_approver,
    ybjsid as hi_setl_id,
    null as src_updated_at
from zy_zyjs
where jsrq >= convert(datetime, :window_start, 120) and jsrq < convert(datetime, :window_end, 120)
