-- Grain: one insurance fee line that takes something back, or that such a line names. The same rows as in
-- stg_insurance__fee_list_d, found without reading the others.
-- Source: land.yb_fee_list_d.
with refunds as (
    select
        org_code,
        bkkp_sn,
        nullif(trim(init_feedetl_sn), '') as init_feedetl_sn
    from {{ source('land', 'yb_fee_list_d') }}
    where init_feedetl_sn is not null or cnt < 0
),

refund_keys as (
    select
        org_code,
        bkkp_sn
    from refunds
    union
    select
        org_code,
        init_feedetl_sn as bkkp_sn
    from refunds
    where init_feedetl_sn is not null
),

latest as (
    {{ latest_version('yb_fee_list_d', ['bkkp_sn'], among='refund_keys') }}
),

typed as (
    select
        org_code,
        bkkp_sn,
        nullif(trim(init_feedetl_sn), '') as init_feedetl_sn,
        {{ has_text('init_feedetl_sn') }} as is_reversal,
        {{ month_of('fee_ocur_time') }} as service_month,
        cast(cnt as numeric(18, 4)) as qty,
        cast(det_item_fee_sumamt as numeric(18, 2)) as amount,
        cast(inscp_amt as numeric(18, 2)) as inscp_amt,
        vali_flag,
        _batch_id as batch_id
    from latest
)

select * from typed
