-- Grain: one price limit of an item, region, hospital level and period. Source: insurance price limits.
with limits as (
    select
        org_code,
        med_list_codg,
        insu_admdvs,
        hosp_lv,
        pric_uplmt_amt as price_limit,
        begndate as valid_from,
        enddate as valid_to,
        batch_id
    from {{ ref('stg_insurance__price_limit') }}
)

select * from limits
