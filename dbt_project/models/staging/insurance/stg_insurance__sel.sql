-- Grain: one sale or return of a drug that an organisation reported (3505, 3506). Source: land.yb_sel.
with latest as (
    {{ latest_version('yb_sel', ['sel_id']) }}
),

typed as (
    select
        org_code,
        sel_id,
        fixmedins_hilist_id as item_code,
        nullif(trim(mdtrt_id), '') as mdtrt_id,
        cast(sel_retn_cnt as numeric(18, 4)) as qty_min_unit,
        cast(finl_trns_pric as numeric(18, 6)) as min_unit_price,
        sel_retn_time as sold_at,
        {{ month_of('sel_retn_time') }} as sale_month,
        nullif(trim(drug_trac_codg), '') as trace_codes,
        _batch_id as batch_id
    from latest
)

select * from typed
