{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['org_code', 'service_month'],
        on_schema_change='fail',
        pre_hook="{{ clear_changed_months(this, 'service_month') }}",
        indexes=[
            {'columns': ['org_code', 'fee_serial'], 'unique': true},
            {'columns': ['org_code', 'service_month']},
        ],
    )
}}

-- Grain: one insurance fee line net of its reversals, with a positive net quantity.
-- Rule: invalid lines (vali_flag other than 1) count for nothing, neither as line nor as reversal.
with valid_refunds as (
    select * from {{ ref('stg_insurance__fee_refund') }}
    where vali_flag = '1'
),

reversals as (
    {{ reversal_totals('valid_refunds', 'init_feedetl_sn') }}
),

reversed_scope as (
    select
        org_code,
        init_feedetl_sn as reversed_id,
        sum(inscp_amt) as inscp_amt
    from valid_refunds
    where is_reversal
    group by org_code, init_feedetl_sn
),

originals as (
    select
        org_code,
        bkkp_sn as fee_serial,
        mdtrt_id,
        setl_id,
        fee_ocur_time as fee_time,
        service_date,
        service_month,
        med_list_codg,
        medins_list_name as item_name,
        pric as price,
        cnt as qty,
        det_item_fee_sumamt as amount,
        inscp_amt,
        bilg_dept_codg as hi_dept_code,
        bilg_dr_code as hi_doctor_code,
        batch_id
    from {{ ref('stg_insurance__fee_list_d') }} as lines
    where
        vali_flag = '1'
        and not is_reversal
        and {{ in_changed_months(this, 'lines', 'service_month') }}
),

net as (
    select
        originals.org_code,
        originals.fee_serial,
        originals.mdtrt_id,
        originals.setl_id,
        originals.fee_time,
        originals.service_date,
        originals.service_month,
        originals.med_list_codg,
        originals.item_name,
        originals.price,
        cast(originals.qty + coalesce(reversals.qty, 0) as numeric(18, 4)) as net_qty,
        cast(originals.amount + coalesce(reversals.amount, 0) as numeric(18, 2)) as net_amount,
        cast(coalesce(originals.inscp_amt, 0) + coalesce(reversed_scope.inscp_amt, 0) as numeric(18, 2))
            as net_inscp_amount,
        cast(coalesce(reversals.reversal_count, 0) as integer) as reversal_count,
        originals.hi_dept_code,
        originals.hi_doctor_code,
        greatest(originals.batch_id, coalesce(reversals.batch_id, originals.batch_id)) as batch_id
    from originals
    left join reversals
        on
            originals.org_code = reversals.org_code
            and originals.fee_serial = reversals.reversed_id
    left join reversed_scope
        on
            originals.org_code = reversed_scope.org_code
            and originals.fee_serial = reversed_scope.reversed_id
),

kept as (
    select * from net
    where net_qty > 0
)

select * from kept
