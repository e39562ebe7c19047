-- Grain: one operation on a settlement list. Source: land.yb_setl_list_oprn_d.
with latest as (
    {{ latest_version('yb_setl_list_oprn_d', ['setl_list_oprn_id']) }}
),

typed as (
    select
        org_code,
        setl_list_oprn_id,
        mdtrt_id,
        nullif(trim(oprn_oprt_code), '') as oprn_oprt_code,
        main_oprn_flag,
        vali_flag,
        _batch_id as batch_id
    from latest
)

select * from typed
