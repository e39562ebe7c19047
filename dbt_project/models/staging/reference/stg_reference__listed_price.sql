-- Grain: one published price of an item and period. Source: land.ref_listed_price.
with latest as (
    {{ latest_version('ref_listed_price', ['region_code', 'med_list_codg', 'price_kind', 'supplier_or_mah', 'valid_from']) }}
),

typed as (
    select
        org_code,
        region_code,
        med_list_codg,
        price_kind,
        cast(min_unit_price as numeric(18, 6)) as min_unit_price,
        supplier_or_mah,
        valid_from,
        valid_to,
        _batch_id as batch_id
    from latest
)

select * from typed
