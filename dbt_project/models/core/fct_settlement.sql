-- Grain: one settlement of the HIS net of its refunds; fully refunded ones are gone.
-- Rule: a refund names the settlement it takes back; interim settlements stay, each for its own period.
-- Read after the list of batches that the build answers for: what is loaded later is told apart (row_balance).
-- depends_on: {{ ref('stg_ops__batch_in_build') }}
with settlements as (
    select * from {{ ref('stg_his__settle') }}
),

refunds as (
    select
        org_code,
        orig_settle_id,
        sum(total_amount) as total_amount,
        sum(insur_amount) as insur_amount,
        max(batch_id) as batch_id
    from settlements
    where is_refund
    group by org_code, orig_settle_id
),

net as (
    select
        settlements.org_code,
        settlements.settle_id,
        settlements.encounter_type,
        settlements.encounter_id,
        settlements.settle_time,
        settlements.settle_month,
        settlements.settle_kind,
        settlements.settle_kind = 'interim' as is_interim,
        cast(settlements.total_amount + coalesce(refunds.total_amount, 0) as numeric(18, 2)) as amount,
        cast(coalesce(settlements.insur_amount, 0) + coalesce(refunds.insur_amount, 0) as numeric(18, 2))
            as insured_amount,
        settlements.hi_setl_id,
        greatest(settlements.batch_id, coalesce(refunds.batch_id, settlements.batch_id)) as batch_id
    from settlements
    left join refunds
        on
            settlements.org_code = refunds.org_code
            and settlements.settle_id = refunds.orig_settle_id
    where
        not settlements.is_refund
        and settlements.settle_kind <> 'refund'
),

kept as (
    select * from net
    where amount > 0
)

select * from kept
