-- Grain: one diagnosis on a settlement list. Source: land.yb_setl_list_diag_d.
with latest as (
    {{ latest_version('yb_setl_list_diag_d', ['setl_list_diag_id']) }}
),

typed as (
    select
        org_code,
        setl_list_diag_id,
        mdtrt_id,
        nullif(trim(diag_code), '') as diag_code,
        maindiag_flag,
        vali_flag,
        _batch_id as batch_id
    from latest
)

select * from typed
