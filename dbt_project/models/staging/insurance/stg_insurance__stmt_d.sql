-- Grain: one day, kind of clearing, insurance and refund flag of the insurer's statement. Source: land.yb_stmt_d.
with latest as (
    {{ latest_version('yb_stmt_d', ['stmt_begndate', 'clr_type', 'insutype', 'refd_setl_flag']) }}
),

typed as (
    select
        org_code,
        stmt_begndate,
        clr_type,
        insutype,
        refd_setl_flag,
        cast(medfee_sumamt as numeric(18, 2)) as medfee_sumamt,
        fixmedins_setl_cnt,
        _batch_id as batch_id
    from latest
)

select * from typed
