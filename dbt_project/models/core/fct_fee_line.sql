{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['org_code', 'service_month'],
        on_schema_change='fail',
        pre_hook="{{ clear_changed_months(this, 'service_month') }}",
        indexes=[
            {'columns': ['org_code', 'fee_id'], 'unique': true},
            {'columns': ['org_code', 'service_month']},
        ],
    )
}}

-- Grain: one fee line net of its reversals, with a positive net quantity.
-- Rule: fully reversed lines are gone, over-refunded ones are in fct_over_refund; the month is that
-- of the service, never of the posting.
with reversals as (
    {{ reversal_totals(ref('stg_his__fee_refund'), 'orig_fee_id') }}
),

originals as (
    select * from {{ ref('stg_his__fee') }}
    where
        not is_reversal
        and {{ in_changed_months(this, 'stg_his__fee', 'service_month') }}
),

encounters as (
    select
        org_code,
        'O' as encounter_type,
        visit_id as encounter_id,
        hi_mdtrt_id
    from {{ ref('stg_his__outp_visit') }}
    union all
    select
        org_code,
        'I' as encounter_type,
        adm_id as encounter_id,
        hi_mdtrt_id
    from {{ ref('stg_his__admission') }}
),

net as (
    select
        originals.org_code,
        originals.fee_id,
        originals.encounter_type,
        originals.encounter_id,
        originals.patient_id,
        encounters.hi_mdtrt_id,
        originals.fee_time,
        originals.service_date,
        originals.service_month,
        originals.item_kind,
        originals.item_code,
        originals.item_name,
        originals.med_list_codg,
        originals.item_category,
        originals.unit,
        originals.unit_price,
        cast(originals.qty + coalesce(reversals.qty, 0) as numeric(18, 4)) as net_qty,
        cast(originals.amount + coalesce(reversals.amount, 0) as numeric(18, 2)) as net_amount,
        cast(coalesce(reversals.reversal_count, 0) as integer) as reversal_count,
        originals.dept_code,
        originals.doctor_code,
        originals.operator_code,
        originals.feedetl_sn,
        originals.hi_uploaded,
        originals.settle_id,
        originals.rx_item_id,
        originals.order_exec_id,
        originals.is_auto_billed,
        originals.order_id,
        originals.surgery_id,
        originals.udi,
        greatest(originals.batch_id, coalesce(reversals.batch_id, originals.batch_id)) as batch_id
    from originals
    left join reversals
        on
            originals.org_code = reversals.org_code
            and originals.fee_id = reversals.reversed_id
    left join encounters
        on
            originals.org_code = encounters.org_code
            and originals.encounter_type = encounters.encounter_type
            and originals.encounter_id = encounters.encounter_id
),

kept as (
    select * from net
    where net_qty > 0
)

select * from kept
