-- Grain: one insurance fee line; a reversal is a line of its own that names its original. Source: land.yb_fee_list_d.
with latest as (
    {{ latest_version('yb_fee_list_d', ['bkkp_sn']) }}
),

typed as (
    select
        org_code,
        bkkp_sn,
        nullif(trim(init_feedetl_sn), '') as init_feedetl_sn,
        {{ has_text('init_feedetl_sn') }} as is_reversal,
        mdtrt_id,
        nullif(trim(setl_id), '') as setl_id,
        fee_ocur_time,
        cast(fee_ocur_time as date) as service_date,
        {{ month_of('fee_ocur_time') }} as service_month,
        cast(cnt as numeric(18, 4)) as cnt,
        cast(pric as numeric(18, 6)) as pric,
        cast(det_item_fee_sumamt as numeric(18, 2)) as det_item_fee_sumamt,
        cast(inscp_amt as numeric(18, 2)) as inscp_amt,
        nullif(trim(med_list_codg), '') as med_list_codg,
        medins_list_name,
        bilg_dept_codg,
        bilg_dr_code,
        vali_flag,
        _batch_id as batch_id
    from latest
)

select * from typed
