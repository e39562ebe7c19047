-- Grain: one price limit of an item, region, hospital level and period. Source: land.yb_price_limit.
with latest as (
    {{ latest_version('yb_price_limit', ['med_list_codg', 'insu_admdvs', 'hosp_lv', 'begndate']) }}
),

typed as (
    select
        org_code,
        med_list_codg,
        insu_admdvs,
        hosp_lv,
        cast(pric_uplmt_amt as numeric(18, 6)) as pric_uplmt_amt,
        begndate,
        enddate,
        _batch_id as batch_id
    from latest
)

select * from typed
