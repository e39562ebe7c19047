-- Grain: one insurance settlement. Source: land.yb_setl_d.
with latest as (
    {{ latest_version('yb_setl_d', ['setl_id']) }}
),

typed as (
    select
        org_code,
        setl_id,
        nullif(trim(init_setl_id), '') as init_setl_id,
        mdtrt_id,
        begndate,
        enddate,
        setl_time,
        {{ month_of('setl_time') }} as setl_month,
        med_type,
        cast(medfee_sumamt as numeric(18, 2)) as medfee_sumamt,
        cast(inscp_amt as numeric(18, 2)) as inscp_amt,
        cast(fund_pay_sumamt as numeric(18, 2)) as fund_pay_sumamt,
        refd_setl_flag,
        mid_setl_flag,
        vali_flag,
        _batch_id as batch_id
    from latest
)

select * from typed
