-- Grain: one reversal of a drug or material in another month than the line that it takes back.
-- Rule: net lines stand in the month of the service; stores book what comes back when it comes back. Quantity and amount
-- are those of the reversal, negative.
-- Source: staging.stg_his__fee_refund.
with refunds as (
    select * from {{ ref('stg_his__fee_refund') }}
    where item_kind in ('drug', 'material')
),

returned as (
    select
        reversals.org_code,
        reversals.fee_id,
        reversals.orig_fee_id,
        reversals.encounter_id,
        reversals.fee_time as returned_at,
        reversals.dept_code,
        reversals.doctor_code,
        originals.item_kind,
        originals.item_code,
        originals.item_name,
        originals.unit,
        originals.service_month,
        reversals.service_month as return_month,
        reversals.qty,
        reversals.amount,
        reversals.batch_id
    from refunds as reversals
    inner join refunds as originals
        on
            originals.org_code = reversals.org_code
            and originals.fee_id = reversals.orig_fee_id
            and not originals.is_reversal
    where reversals.is_reversal and reversals.service_month <> originals.service_month
)

select * from returned
