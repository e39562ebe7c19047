-- claims.csv and claims_transactions.csv, one row a closed claim; claims that are only billed are
-- not settled. The total is the sum of its charges. Payments are not split: a payment line says
-- how it was paid (cash, check), not who paid it. Times are UTC and stay as they are.
select
    'S' || upper(left(replace(encounter.ORGANIZATION, '-', ''), 11)) as org_code,
    claim.Id as settle_id,
    null as orig_settle_id,
    case when encounter.ENCOUNTERCLASS = 'inpatient' then 'I' else 'O' end as encounter_type,
    claim.APPOINTMENTID as encounter_id,
    null as invoice_no,
    cast(claim.LASTBILLEDDATEP as timestamp) as settle_time,
    'final' as settle_kind,
    sum(cast(line.AMOUNT as decimal(18, 2))) as total_amount,
    null as insur_amount,
    null as acct_amount,
    null as cash_amount,
    null as hosp_amount,
    null as pay_channel,
    null as operator_code,
    null as refund_reason,
    null as refund_approver,
    null as hi_setl_id,
    null as src_updated_at
from read_csv('{path}/claims.csv', all_varchar = true) as claim
inner join read_csv('{path}/claims_transactions.csv', all_varchar = true) as line
    on line.CLAIMID = claim.Id and line.TYPE = 'CHARGE'
inner join read_csv('{path}/encounters.csv', all_varchar = true) as encounter
    on encounter.Id = claim.APPOINTMENTID
where
    claim.STATUSP = 'CLOSED'
    and cast(claim.LASTBILLEDDATEP as timestamp) >= cast(:window_start as timestamp)
    and cast(claim.LASTBILLEDDATEP as timestamp) < cast(:window_end as timestamp)
group by
    encounter.ORGANIZATION, claim.Id, encounter.ENCOUNTERCLASS, claim.APPOINTMENTID,
    claim.LASTBILLEDDATEP
