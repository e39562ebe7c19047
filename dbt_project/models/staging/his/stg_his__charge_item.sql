-- Grain: one item of a hospital's price list. Source: land.his_charge_item.
with latest as (
    {{ latest_version('his_charge_item', ['item_code']) }}
),

typed as (
    select
        org_code,
        item_code,
        nullif(trim(med_list_codg), '') as med_list_codg,
        item_name,
        item_category,
        unit,
        cast(charge_price as numeric(18, 6)) as charge_price,
        _batch_id as batch_id
    from latest
)

select * from typed
