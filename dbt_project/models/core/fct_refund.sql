{{ config(indexes=[{'columns': ['org_code', 'settle_id'], 'unique': true}]) }}

-- Grain: one refund of a settlement of the HIS, with the settlement that it takes back.
-- Rule: amounts are positive. Where a part is given back, the HIS takes the whole settlement back and
-- settles the encounter again: settled_again is what was settled after the refund.
with settlements as (
    select * from {{ ref('stg_his__settle') }}
),

refunds as (
    select * from settlements
    where is_refund
),

settled_again as (
    select
        refunds.org_code,
        refunds.settle_id,
        sum(settlements.total_amount) as amount
    from refunds
    inner join settlements
        on
            refunds.org_code = settlements.org_code
            and refunds.encounter_type = settlements.encounter_type
            and refunds.encounter_id = settlements.encounter_id
            and refunds.settle_time < settlements.settle_time
    where not settlements.is_refund
    group by refunds.org_code, refunds.settle_id
),

described as (
    select
        refunds.org_code,
        refunds.settle_id,
        refunds.orig_settle_id,
        refunds.encounter_type,
        refunds.encounter_id,
        refunds.settle_time as refund_time,
        cast(refunds.settle_time as date) as refund_date,
        refunds.settle_month as refund_month,
        refunds.operator_code,
        refunds.refund_approver,
        refunds.refund_reason,
        cast(-refunds.total_amount as numeric(18, 2)) as refund_amount,
        cast(-coalesce(refunds.insur_amount, 0) as numeric(18, 2)) as insured_refund,
        cast(coalesce(originals.insur_amount, 0) as numeric(18, 2)) as insured_amount,
        cast(coalesce(settled_again.amount, 0) as numeric(18, 2)) as settled_again,
        {{ days_between('originals.settle_time', 'refunds.settle_time') }} as days_after,
        refunds.batch_id
    from refunds
    left join settlements as originals
        on
            refunds.org_code = originals.org_code
            and refunds.orig_settle_id = originals.settle_id
    left join settled_again
        on
            refunds.org_code = settled_again.org_code
            and refunds.settle_id = settled_again.settle_id
)

select * from described
